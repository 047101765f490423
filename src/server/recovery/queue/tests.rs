use super::*;

const DAY: Duration = Duration::from_secs(86_400);

fn queue() -> (Queue, Instant) {
    (Queue::new(3, 3, DAY), Instant::now())
}

/// Where there is one server.
fn nowhere(_: &str) -> Option<(Shard, u64)> {
    None
}

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).unwrap()
}

#[test]
fn a_key_is_queued_once_and_the_newest_counts() {
    let (mut queue, now) = queue();
    queue.add_key("a:1", now);
    let old = queue.batch(now);
    queue.add_key("a:1", now + DAY / 2);
    assert_eq!(queue.len(), 1);
    queue.done_keys(&old.keys);
    assert!(queue.distrusts("a:1", nowhere), "queued again while the first was carried out");
    assert_eq!(queue.batch(now + DAY).keys.len(), 1, "it lives as long as the newest");
}

#[test]
fn what_is_queued_is_not_trusted_and_its_neighbours_are() {
    let (mut queue, now) = queue();
    queue.add_key("exec:kpis:ws1", now);
    queue.add_pattern(&pattern("agent:*:a7:*"), &DoneOn::default(), now);
    for key in ["exec:kpis:ws1", "agent:analytics:a7:7d"] {
        assert!(queue.distrusts(key, nowhere));
    }
    for key in ["exec:kpis:ws2", "agent:analytics:a8:7d"] {
        assert!(!queue.distrusts(key, nowhere));
    }
    let batch = queue.batch(now);
    queue.done_keys(&batch.keys);
    for of in &batch.patterns {
        queue.done_pattern(of);
    }
    assert_eq!(queue.len(), 0);
    assert!(!queue.distrusts("exec:kpis:ws1", nowhere));
}

#[test]
fn too_many_keys_become_their_family_and_take_no_more_room() {
    let (mut queue, now) = queue();
    queue.add_key("user:activity:u1:today", now);
    for workspace in 0..1_000 {
        queue.add_key(&format!("exec:kpis:ws{workspace}"), now);
    }
    assert!(
        queue.distrusts("exec:kpis:ws0", nowhere) && queue.distrusts("exec:kpis:ws999", nowhere)
    );
    assert!(queue.distrusts("exec:dashboard:ws5:7d", nowhere), "more than has to be");
    assert!(!queue.distrusts("user:activity:u2:today", nowhere), "the other family is as it was");
    assert!(queue.distrusts("user:activity:u1:today", nowhere));
    assert!(queue.len() <= 4 && queue.widened() > 0, "{queue:?}");
}

#[test]
fn too_many_patterns_become_their_family() {
    let (mut queue, now) = queue();
    for workspace in 0..1_000 {
        queue.add_pattern(&pattern(&format!("exec:*:ws{workspace}:*")), &DoneOn::default(), now);
        queue.add_pattern(&pattern(&format!("ws:overview:ws{workspace}")), &DoneOn::default(), now);
    }
    for key in ["exec:dashboard:ws0:7d", "exec:dashboard:ws999:7d", "ws:overview:ws500"] {
        assert!(queue.distrusts(key, nowhere));
    }
    assert!(!queue.distrusts("agent:analytics:a7:7d", nowhere));
    assert!(queue.len() <= 4, "{queue:?}");
}

#[test]
fn nothing_is_ever_widened_to_all_keys() {
    let (mut queue, now) = queue();
    for n in 0..10 {
        queue.add_pattern(&pattern(&format!("*:x{n}:*")), &DoneOn::default(), now);
        queue.add_key(&format!("single{n}"), now);
    }
    assert_eq!(queue.len(), 20, "no family is known of these: they are kept as they are");
    assert!(!queue.distrusts("celery:task:1", nowhere));
}

#[test]
fn what_can_no_longer_be_there_is_dropped() {
    let (mut queue, now) = queue();
    queue.add_key("a:1", now);
    queue.add_pattern(&pattern("b:*"), &DoneOn::default(), now + Duration::from_secs(1));
    let batch = queue.batch(now + DAY);
    assert_eq!((batch.keys.len(), batch.patterns.len(), queue.expired()), (0, 1, 1));
}

#[test]
fn what_was_asked_for_long_ago_is_dropped_by_so_much_sooner_and_no_more() {
    let (mut queue, now) = queue();
    queue.add_old_key("a:1", DAY / 2, now);
    queue.add_old_pattern(&pattern("b:*"), DAY / 2, now);
    let second = Duration::from_secs(1);
    queue.batch(now + DAY / 2 - second);
    assert_eq!(queue.len(), 2);
    queue.batch(now + DAY / 2 + second);
    assert_eq!((queue.len(), queue.expired()), (0, 2));
}

#[test]
fn a_write_that_succeeds_takes_its_key_out_unless_it_was_queued_meanwhile() {
    let (mut queue, now) = queue();
    queue.add_key("a:1", now);
    let began = queue.number();
    queue.forget("a:1", began);
    assert!(!queue.distrusts("a:1", nowhere));
    queue.add_key("a:1", now);
    queue.forget("a:1", began);
    assert!(queue.distrusts("a:1", nowhere));
}

#[test]
fn a_pattern_is_believed_where_it_has_been_carried_out() {
    let (mut queue, now) = queue();
    let (a, b) = (Shard::new("a:1"), Shard::new("b:1"));
    let at = |key: &str| Some((Shard::new(if key.ends_with('1') { "a:1" } else { "b:1" }), 0));
    queue.add_pattern(&pattern("exec:*"), &DoneOn::new(vec![a.clone()], 0), now);
    assert!(!queue.distrusts("exec:x1", at) && queue.distrusts("exec:x2", at));
    // Another server has the keys now: nothing is known of it.
    assert!(queue.distrusts("exec:x1", |_| Some((Shard::new("c:1"), 0))));
    let batch = queue.batch(now);
    queue.done_on(&batch.patterns[0], &DoneOn::new(vec![b], 0));
    assert!(!queue.distrusts("exec:x2", at));
    // Asked for anew: everywhere.
    queue.add_pattern(&pattern("exec:*"), &DoneOn::default(), now);
    queue.done_on(&batch.patterns[0], &DoneOn::new(vec![a], 0));
    assert!(queue.distrusts("exec:x1", at) && queue.distrusts("exec:x2", at));
}

#[test]
fn where_it_has_been_carried_out_it_is_not_believed_once_keys_have_moved() {
    let (mut queue, now) = queue();
    let (a, b) = (Shard::new("a:1"), Shard::new("b:1"));
    queue.add_pattern(&pattern("exec:*"), &DoneOn::new(vec![a.clone()], 7), now);
    let is_believed = |queue: &Queue, on: &Shard, moves: u64| {
        !queue.distrusts("exec:x", |_| Some((on.clone(), moves)))
    };
    assert!(is_believed(&queue, &a, 7) && !is_believed(&queue, &b, 7));
    assert!(!is_believed(&queue, &a, 8), "it may have come from the other");
    // Carried out on the other since: what it was on the first does not count with that.
    let due = queue.batch(now).patterns.remove(0);
    queue.done_on(&due, &DoneOn::new(vec![b.clone()], 8));
    assert!(!is_believed(&queue, &a, 8) && is_believed(&queue, &b, 8));
    queue.done_on(&due, &DoneOn::new(vec![a.clone()], 8));
    assert!(is_believed(&queue, &a, 8) && is_believed(&queue, &b, 8));
}
