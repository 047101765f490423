//! The watch on one server: `CLIENT TRACKING`, armed again whenever it may have been lost.
//!
//! The server pushes the names of changed keys on the connection that reads and writes them. So a push is in
//! order with answers, and `NOLOOP` leaves out what this process wrote itself. What the server forgets with
//! the connection, nobody tells: the client connects again by itself, untracked. Therefore the watch ends at any
//! sign of trouble, and begins with a flush once the server has agreed again.

use std::sync::Arc;
use std::time::Duration;

use redis::{Cmd, PushInfo, PushKind, Value, cmd};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;

use super::answer::Replies;
use super::changes::Changes;
use super::link::{Link, pipeline};
use crate::server::store::{Change, StoreError, StoreErrorKind};

/// How often the server is asked whether it still tracks. A server that freezes closes nothing; this, and an
/// answer's timeout, is for how long its followers may not know.
const HEARTBEAT: Duration = Duration::from_millis(1_000);

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Why a watch cannot be kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unwatchable {
    /// The server knows no tracking.
    NoTracking,
}

/// Watches until the server turns out to know no tracking.
pub(super) async fn watch(link: Link, address: String, changes: Arc<Changes>) -> Unwatchable {
    let mut pushes = link.pushes();
    let mut prefixes = changes.prefixes();
    let mut pause = FIRST_PAUSE;
    loop {
        changes.watched(&address, false);
        // What was pushed before is part of "everything".
        while pushes.try_recv().is_ok() {}
        let Some(asked) = prefixes.borrow_and_update().clone() else {
            // The sender lives in `changes`, which is held here.
            let _ = prefixes.changed().await;
            continue;
        };
        match arm(&link, &asked).await {
            Ok(()) => {
                changes.watched(&address, true);
                pause = FIRST_PAUSE;
                tokio::select! {
                    () = follow(&mut pushes, &changes) => {}
                    () = until_untracked(&link) => {}
                    _ = prefixes.changed() => {}
                }
            }
            Err(error) if error.kind() == StoreErrorKind::Refused => {
                return Unwatchable::NoTracking;
            }
            Err(error) => {
                tracing::debug!(%address, %error, "not watched");
                sleep(pause).await;
                pause = (2 * pause).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Off first: the connection may be tracking already, and a server refuses the same prefix twice.
async fn arm(link: &Link, prefixes: &[String]) -> Result<(), StoreError> {
    let mut on = cmd("CLIENT");
    on.arg("TRACKING").arg("ON").arg("BCAST");
    for prefix in prefixes.iter().filter(|prefix| !prefix.is_empty()) {
        on.arg("PREFIX").arg(prefix);
    }
    on.arg("NOLOOP");
    let off = cmd("CLIENT").arg("TRACKING").arg("OFF").take();
    let mut replies = Replies::new(link.send(&pipeline([off, on])).await?);
    replies.next::<()>()?;
    replies.next()
}

/// Tells what is pushed until the connection is lost.
async fn follow(pushes: &mut UnboundedReceiver<PushInfo>, changes: &Changes) {
    while let Some(push) = pushes.recv().await {
        match push.kind {
            PushKind::Invalidate => match push.data.first() {
                Some(Value::Array(names)) => changes.changed(names.iter().filter_map(text)),
                // No names: the database was flushed.
                _ => changes.tell(&Change::Everything),
            },
            PushKind::Disconnection => return,
            _ => {}
        }
    }
}

fn text(name: &Value) -> Option<&str> {
    match name {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok(),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}

/// Returns when the server does not answer any more, or not on a tracked connection.
async fn until_untracked(link: &Link) {
    let info: Cmd = cmd("CLIENT").arg("TRACKINGINFO").take();
    loop {
        sleep(HEARTBEAT).await;
        let Ok(replies) = link.send(&pipeline([info.clone()])).await else { return };
        match Replies::new(replies).next::<Value>() {
            Ok(answer) if is_on(&answer) => {}
            // A server older than the question; that it answers is something.
            Err(error) if error.kind() == StoreErrorKind::Refused => {}
            _ => return,
        }
    }
}

/// Whether `on` is among the flags.
fn is_on(info: &Value) -> bool {
    match info {
        Value::Map(fields) => fields.iter().any(|(name, flags)| {
            text(name) == Some("flags") && matches!(flags, Value::Set(flags) | Value::Array(flags) if flags.iter().any(|flag| text(flag) == Some("on")))
        }),
        _ => false,
    }
}
