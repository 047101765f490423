//! A notice: these keys are no longer true. What travels from node to node.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::schema::{Pattern, Schema, TemplateSegment};

/// A notice's form in the log, to be raised with whatever an older node could not read, such as another [`Reason`]. While
/// a deployment is rolled out, old and new nodes share one log: a node that meets a higher number knows that something
/// was invalidated and not what, and starts over.
///
/// A reason that says more closely what an older one says already needs no new number: it is written as the older one,
/// with its own name in a field beside it (`more`) that older nodes pass over. So is [`Reason::Set`].
pub(super) const VERSION: u8 = 1;

/// What those are told who would have to know what such a notice says.
pub(super) const LATER_VERSION: &str = "a notice of a later version";

/// What [`Reason::Set`] is called, here and by browsers.
const SET: &str = "set";

/// Longer entries are not ours: what would be longer is told in several (`parts`).
pub(super) const LONGEST: usize = 256 * 1024;

/// One invalidation, after it has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What is no longer true. Never empty.
    pub patterns: Vec<Pattern>,
    /// Why.
    pub reason: Reason,
    /// The entities that the event was about, as (entity, id); empty for what was no event. Taken from the
    /// schema's own account of the event, never from what a caller says of itself.
    pub scope: Vec<(String, String)>,
    /// Who says so.
    pub origin: Origin,
}

/// Why keys are no longer true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// An event of the schema, by name.
    Event(String),
    /// Somebody invalidated a pattern.
    Pattern,
    /// Somebody invalidated an entity.
    Entity,
    /// Somebody deleted a key.
    Key,
    /// Somebody stored other values.
    Set,
    /// Another program deleted keys behind our back.
    Foreign,
    /// So much was invalidated while the log was out of reach that it is told as one.
    Overflow,
}

impl Reason {
    /// The event's name, or one word: `pattern`, `entity`, `key`, `set`, `foreign`, `overflow`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Event(name) => name,
            Self::Pattern => "pattern",
            Self::Entity => "entity",
            Self::Key => "key",
            Self::Set => SET,
            Self::Foreign => "foreign",
            Self::Overflow => "overflow",
        }
    }
}

/// Which node a notice comes from, and which of its notices it is: so that a node passes over its own, and an
/// entry that was appended twice is told once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The node: random, new at each start.
    pub node: Arc<str>,
    /// Counts the node's notices.
    pub number: u64,
}

/// Why an entry of the log cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// Written by a later version of samekey: something was invalidated, and who reads it cannot tell what.
    #[error("E_NOTICE_VERSION: a later version's")]
    Version,
    /// No notice, but somebody else's entry: passed over.
    #[error("E_NOTICE_MALFORMED: not a notice")]
    Malformed,
}

impl Notice {
    /// Everything that the schema's families hold.
    pub(crate) fn everything(schema: &Schema, reason: Reason, origin: Origin) -> Self {
        Self { patterns: Self::every_family(schema), reason, scope: Vec::new(), origin }
    }

    /// One pattern for each way in which the keys of the schema's families begin.
    pub(crate) fn every_family(schema: &Schema) -> Vec<Pattern> {
        let mut firsts: Vec<&str> = Vec::new();
        for family in &schema.families {
            if let Some(TemplateSegment::Literal(first)) = family.template.segments().first()
                && !firsts.contains(&first.as_str())
            {
                firsts.push(first);
            }
        }
        // Each was read as part of a template; a final `*` makes it a pattern.
        let patterns = firsts.iter().filter_map(|first| Pattern::parse(&format!("{first}:*")).ok());
        patterns.collect()
    }

