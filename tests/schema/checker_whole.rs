//! Faults of the whole: families, patterns and events that do not fit together.

use samekey::schema::{Code, parse_schema};

use super::checker::{SOUND, broken, findings_with};

/// The sound schema with one more family, which no event knows.
fn with_family(key: &str) -> String {
    format!("[families.more]\nkey = \"{key}\"\nttl = \"short\"\n\n[events.workspace_updated]")
}

#[test]
fn families_that_can_make_the_same_key() {
    for key in [
        "exec:board:{manager}:{limit}",     // other names, same shape
        "exec:board:ws1:{timeframe}",       // text where the other has a segment
        "exec:board:{workspace}[:{limit}]", // as long with its optional segment
        "exec:board:{workspace}:7d",
    ] {
        let finding =
            broken("[events.workspace_updated]", &with_family(key), Code::AmbiguousFamilies, key);
        assert!(finding.message.contains("family `board`"), "{finding}");
    }
}

#[test]
fn families_that_differ_in_text_or_length_are_fine() {
    for key in ["exec:board2:{workspace}:{timeframe}", "exec:board:{workspace}", "exec:board"] {
        assert_eq!(findings_with("[events.workspace_updated]", &with_family(key)).1, [], "{key}");
    }
}

#[test]
fn a_pattern_that_no_key_can_match() {
    for pattern in [
        "exec:bord:{workspace_id}:*",     // misspelt
        "board:{workspace_id}:*",         // prefix forgotten
        "exec:board:{workspace_id}:7d:*", // longer than any key
        "exec:board:{workspace_id}",      // shorter than any key
        "exec:{workspace_id}:board:*",    // in another order
        "*:{workspace_id}",
    ] {
        broken("exec:board:{workspace_id}:*", pattern, Code::DeadPattern, pattern);
    }
}

#[test]
fn a_dead_pattern_names_the_keys_that_may_have_been_meant() {
    let dead = "exec:bord:{workspace_id}:*";
    let finding = broken("exec:board:{workspace_id}:*", dead, Code::DeadPattern, dead);
    assert!(finding.help.contains("`exec:board:{workspace}:{timeframe}`"), "{finding}");
    let dead = "exc:board:{workspace_id}:*";
    let finding = broken("exec:board:{workspace_id}:*", dead, Code::DeadPattern, dead);
    assert!(finding.help.contains("no key begins like this"), "{finding}");
}

#[test]
fn a_field_that_stands_where_a_key_has_something_else() {
    let pattern = "exec:board:{user_id}:*";
    let finding = broken("exec:board:{workspace_id}:*", pattern, Code::MisplacedField, pattern);
    assert!(finding.message.contains("{workspace}"), "{finding}");
    let pattern = "exec:board:{workspace_id}:9d";
    broken("exec:board:{workspace_id}:*", pattern, Code::MisplacedField, pattern);
}

#[test]
fn a_manager_is_a_user_so_a_users_id_may_stand_there() {
    assert!(SOUND.contains("exec:team:{user_id}:*") && SOUND.contains("exec:team:{manager}"));
    let document = parse_schema(SOUND).unwrap();
    let patterns = document.schema.entity_patterns("user", "u1").unwrap();
    assert_eq!(patterns[0].as_str(), "exec:team:u1:*");
}

/// The workspace's event, written out instead of derived.
fn covering(patterns: &str) -> String {
    format!("entity = \"workspace\"\ninvalidates = [{patterns}]\n\n[events.run")
}

