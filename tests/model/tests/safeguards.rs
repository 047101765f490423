//! Each safeguard is needed: without it, the search finds an order of steps that serves something stale. And it is found
//! with the reductions as without.

use samekey_model::{A, B, Losses, REFRESH, Reductions, Safeguard, Scenario, search};

/// Two readers on the node that invalidates, one on another.
const INVALIDATED: Scenario = Scenario::new(&[A, A, B], &[0]);

/// Somebody refreshes on the node where others read.
const REFRESHED: Scenario = Scenario { silent_commits: 2, ..Scenario::new(&[A, REFRESH, A], &[]) };

const REFRESHED_TWICE: Scenario =
    Scenario { silent_commits: 2, ..Scenario::new(&[REFRESH, REFRESH, A], &[]) };

/// The fewest steps to something stale when `safeguard` is left out.
fn is_needed(safeguard: Safeguard, scenario: Scenario) {
    let without = scenario.without(safeguard);
    let story = |scenario: &Scenario, reductions| {
        search(scenario, reductions).expect_err("nothing stale is served without it either")
    };
    for losses in [Losses::AtMost(1), Losses::Any] {
        let without = without.losing(losses);
        assert!(story(&without, Reductions::ALL).len() > 3);
    }
    let told = story(&without.losing(Losses::AtMost(1)), Reductions::NONE);
    assert!(told.len() > 3, "{told:#?}");
    println!("{told:#?}");
}

#[test]
fn without_the_lease_on_the_write_a_compute_from_before_is_stored_after() {
    is_needed(Safeguard::LeaseOnWrite, INVALIDATED);
}

#[test]
fn if_leases_outlived_an_invalidation_a_compute_from_before_would_be_stored() {
    is_needed(Safeguard::LeasesDeleted, INVALIDATED);
}

#[test]
fn if_the_data_went_before_the_leases_a_holder_could_store_in_between() {
    is_needed(Safeguard::LeasesFirst, INVALIDATED);
}

#[test]
fn without_the_fence_a_read_from_before_is_put_into_the_process_after() {
    is_needed(Safeguard::FenceOnInsert, INVALIDATED);
}

#[test]
fn without_the_second_look_at_the_fence_a_drop_can_come_between_look_and_insert() {
    is_needed(Safeguard::RecheckOnInsert, INVALIDATED);
}

#[test]
fn without_the_second_drop_a_read_during_the_deletion_stays() {
    is_needed(Safeguard::SecondDrop, INVALIDATED);
}

#[test]
fn without_tickets_a_passenger_is_served_what_another_node_has_invalidated() {
    is_needed(Safeguard::Tickets, INVALIDATED);
}

#[test]
fn if_a_write_that_is_not_kept_did_not_drop_what_it_wrote_over_that_could_stay() {
    is_needed(Safeguard::DropWrittenOver, REFRESHED_TWICE);
}

#[test]
fn if_a_write_did_not_overtake_the_reads_during_it_they_could_put_back_the_old_value() {
    is_needed(Safeguard::WriteEnds, REFRESHED);
}
