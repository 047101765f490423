//! One question to Redis: about one name, or about many.

use redis::Cmd;

use super::Answer;
use crate::server::store::redis::answer::entry;
use crate::server::store::redis::link::{Link, pipeline};
use crate::server::store::{Entry, StoreError};

/// What one question says of a name among many.
#[derive(Clone)]
pub(super) enum Found {
    Value(Entry),
    Nothing,
    /// Something, and not a plain value when it was looked at.
    Something,
}

impl Found {
    pub(super) fn entry(self) -> Option<Entry> {
        match self {
            Self::Value(entry) => Some(entry),
            Self::Nothing | Self::Something => None,
        }
    }

    /// Bytes of the value, if it is one.
    pub(super) fn size(&self) -> Option<usize> {
        match self {
            Self::Value(entry) => Some(entry.value.len()),
            Self::Nothing | Self::Something => None,
        }
    }
}

/// Asks for one value. Each reply carries its own error: a list under this name fails the `GET`.
/// It does not end by itself: the caller says how long it may take. So of all here.
pub(super) fn ask_alone<'a>(link: &'a Link, name: &str) -> impl Future<Output = Answer> + use<'a> {
    let question = pipeline([command("GET", name), command("PTTL", name)]);
    async move {
        let mut replies = link.answers(&question).await?;
        let value: Option<Vec<u8>> = replies.next()?;
        let left = replies.next()?;
        Ok(value.and_then(|value| entry(value, left)))
    }
}

/// Asks for many values, in their order.
pub(super) fn ask_together<'a>(
    link: &'a Link,
    names: &[&str],
) -> impl Future<Output = Result<Vec<Found>, StoreError>> + use<'a> {
    let mut values = Cmd::with_capacity(1 + names.len(), 32 * names.len());
    values.arg("MGET").arg(names);
    let ttls = names.iter().map(|name| command("PTTL", name));
    let question = pipeline([values].into_iter().chain(ttls));
    async move {
        let mut replies = link.answers(&question).await?;
        let values: Vec<Option<Vec<u8>>> = replies.next()?;
        let found = values.into_iter().map(|value| {
            Ok(match (value, replies.next()?) {
                (Some(value), left) => entry(value, left).map_or(Found::Nothing, Found::Value),
                (None, -2) => Found::Nothing,
                (None, _) => Found::Something,
            })
        });
        found.collect()
    }
}

fn command(verb: &str, name: &str) -> Cmd {
    let mut command = Cmd::with_capacity(2, verb.len() + name.len());
    command.arg(verb).arg(name);
    command
}