#[test]
fn a_family_that_its_entitys_event_leaves_out() {
    let other = "\"exec:team:*\"";
    for too_little in [other, "\"exec:board:{workspace_id}:7d\", \"exec:team:*\""] {
        let new = covering(too_little);
        let finding = broken(
            "entity = \"workspace\"\n\n[events.run",
            &new,
            Code::UncoveredFamily,
            "[events.workspace_updated]",
        );
        assert!(finding.message.contains("family `board`"), "{finding}");
        assert!(finding.help.contains("leaves_out = [\"board\"]"), "{finding}");
    }
    for enough in [
        "\"exec:board:{workspace_id}:*\"",
        "\"exec:board:*\"",
        "\"exec:*:{workspace_id}:*\", \"exec:*\"",
    ] {
        let (_, findings) =
            findings_with("entity = \"workspace\"\n\n[events.run", &covering(enough));
        // A star over families of other entities may be misplaced; uncovered nothing is.
        assert!(findings.iter().all(|f| f.code != Code::UncoveredFamily), "{findings:?}");
    }
}

#[test]
fn a_pattern_for_the_long_form_does_not_cover_the_short_one() {
    let more = "[families.more]\nkey = \"x:{workspace}[:{limit}]\"\nttl = \"short\"\n\n[events.workspace_updated]\n\
                invalidates = [\"exec:board:{workspace_id}:*\", \"x:{workspace_id}:*\"]";
    let finding = broken(
        "[events.workspace_updated]",
        more,
        Code::UncoveredFamily,
        "[events.workspace_updated]",
    );
    assert!(finding.message.contains("family `more`"), "{finding}");
    assert_eq!(
        findings_with(
            "[events.workspace_updated]",
            &more.replace("\"x:{workspace_id}:*", "\"x:{workspace_id}\", \"x:{workspace_id}:*")
        )
        .1,
        []
    );
}

#[test]
fn a_family_left_out_on_purpose_is_no_finding() {
    let new =
        covering("\"exec:team:*\"").replace("invalidates", "leaves_out = [\"board\"]\ninvalidates");
    assert_eq!(findings_with("entity = \"workspace\"\n\n[events.run", &new).1, []);
}

#[test]
fn an_exception_that_is_no_longer_needed() {
    let new = covering("\"exec:board:*\"")
        .replace("invalidates", "leaves_out = [\"board\"]\ninvalidates");
    broken("entity = \"workspace\"\n\n[events.run", &new, Code::IdleException, "leaves_out");
    let new = "entity = \"workspace\"\nleaves_out = [\"nothing\"]\n\n[events.run";
    broken("entity = \"workspace\"\n\n[events.run", new, Code::UnknownFamily, "nothing");
}

#[test]
fn a_derived_event_covers_every_family_but_those_left_out() {
    let new = "entity = \"workspace\"\nleaves_out = [\"board\"]\n\n[events.run";
    let (source, findings) = findings_with("entity = \"workspace\"\n\n[events.run", new);
    assert_eq!(findings, []);
    let left_out = parse_schema(&source).unwrap().schema;
    assert!(
        left_out.event_patterns("workspace_updated", &[("workspace_id", "w")]).unwrap().is_empty()
    );
    let all = parse_schema(SOUND).unwrap().schema;
    let patterns = all.event_patterns("workspace_updated", &[("workspace_id", "w")]).unwrap();
    assert_eq!(patterns[0].as_str(), "exec:board:w:*");
}

#[test]
fn an_endpoint_that_does_not_say_which_key_it_answers_for() {
    let sound = "/board/{workspace}?timeframe={timeframe}";
    for endpoint in [
        "/board/{workspace}",                           // timeframe left out
        "/board/{workspace}?t={timeframe}&u={manager}", // not in the key
        "board/{workspace}?timeframe={timeframe}",      // no path
        "/board/{workspace}[?timeframe={timeframe}]",   // may be missing in the URL only
    ] {
        broken(sound, endpoint, Code::BadEndpoint, endpoint);
    }
}

#[test]
fn every_kind_of_finding_has_a_test_here() {
    let tests = concat!(include_str!("checker.rs"), include_str!("checker_whole.rs"));
    for code in Code::ALL {
        let tested = format!("Code::{code:?},");
        assert!(tests.contains(&tested), "{tested}");
    }
}
