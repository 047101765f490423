//! Tabs of one browser that share a connection, with a clock turned by hand: who has it, who takes it over, and what a tab
//! believes of what another passes on.

mod a_leader_that_stands_still;
mod electing;
mod losing_the_server;
mod what_is_passed_on;

use samekey::engine::Moment;
use samekey::engine::live::{Link, Since};

use super::{BEAT, SECOND, START, hidden, later, wait, wake};

/// A tab in the queue, that knows of nobody.
fn queued() -> (Link, Moment) {
    let (mut link, at) = (Link::new(false, true, 7), Moment::at(START));
    let _ = link.start(at);
    let _ = link.entered(at);
    (link, at)
}

/// A tab that the server has greeted.
fn leader() -> (Link, Moment) {
    let (mut link, at) = queued();
    let _ = link.elected(at);
    let _ = link.greeted(BEAT, Since::LookBack, at);
    (link, at)
}

/// A tab that a leader has answered; the next frame is number 8.
fn follower() -> (Link, Moment) {
    let (mut link, at) = queued();
    let _ = link.welcomed(BEAT, 7.0, at);
    (link, at)
}
