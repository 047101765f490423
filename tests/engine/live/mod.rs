//! The connection to a stream of invalidations, with a clock turned by hand: when it connects, what it believes, when
//! it gives up.

mod any_order;
mod believing;
mod connecting;
mod refusals;
mod silence;
mod tabs;
mod tabs_model;
mod trying_again;

use samekey::engine::Moment;
use samekey::engine::live::{Link, Since, Steps};

const START: f64 = 1_700_000_000_000.0;
const SECOND: f64 = 1_000.0;
const BEAT: f64 = 15.0 * SECOND;
const NONE: f64 = f64::NAN;

/// A link that is stopped.
fn link() -> (Link, Moment) {
    (Link::new(false, false, 7), Moment::at(START))
}

/// A link whose server has just greeted it.
fn open() -> (Link, Moment) {
    let (mut link, at) = link();
    let _ = link.start(at);
    let _ = link.greeted(BEAT, Since::LookBack, at);
    (link, at)
}

fn later(at: Moment, millis: f64) -> Moment {
    Moment { now: at.now + millis, ..at }
}

fn offline(at: Moment) -> Moment {
    Moment { online: false, ..at }
}

fn hidden(at: Moment) -> Moment {
    Moment { focused: false, ..at }
}

/// Milliseconds until the deadline.
fn wait(link: &Link, at: Moment) -> f64 {
    link.next_deadline().expect("a deadline") - at.now
}

/// Turns the clock to the next deadline.
fn wake(link: &mut Link, at: &mut Moment) -> Steps {
    at.now = link.next_deadline().expect("a deadline");
    link.wake(*at)
}
