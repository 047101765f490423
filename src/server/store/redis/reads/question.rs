//! One question to Redis: about one name, or about many.

use std::collections::HashMap;

use quick_cache::DefaultHashBuilder;
use redis::Cmd;

use super::Answer;
use super::queue::Waiting;
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
}

/// Asks for one value. Each reply carries its own error: a list under this name fails the `GET`.
pub(super) async fn ask_alone(link: &Link, name: &str) -> Answer {
    let mut replies = link.ask(&pipeline([command("GET", name), command("PTTL", name)])).await?;
    let value: Option<Vec<u8>> = replies.next()?;
    let left = replies.next()?;
    Ok(value.and_then(|value| entry(value, left)))
}

/// Asks for many values, in their order.
pub(super) async fn ask_together(
    link: &Link,
    names: &[impl AsRef<str>],
) -> Result<Vec<Found>, StoreError> {
    let mut values = Cmd::with_capacity(1 + names.len(), 32 * names.len());
    values.arg("MGET");
    for name in names {
        values.arg(name.as_ref());
    }
    let ttls = names.iter().map(|name| command("PTTL", name.as_ref()));
    let mut replies = link.ask(&pipeline([values].into_iter().chain(ttls))).await?;
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

fn command(verb: &str, name: &str) -> Cmd {
    let mut command = Cmd::with_capacity(2, verb.len() + name.len());
    command.arg(verb).arg(name);
    command
}

/// The names of a batch, each once, and for each who waits the place of his: when a key that everybody reads leaves the
/// process, everybody asks for it.
pub(super) fn distinct(batch: &[Waiting]) -> (Vec<&str>, Vec<usize>) {
    let mut known = HashMap::with_capacity_and_hasher(batch.len(), DefaultHashBuilder::default());
    let mut names = Vec::with_capacity(batch.len());
    let places = batch.iter().map(|waiting| {
        *known.entry(waiting.name.as_str()).or_insert_with_key(|name| {
            names.push(*name);
            names.len() - 1
        })
    });
    let places = places.collect();
    (names, places)
}
