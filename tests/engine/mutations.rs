//! Mutations: their states, retries, pauses, the order within a scope, and how long they are kept.

use samekey::engine::{
    Failure, MutationAction, MutationId, MutationOptions, MutationState, MutationStatus,
    NetworkMode, Retry,
};

use super::host::{Host, MINUTE, SECOND, START, Told, mutation_retried};

fn add(host: &mut Host, options: MutationOptions, scope: Option<&str>) -> MutationId {
    host.engine.add_mutation(options, scope, None, host.at)
}

/// Begins a mutation that has no callbacks before its function.
fn mutate(host: &mut Host, mutation: MutationId) {
    host.engine.begin_mutation(mutation, host.at);
    host.engine.run_mutation(mutation, host.at);
    host.perform();
}

fn settle(host: &mut Host, mutation: MutationId, success: bool) {
    host.engine.settle_mutation(mutation, success);
    host.engine.run_next_mutation(mutation, host.at);
    host.perform();
}

fn fail(host: &mut Host, mutation: MutationId) -> Failure {
    let failure = host.engine.mutation_failed(mutation, host.verdict, host.at);
    host.perform();
    failure
}

fn state(host: &Host, mutation: MutationId) -> MutationState {
    host.engine.mutation_state(mutation).expect("the mutation is there")
}

fn runs(host: &mut Host) -> Vec<MutationId> {
    let told = host.told();
    told.into_iter()
        .filter_map(|told| match told {
            Told::MutationRun(mutation) => Some(mutation),
            _ => None,
        })
        .collect()
}

#[test]
fn a_mutation_goes_from_idle_through_pending_to_success() {
    let mut host = Host::new();
    let mutation = add(&mut host, MutationOptions::default(), None);
    assert_eq!(state(&host, mutation).status, MutationStatus::Idle);
    mutate(&mut host, mutation);
    let pending = state(&host, mutation);
    assert_eq!((pending.status, pending.submitted_at), (MutationStatus::Pending, START));
    settle(&mut host, mutation, true);
    assert_eq!(state(&host, mutation).status, MutationStatus::Success);
    assert_eq!(
        host.told(),
        [
            Told::Mutation(mutation, MutationAction::Pending),
            Told::MutationRun(mutation),
            Told::Mutation(mutation, MutationAction::Success),
        ]
    );
}

#[test]
fn a_mutation_is_not_retried_by_default() {
    let mut host = Host::new();
    let mutation = add(&mut host, MutationOptions::default(), None);
    mutate(&mut host, mutation);
    assert_eq!(fail(&mut host, mutation), Failure::Final);
    settle(&mut host, mutation, false);
    let failed = state(&host, mutation);
    assert_eq!((failed.status, failed.failure_count), (MutationStatus::Error, 1));
}

#[test]
fn a_mutation_is_retried_as_often_as_asked_after_each_delay() {
    let mut host = Host::new();
    let mutation = add(&mut host, mutation_retried(2, 50.0), None);
    mutate(&mut host, mutation);
    for failures in [1, 2] {
        assert_eq!(fail(&mut host, mutation), Failure::Retrying);
        assert_eq!(state(&host, mutation).failure_count, failures);
        host.told();
        host.pass(49.0);
        assert!(runs(&mut host).is_empty());
        host.pass(1.0);
        assert_eq!(runs(&mut host), [mutation]);
    }
    assert_eq!(fail(&mut host, mutation), Failure::Final);
}

#[test]
fn an_attempt_of_a_mutation_fails_once() {
    let mut host = Host::new();
    let mutation = add(&mut host, mutation_retried(2, 50.0), None);
    mutate(&mut host, mutation);
    assert_eq!(fail(&mut host, mutation), Failure::Retrying);
    assert_eq!(fail(&mut host, mutation), Failure::Ignored);
    assert_eq!(state(&host, mutation).failure_count, 1);
}

#[test]
fn success_forgets_the_failures_before_it() {
    let mut host = Host::new();
    let mutation = add(&mut host, mutation_retried(2, 0.0), None);
    mutate(&mut host, mutation);
    fail(&mut host, mutation);
    host.pass(0.0);
    settle(&mut host, mutation, true);
    assert_eq!(state(&host, mutation).failure_count, 0);
}

#[test]
fn a_mutation_begun_offline_pauses_and_goes_on_with_the_network() {
    let mut host = Host::new();
    host.go_offline();
    let mutation = add(&mut host, MutationOptions::default(), None);
    mutate(&mut host, mutation);
    assert!(state(&host, mutation).is_paused);
    assert!(host.engine.continue_mutation(mutation, host.at), "still offline");
    assert!(runs(&mut host).is_empty());
    host.at.online = true;
    assert!(host.engine.continue_mutation(mutation, host.at));
    assert!(!state(&host, mutation).is_paused);
    assert_eq!(
        host.told(),
        [Told::Mutation(mutation, MutationAction::Continue), Told::MutationRun(mutation),]
    );
}