    /// The JSON that stands in the log.
    #[must_use]
    pub fn to_json(&self) -> String {
        let (reason, more) = match &self.reason {
            Reason::Set => (Reason::Key, Some(SET.to_owned())),
            reason => (reason.clone(), None),
        };
        let written = Written {
            patterns: self.patterns.iter().map(|pattern| pattern.as_str().into()).collect(),
            reason,
            more,
            scope: self.scope.clone(),
            node: (*self.origin.node).into(),
            number: self.origin.number,
        };
        // Texts and a number: this cannot fail, and an empty entry would be passed over as malformed.
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// Reads what [`Notice::to_json`] wrote.
    ///
    /// # Errors
    /// [`NoticeError::Malformed`], also for a pattern that is none and for a notice without patterns.
    pub fn from_json(json: &[u8]) -> Result<Self, NoticeError> {
        if json.len() > LONGEST {
            return Err(NoticeError::Malformed);
        }
        let written: Written = serde_json::from_slice(json).map_err(|_| NoticeError::Malformed)?;
        let patterns = written.patterns.iter().map(|text| Pattern::parse(text));
        let patterns: Vec<_> =
            patterns.collect::<Result<_, _>>().map_err(|_| NoticeError::Malformed)?;
        if patterns.is_empty() {
            return Err(NoticeError::Malformed);
        }
        Ok(Self {
            patterns,
            reason: match (written.reason, written.more.as_deref()) {
                (Reason::Key, Some(SET)) => Reason::Set,
                (reason, _) => reason,
            },
            scope: written.scope,
            origin: Origin { node: written.node.into(), number: written.number },
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Written {
    patterns: Vec<String>,
    reason: Reason,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    more: Option<String>,
    scope: Vec<(String, String)>,
    node: String,
    number: u64,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice() -> Notice {
        Notice {
            patterns: vec![Pattern::parse("exec:*:ws%3A1:*").unwrap()],
            reason: Reason::Event("agent_run_completed".into()),
            scope: vec![("workspace".into(), "ws:1".into())],
            origin: Origin { node: "n1".into(), number: 7 },
        }
    }

    #[test]
    fn a_notice_reads_back() {
        for reason in [
            Reason::Pattern,
            Reason::Foreign,
            Reason::Key,
            Reason::Set,
            Reason::Event("set".into()),
        ] {
            let notice = Notice { reason, ..notice() };
            assert_eq!(Notice::from_json(notice.to_json().as_bytes()), Ok(notice));
        }
    }

    #[test]
    fn its_bytes_are_these() {
        let json = r#"{"patterns":["exec:*:ws%3A1:*"],"reason":{"event":"agent_run_completed"},"scope":[["workspace","ws:1"]],"node":"n1","number":7}"#;
        assert_eq!(notice().to_json(), json);
        assert_eq!(Notice::from_json(json.as_bytes()), Ok(notice()));
    }

    /// A node of a version that knew no such reason reads it as a deletion, which does the same there.
    #[test]
    fn a_set_is_a_deleted_key_to_who_knows_no_better() {
        let json = r#"{"patterns":["exec:*:ws%3A1:*"],"reason":"key","more":"set","scope":[["workspace","ws:1"]],"node":"n1","number":7}"#;
        let set = Notice { reason: Reason::Set, ..notice() };
        assert_eq!(set.to_json(), json);
        assert_eq!(Notice::from_json(json.as_bytes()), Ok(set));
        let of_a_later_one = json.replace("\"set\"", "\"a later version's\"");
        let key = Notice { reason: Reason::Key, ..notice() };
        assert_eq!(Notice::from_json(of_a_later_one.as_bytes()), Ok(key));
    }

    #[test]
    fn what_is_no_notice_is_refused() {
        let good = notice().to_json();
        let mut bad = vec![
            String::new(),
            "[]".into(),
            "[".repeat(100_000),
            good.replace("exec:*", "ex*c"),
            good.replace("[\"exec:*:ws%3A1:*\"]", "[]"),
            good.replace("{\"event\":\"agent_run_completed\"}", "\"whim\""),
            good.replace("7}", "-7}"),
        ];
        bad.extend((0..good.len()).map(|end| good[..end].to_owned()));
        for json in bad {
            assert_eq!(Notice::from_json(json.as_bytes()), Err(NoticeError::Malformed), "{json}");
        }
    }
}
