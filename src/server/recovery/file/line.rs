//! What stands in the file: a line for each removal that is owed, behind a first line that says whose they are.
//!
//! Text, so that an operator sees what a node owes. Before each line stands a checksum of it, so that half a line, and one
//! that the disk has spoilt, is told from one that was written.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::schema::Pattern;

/// The form of the lines. A later one is refused, not guessed.
const VERSION: u32 = 1;

/// Hexadecimal digits of a checksum.
const CHECKSUM: usize = 16;

/// Whose removals a file has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::server::recovery) struct Head {
    #[serde(rename = "samekey_recovery")]
    version: u32,
    schema: String,
    namespace: String,
}

/// A removal that is owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::server::recovery) struct Owed {
    /// When it was asked for, in seconds since 1970: the process that reads it has another clock than the one that wrote.
    at: u64,
    #[serde(flatten)]
    pub(in crate::server::recovery) of: OwedOf,
}

/// What is to be removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::server::recovery) enum OwedOf {
    Key(String),
    Pattern(#[serde(with = "as_text")] Pattern),
}

impl Head {
    pub(in crate::server::recovery) fn new(schema: &str, namespace: &str) -> Self {
        Self { version: VERSION, schema: schema.to_owned(), namespace: namespace.to_owned() }
    }

    pub(super) fn to_line(&self) -> String {
        seal(self)
    }

    /// Why a file that begins with `line` is not the one of this head.
    pub(super) fn refuses(&self, line: &[u8]) -> Option<String> {
        let Some(json) = open(line) else {
            return Some("its first line is not that of a recovery file".to_owned());
        };
        match serde_json::from_slice::<Self>(json) {
            Ok(head) if head == *self => None,
            Ok(Self { version: VERSION, schema, namespace }) => Some(format!(
                "it is of the schema `{schema}` and the namespace `{namespace}`, this service of `{}` and `{}`",
                self.schema, self.namespace
            )),
            _ => Some("another version of samekey wrote it".to_owned()),
        }
    }
}

impl Owed {
    /// Asked for so long ago.
    pub(in crate::server::recovery) fn new(of: OwedOf, age: Duration) -> Self {
        Self { at: now().saturating_sub(age.as_secs()), of }
    }

    /// How long ago it was asked for; nothing for what a clock that was set back has in the future.
    pub(in crate::server::recovery) fn age(&self) -> Duration {
        Duration::from_secs(now().saturating_sub(self.at))
    }

    pub(super) fn to_line(&self) -> String {
        seal(self)
    }

    /// `None`: it is no such line, or none any more.
    pub(super) fn from_line(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(open(line)?).ok()
    }
}

fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs())
}

fn seal(content: &impl Serialize) -> String {
    // Texts and numbers: this cannot fail, and an empty line would be told from one that was written.
    let json = serde_json::to_string(content).unwrap_or_default();
    format!("{:016x} {json}\n", xxh3_64(json.as_bytes()))
}

/// What stands behind a checksum that is right.
fn open(line: &[u8]) -> Option<&[u8]> {
    let (checksum, rest) = line.split_at_checked(CHECKSUM)?;
    let json = rest.strip_prefix(b" ")?.strip_suffix(b"\n")?;
    let checksum = u64::from_str_radix(std::str::from_utf8(checksum).ok()?, 16).ok()?;
    (checksum == xxh3_64(json)).then_some(json)
}

mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::schema::Pattern;

    pub(super) fn serialize<S: Serializer>(pattern: &Pattern, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(pattern.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Pattern, D::Error> {
        Pattern::parse(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}
