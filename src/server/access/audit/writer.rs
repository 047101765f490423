//! The thread that writes.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::oneshot;

use super::{AuditRecord, Principal};

/// Equal refusals (and finds of what is not ours) within this time are one line with a count. A flood that is refused must not fill the disk.
const GATHER: Duration = Duration::from_secs(1);

/// Kinds of refusals that are counted at once; beyond it each is a line of its own.
const MOST_GATHERED: usize = 4_096;

/// Bytes that wait for a disk that takes nothing, before they are dropped and counted.
const MOST_HELD: usize = 4 * 1024 * 1024;

pub(super) enum Message {
    Record { at: SystemTime, principal: Principal, record: AuditRecord },
    Flush(oneshot::Sender<()>),
}

#[derive(Serialize)]
struct Line<'a> {
    at: String,
    principal: &'a Principal,
    #[serde(flatten)]
    record: &'a AuditRecord,
    /// How often, when more than once.
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
}

#[derive(Serialize)]
struct Lost {
    at: String,
    action: &'static str,
    records: u64,
}

/// Refusals whose first was written and whose repetitions are only counted.
#[derive(Default)]
struct Gathered {
    repeated: HashMap<(Principal, AuditRecord), u64>,
    since: Option<Instant>,
}

pub(super) fn run(mut writer: impl Write, messages: &Receiver<Message>, lost: &AtomicU64) {
    let mut gathered = Gathered::default();
    let mut lines = Vec::new();
    loop {
        let wait = gathered.since.map_or(GATHER, |since| GATHER.saturating_sub(since.elapsed()));
        let mut waiting = Vec::new();
        let mut ended = false;
        let is_stuck = !lines.is_empty();
        match messages.recv_timeout(wait) {
            Ok(message) => {
                // All that is there, so that a busy log costs few writes.
                let all = std::iter::once(message).chain(messages.try_iter().take(1_024));
                for message in all {
                    match message {
                        Message::Record { at, principal, record } => {
                            gathered.put(&mut lines, at, principal, record);
                        }
                        Message::Flush(written) => waiting.push(written),
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => ended = true,
        }
        let due = gathered.since.is_some_and(|since| since.elapsed() >= GATHER);
        if due || ended || !waiting.is_empty() {
            gathered.tell(&mut lines);
        }
        // Not while nothing is taken: it might be dropped itself.
        let records = if is_stuck { 0 } else { lost.swap(0, Relaxed) };
        if records > 0 {
            let at = written(SystemTime::now());
            push(&mut lines, &Lost { at, action: "lost", records });
        }
        if let Err(error) = write(&mut writer, &mut lines) {
            tracing::error!(%error, "the audit log cannot be written");
            lost.fetch_add(shorten(&mut lines), Relaxed);
        }
        for written in waiting {
            let _ = written.send(());
        }
        if ended {
            return;
        }
    }
}

impl Gathered {
    fn put(
        &mut self,
        lines: &mut Vec<u8>,
        at: SystemTime,
        principal: Principal,
        record: AuditRecord,
    ) {
        let gathers = record.is_gathered();
        let kind = (principal, record);
        if gathers && let Some(times) = self.repeated.get_mut(&kind) {
            *times += 1;
            return;
        }
        push(lines, &Line { at: written(at), principal: &kind.0, record: &kind.1, times: None });
        if gathers && self.repeated.len() < MOST_GATHERED {
            self.repeated.insert(kind, 0);
            self.since.get_or_insert_with(Instant::now);
        }
    }

    /// Writes down how often each was repeated, and begins anew.
    fn tell(&mut self, lines: &mut Vec<u8>) {
        let at = written(SystemTime::now());
        for ((principal, record), times) in self.repeated.drain().filter(|(_, times)| *times > 0) {
            let times = Some(times);
            push(lines, &Line { at: at.clone(), principal: &principal, record: &record, times });
        }
        self.since = None;
    }
}

fn push(lines: &mut Vec<u8>, line: &impl Serialize) {
    let start = lines.len();
    match serde_json::to_writer(&mut *lines, line) {
        Ok(()) => lines.push(b'\n'),
        // Texts and numbers: they have a JSON form. Half a line would spoil the next one.
        Err(_) => lines.truncate(start),
    }
}

/// Writes as much as is taken. The rest stays, and is written next: half a line would spoil the one behind it.
fn write(writer: &mut impl Write, lines: &mut Vec<u8>) -> io::Result<()> {
    while !lines.is_empty() {
        match writer.write(lines) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(taken) => drop(lines.drain(..taken)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    writer.flush()
}

/// Drops what waits when that is too much, but for what is left of a line that was begun. How many lines went.
fn shorten(lines: &mut Vec<u8>) -> u64 {
    if lines.len() <= MOST_HELD {
        return 0;
    }
    let begun = lines.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let gone = lines[begun..].iter().filter(|byte| **byte == b'\n').count();
    lines.truncate(begun);
    gone as u64
}

fn written(at: SystemTime) -> String {
    Timestamp::try_from(at).map_or_else(|_| String::new(), |at| format!("{at:.3}"))
}
