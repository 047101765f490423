//! The watch on one server: `CLIENT TRACKING`, armed again whenever it may have been lost.
//!
//! The server pushes the names of changed keys on the connection that reads and writes them. So a push is in
//! order with answers, and `NOLOOP` leaves out what this process wrote itself. What the server forgets with
//! the connection, nobody tells: the client connects again by itself, untracked. Therefore the watch ends at any
//! sign of trouble, and begins with a flush once the server has agreed again.

use std::sync::Arc;
use std::time::Duration;

use redis::{PushInfo, PushKind, Value, cmd};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;

use super::announcing::Announcing;
use super::answer::Replies;
use super::changes::Changes;
use super::link::{Link, pipeline};
use super::standing::Standing;
use crate::server::store::{Change, StoreError, StoreErrorKind};

/// How often the server is asked whether it still tracks. A server that freezes closes nothing; this, and an
/// answer's timeout, is for how long its followers may not know.
const HEARTBEAT: Duration = Duration::from_millis(1_000);

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Watches for as long as it is let. Where the server knows no tracking, by what others announce.
pub(super) async fn watch(
    link: Link,
    address: String,
    changes: Arc<Changes>,
    announcing: Option<Arc<Announcing>>,
    standing: Option<Arc<Standing>>,
) {
    if let Some(standing) = &standing {
        link.overhear(standing.clone());
    }
    let mut pushes = link.pushes();
    let mut prefixes = changes.prefixes();
    let mut pause = FIRST_PAUSE;
    loop {
        changes.watched(&address, false);
        standing.iter().for_each(|standing| standing.lost());
        // What was pushed before is part of "everything".
        while pushes.try_recv().is_ok() {}
        let Some(asked) = prefixes.borrow_and_update().clone() else {
            // The sender lives in `changes`, which is held here.
            let _ = prefixes.changed().await;
            continue;
        };
        match arm(&link, &asked, announcing.as_deref()).await {
            Ok(how) => {
                if let (How::Announced, Some(announcing)) = (how, &announcing) {
                    announcing.begin(&link);
                }
                if let (How::Tracked, Some(standing)) = (how, &standing) {
                    standing.watched(&asked);
                }
                changes.watched(&address, true);
                pause = FIRST_PAUSE;
                tokio::select! {
                    () = follow(&mut pushes, &changes, announcing.as_deref()) => {}
                    () = until_lost(&link, how) => {}
                    _ = prefixes.changed() => {}
                }
            }
            Err(error) => {
                tracing::debug!(%address, %error, "not watched");
                sleep(pause).await;
                pause = (2 * pause).min(LONGEST_PAUSE);
            }
        }
    }
}

/// By what changes are told.
#[derive(Clone, Copy)]
enum How {
    Tracked,
    Announced,
}

async fn arm(
    link: &Link,
    prefixes: &[String],
    announcing: Option<&Announcing>,
) -> Result<How, StoreError> {
    let Some(announcing) = announcing else {
        return track(link, prefixes).await.map(|()| How::Tracked);
    };
    if !announcing.is_preferred() {
        match track(link, prefixes).await {
            Ok(()) => return Ok(How::Tracked),
            // It knows no tracking, or does not allow it.
            Err(error) if is_no(&error) => {}
            Err(error) => return Err(error),
        }
    }
    announcing.listen(link).await.map(|()| How::Announced)
}

/// Off first: the connection may be tracking already, and a server refuses the same prefix twice.
async fn track(link: &Link, prefixes: &[String]) -> Result<(), StoreError> {
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
async fn follow(
    pushes: &mut UnboundedReceiver<PushInfo>,
    changes: &Changes,
    announcing: Option<&Announcing>,
) {
    while let Some(push) = pushes.recv().await {
        match push.kind {
            PushKind::Invalidate => match names_in(&push) {
                Some(names) => changes.changed(names),
                // The database was flushed.
                None => changes.tell(&Change::Everything),
            },
            // The channel, which is the only one, and what was said.
            PushKind::Message => {
                let said = push.data.get(1).and_then(bytes);
                let heard =
                    announcing.zip(said).and_then(|(announcing, said)| announcing.hear(said));
                heard.iter().for_each(|change| changes.tell(change));
            }
            PushKind::Disconnection => return,
            _ => {}
        }
    }
}

/// The names that the server tells of; nothing where it means all of them.
pub(super) fn names_in(push: &PushInfo) -> Option<impl Iterator<Item = &str>> {
    match push.data.first() {
        Some(Value::Array(names)) => Some(names.iter().filter_map(text)),
        _ => None,
    }
}

fn bytes(value: &Value) -> Option<&[u8]> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        _ => None,
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
async fn until_lost(link: &Link, how: How) {
    let question = match how {
        How::Tracked => cmd("CLIENT").arg("TRACKINGINFO").take(),
        How::Announced => cmd("PING"),
    };
    let question = pipeline([question]);
    loop {
        sleep(HEARTBEAT).await;
        // Asked twice: one late answer is a busy moment, and to be without copies makes it busier.
        let replies = match link.send(&question).await {
            Err(_) => link.send(&question).await,
            answered => answered,
        };
        let Ok(replies) = replies else { return };
        match (how, Replies::new(replies).next::<Value>()) {
            (How::Announced, Ok(_)) => {}
            (How::Tracked, Ok(answer)) if is_on(&answer) => {}
            // A server that is older than the question, or does not allow it; that it answers is something.
            (How::Tracked, Err(error)) if is_no(&error) => {}
            _ => return,
        }
    }
}

/// The server has understood and will not.
fn is_no(error: &StoreError) -> bool {
    matches!(error.kind(), StoreErrorKind::Refused | StoreErrorKind::Denied)
}

/// What `CLIENT TRACKINGINFO` answers: whether `on` is among the flags.
pub(super) fn is_on(info: &Value) -> bool {
    match info {
        Value::Map(fields) => fields.iter().any(|(name, flags)| {
            text(name) == Some("flags") && matches!(flags, Value::Set(flags) | Value::Array(flags) if flags.iter().any(|flag| text(flag) == Some("on")))
        }),
        _ => false,
    }
}