#[test]
fn a_mutation_is_not_continued_while_its_first_callbacks_run() {
    let mut host = Host::new();
    host.go_offline();
    let mutation = add(&mut host, MutationOptions::default(), None);
    host.engine.begin_mutation(mutation, host.at);
    assert!(state(&host, mutation).is_paused);
    host.at.online = true;
    host.engine.continue_mutation(mutation, host.at);
    assert!(runs(&mut host).is_empty());
    host.engine.run_mutation(mutation, host.at);
    assert_eq!(runs(&mut host), [mutation]);
}

#[test]
fn a_context_announces_the_mutation_as_pending_once_more() {
    let mut host = Host::new();
    let mutation = add(&mut host, MutationOptions::default(), None);
    host.engine.begin_mutation(mutation, host.at);
    host.at.now += 5.0;
    host.engine.mutation_context_changed(mutation, host.at);
    assert_eq!(
        host.told(),
        [
            Told::Mutation(mutation, MutationAction::Pending),
            Told::Mutation(mutation, MutationAction::Pending),
        ]
    );
    assert_eq!(state(&host, mutation).submitted_at, START + 5.0);
}

#[test]
fn network_modes_hold_for_mutations_too() {
    for (network_mode, at_once) in
        [(NetworkMode::Online, 0), (NetworkMode::Always, 1), (NetworkMode::OfflineFirst, 1)]
    {
        let mut host = Host::new();
        host.go_offline();
        let options = MutationOptions { network_mode, ..mutation_retried(1, 0.0) };
        let mutation = add(&mut host, options, None);
        mutate(&mut host, mutation);
        assert_eq!(runs(&mut host).len(), at_once, "{network_mode:?}");
    }
}

#[test]
fn a_retry_that_is_due_on_a_hidden_page_pauses() {
    let mut host = Host::new();
    let mutation = add(&mut host, mutation_retried(1, 10.0), None);
    mutate(&mut host, mutation);
    fail(&mut host, mutation);
    host.hide();
    host.told();
    host.pass(10.0);
    assert_eq!(host.told(), [Told::Mutation(mutation, MutationAction::Pause)]);
    host.at.focused = true;
    host.engine.continue_mutation(mutation, host.at);
    assert_eq!(runs(&mut host), [mutation]);
}

#[test]
fn mutations_of_one_scope_run_one_after_another_in_their_order() {
    let mut host = Host::new();
    let all: Vec<_> =
        (0..3).map(|_| add(&mut host, MutationOptions::default(), Some("cart"))).collect();
    for &mutation in &all {
        mutate(&mut host, mutation);
    }
    assert_eq!(runs(&mut host), all[..1]);
    assert!(state(&host, all[1]).is_paused && state(&host, all[2]).is_paused);
    settle(&mut host, all[0], true);
    assert_eq!(runs(&mut host), all[1..2]);
    assert!(fail(&mut host, all[1]) == Failure::Final);
    settle(&mut host, all[1], false);
    assert_eq!(runs(&mut host), all[2..], "a failure holds nobody up");
}

#[test]
fn scopes_do_not_wait_for_each_other() {
    let mut host = Host::new();
    let scoped =
        ["one", "two"].map(|scope| add(&mut host, MutationOptions::default(), Some(scope)));
    let free = add(&mut host, MutationOptions::default(), None);
    for mutation in [scoped[0], scoped[1], free] {
        mutate(&mut host, mutation);
    }
    assert_eq!(runs(&mut host), [scoped[0], scoped[1], free]);
}

#[test]
fn the_next_of_a_scope_waits_for_the_network_if_it_has_to() {
    let mut host = Host::new();
    let [one, two] = [(); 2].map(|()| add(&mut host, MutationOptions::default(), Some("cart")));
    mutate(&mut host, one);
    mutate(&mut host, two);
    host.at.online = false;
    host.told();
    settle(&mut host, one, true);
    assert!(runs(&mut host).is_empty());
    host.at.online = true;
    host.engine.continue_mutation(two, host.at);
    assert_eq!(runs(&mut host), [two]);
}

#[test]
fn a_mutation_waiting_for_its_retry_holds_its_scope() {
    let mut host = Host::new();
    let one = add(&mut host, mutation_retried(1, 10.0), Some("cart"));
    let two = add(&mut host, MutationOptions::default(), Some("cart"));
    mutate(&mut host, one);
    mutate(&mut host, two);
    fail(&mut host, one);
    host.engine.continue_mutation(two, host.at);
    assert_eq!(runs(&mut host), [one]);
    host.pass(10.0);
    assert_eq!(runs(&mut host), [one]);
    settle(&mut host, one, true);
    assert_eq!(runs(&mut host), [two]);
}

#[test]
fn a_mutation_removed_while_it_runs_goes_on_but_holds_up_nobody() {
    let mut host = Host::new();
    let [one, two] = [(); 2].map(|()| add(&mut host, mutation_retried(1, 10.0), Some("cart")));
    mutate(&mut host, one);
    fail(&mut host, one);
    host.engine.remove_mutation(one);
    host.told();
    mutate(&mut host, two);
    assert_eq!(runs(&mut host), [two]);
    host.pass(SECOND);
    assert_eq!(runs(&mut host), [one], "those who hold it still wait for its outcome");
    host.engine.settle_mutation(one, true);
    assert_eq!(host.engine.mutation_state(one), None);
}

