//! The stream's wire: server-sent events.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use super::LogId;

/// An event, as its bytes.
fn event(id: Option<LogId>, name: &str, data: &impl Serialize) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    // JSON has no line breaks of its own, and texts and numbers always have a JSON form.
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("{id}event: {name}\ndata: {data}\n\n").into()
}

/// The first event. It has no id where a reset follows: a connection that broke between the two must not leave the
/// browser believing that it missed nothing. `looked_back`: what was asked for of the past is told, all of it.
pub(super) fn hello(id: Option<LogId>, heartbeat: Duration, looked_back: bool) -> Bytes {
    #[derive(Serialize)]
    struct Hello {
        heartbeat_ms: u64,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        looked_back: bool,
    }
    let heartbeat_ms = u64::try_from(heartbeat.as_millis()).unwrap_or(u64::MAX);
    event(id, "hello", &Hello { heartbeat_ms, looked_back })
}

pub(super) fn invalidate<P: Serialize>(id: LogId, patterns: &[P], reason: &str) -> Bytes {
    #[derive(Serialize)]
    struct Invalidate<'a, P> {
        patterns: &'a [P],
        reason: &'a str,
    }
    event(Some(id), "invalidate", &Invalidate { patterns, reason })
}

/// What was missed is not known: whatever is held may be stale.
pub(super) fn reset(id: LogId, why: &str) -> Bytes {
    #[derive(Serialize)]
    struct Reset<'a> {
        why: &'a str,
    }
    event(Some(id), "reset", &Reset { why })
}

/// A sign of life. It moves the browser's place on, over what was not for its eyes; as an event, because some readers of
/// streams pass over an id without one.
pub(super) fn beat(id: Option<LogId>) -> Bytes {
    match id {
        Some(id) => format!(": beat\nid: {id}\nevent: beat\ndata\n\n").into(),
        None => Bytes::from_static(b": beat\n\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frames_are_these_bytes() {
        let id = LogId::new(5, 1);
        let frames = [
            hello(Some(id), Duration::from_secs(15), false),
            hello(None, Duration::from_secs(15), false),
            hello(Some(id), Duration::from_secs(15), true),
            invalidate(id, &["exec:*:ws123:*"], "agent_run_completed"),
            reset(id, "gap"),
            beat(None),
            beat(Some(id)),
        ];
        let expected = [
            "id: 5-1\nevent: hello\ndata: {\"heartbeat_ms\":15000}\n\n",
            "event: hello\ndata: {\"heartbeat_ms\":15000}\n\n",
            "id: 5-1\nevent: hello\ndata: {\"heartbeat_ms\":15000,\"looked_back\":true}\n\n",
            "id: 5-1\nevent: invalidate\ndata: {\"patterns\":[\"exec:*:ws123:*\"],\"reason\":\"agent_run_completed\"}\n\n",
            "id: 5-1\nevent: reset\ndata: {\"why\":\"gap\"}\n\n",
            ": beat\n\n",
            ": beat\nid: 5-1\nevent: beat\ndata\n\n",
        ];
        assert_eq!(frames, expected);
    }

    #[test]
    fn a_text_cannot_end_a_frame() {
        let frame = invalidate(LogId::new(1, 0), &["a\n\nevent: reset"], "x\r\ndata: y");
        assert_eq!(frame.iter().filter(|byte| **byte == b'\n').count(), 4);
        assert!(!frame.contains(&b'\r'));
    }
}