#[test]
fn a_mutation_removed_at_rest_is_forgotten_at_once() {
    let mut host = Host::new();
    let mutation = add(&mut host, MutationOptions::default(), Some("cart"));
    host.engine.remove_mutation(mutation);
    assert_eq!(host.engine.mutation_state(mutation), None);
}

#[test]
fn a_restored_pending_mutation_has_to_be_begun_by_the_host_and_continues() {
    let mut host = Host::new();
    let restored = MutationState {
        status: MutationStatus::Pending,
        is_paused: true,
        failure_count: 2,
        submitted_at: 7.0,
    };
    let mutation =
        host.engine.add_mutation(MutationOptions::default(), None, Some(restored), host.at);
    assert!(!host.engine.continue_mutation(mutation, host.at));
    mutate(&mut host, mutation);
    assert_eq!(
        host.told(),
        [Told::Mutation(mutation, MutationAction::Continue), Told::MutationRun(mutation),]
    );
    let begun = state(&host, mutation);
    assert_eq!((begun.is_paused, begun.failure_count, begun.submitted_at), (false, 2, 7.0));
}

#[test]
fn a_settled_mutation_has_nothing_to_continue() {
    let mut host = Host::new();
    let mutation = add(&mut host, MutationOptions::default(), None);
    mutate(&mut host, mutation);
    settle(&mut host, mutation, true);
    host.told();
    assert!(host.engine.continue_mutation(mutation, host.at));
    assert_eq!(host.told(), []);
}

#[test]
fn an_unobserved_mutation_is_kept_for_five_minutes() {
    let mut host = Host::new();
    let mutation = add(&mut host, MutationOptions::default(), None);
    host.pass(5.0 * MINUTE - 1.0);
    assert_eq!(host.told(), []);
    host.pass(1.0);
    assert_eq!(host.told(), [Told::MutationRemoved(mutation)]);
    assert_eq!(host.engine.mutation_state(mutation), None);
}

#[test]
fn a_pending_or_observed_mutation_is_not_collected() {
    let mut host = Host::new();
    let kept = MutationOptions { gc_time: Some(10.0), ..MutationOptions::default() };
    let pending = add(&mut host, kept, None);
    let observed = add(&mut host, kept, None);
    mutate(&mut host, pending);
    host.engine.observe_mutation(observed);
    host.pass(95.0);
    settle(&mut host, pending, true);
    host.engine.unobserve_mutation(observed, host.at);
    host.told();
    host.pass(5.0);
    assert_eq!(host.told(), [Told::MutationRemoved(pending)], "at its next round");
    host.pass(5.0);
    assert_eq!(host.told(), [Told::MutationRemoved(observed)]);
}

#[test]
fn the_last_of_several_observers_begins_the_gc_time() {
    let mut host = Host::new();
    let kept = MutationOptions { gc_time: Some(10.0), ..MutationOptions::default() };
    let mutation = add(&mut host, kept, None);
    host.engine.observe_mutation(mutation);
    host.engine.observe_mutation(mutation);
    host.engine.unobserve_mutation(mutation, host.at);
    host.pass(50.0);
    assert!(host.engine.mutation_state(mutation).is_some());
    host.engine.unobserve_mutation(mutation, host.at);
    host.pass(10.0);
    assert!(host.engine.mutation_state(mutation).is_none());
}

#[test]
fn the_longest_gc_time_and_the_last_retries_count() {
    let mut host = Host::new();
    let kept = |gc_time| MutationOptions { gc_time: Some(gc_time), ..mutation_retried(0, 0.0) };
    let mutation = add(&mut host, kept(10.0), None);
    host.engine.set_mutation_options(mutation, kept(30.0), host.at);
    let retried = MutationOptions { retry: Retry::Count(1), ..kept(20.0) };
    host.engine.set_mutation_options(mutation, retried, host.at);
    host.engine.observe_mutation(mutation);
    mutate(&mut host, mutation);
    assert_eq!(fail(&mut host, mutation), Failure::Retrying);
    host.pass(0.0);
    settle(&mut host, mutation, true);
    host.engine.unobserve_mutation(mutation, host.at);
    host.pass(29.0);
    assert!(host.engine.mutation_state(mutation).is_some());
    host.pass(1.0);
    assert!(host.engine.mutation_state(mutation).is_none());
}

#[test]
fn a_restored_mutation_whose_turn_it_is_in_its_scope_is_given_to_the_host() {
    let mut host = Host::new();
    let running = add(&mut host, MutationOptions::default(), Some("cart"));
    mutate(&mut host, running);
    let restored = MutationState {
        status: MutationStatus::Pending,
        is_paused: true,
        failure_count: 0,
        submitted_at: 7.0,
    };
    let next =
        host.engine.add_mutation(MutationOptions::default(), Some("cart"), Some(restored), host.at);
    host.told();
    host.engine.settle_mutation(running, true);
    assert_eq!(host.engine.run_next_mutation(running, host.at), Some(next));
    mutate(&mut host, next);
    assert_eq!(runs(&mut host), [next]);
}
