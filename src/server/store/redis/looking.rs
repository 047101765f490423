//! A look at keys without their values. Of several servers those answer that are there.

use redis::{Cmd, cmd};

use super::RedisStore;
use super::answer::{Replies, millis_left};
use crate::server::store::{Inspection, KeyInfo, KeyTtl, StoreError};

/// How long values are; see [`RedisStore::value_lengths`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValueLengths {
    /// Of each key, in bytes and in the order in which they were asked for. 0 for a key that is not there, or is not known.
    pub bytes: Vec<u64>,
    /// The primaries of a cluster that did not answer, by address.
    pub missing: Vec<String>,
}

impl RedisStore {
    pub(super) async fn look_at(&self, keys: &[&str]) -> Result<Inspection, StoreError> {
        let questions = |name: &str| {
            [cmd("PTTL").arg(name).take(), cmd("MEMORY").arg("USAGE").arg(name).take()]
        };
        let (infos, missing) = self
            .ask_of_each(keys, questions, |replies| {
                let (ttl, bytes) = (replies.next(), replies.next::<Option<u64>>());
                let ttl = match ttl? {
                    -2 => KeyTtl::Missing,
                    -1 => KeyTtl::Never,
                    left => KeyTtl::Left(millis_left(left)),
                };
                Ok(KeyInfo { ttl, bytes: bytes?.unwrap_or(0) })
            })
            .await?;
        let unknown = KeyInfo { ttl: KeyTtl::Unknown, bytes: 0 };
        let keys = infos.into_iter().map(|info| info.unwrap_or(unknown)).collect();
        Ok(Inspection { keys, missing })
    }

    /// How long the values of `keys` are: exactly, where [`Store::inspect`](super::Store::inspect) tells the memory that they
    /// take.
    ///
    /// # Errors
    /// As any call of the store; of a cluster when no server answers.
    pub async fn value_lengths(&self, keys: &[&str]) -> Result<ValueLengths, StoreError> {
        let question = |name: &str| [cmd("STRLEN").arg(name).take()];
        let (lengths, missing) = self.ask_of_each(keys, question, Replies::next).await?;
        let bytes = lengths.into_iter().map(|length| length.unwrap_or(0)).collect();
        Ok(ValueLengths { bytes, missing })
    }

    /// Asks the same of each key in one round trip per server. `read` takes as many answers as there are `questions`. Nothing
    /// of keys whose server does not answer; and who that is.
    async fn ask_of_each<T, const N: usize>(
        &self,
        keys: &[&str],
        questions: impl Fn(&str) -> [Cmd; N],
        read: impl Fn(&mut Replies) -> Result<T, StoreError>,
    ) -> Result<(Vec<Option<T>>, Vec<String>), StoreError> {
        if keys.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let names: Vec<_> = keys.iter().map(|key| self.names.data(key)).collect();
        let each = |name: &String| questions(name).map(|question| (name.clone(), question));
        let mut replies = self.server.each(names.iter().flat_map(each).collect()).await?;
        let (mut answers, mut missing) = (Vec::with_capacity(keys.len()), Vec::new());
        for name in &names {
            let answer = read(&mut replies);
            answers.push(match answer {
                Ok(answer) => Some(answer),
                Err(error) => {
                    let address = self.server.address_of(name);
                    if !missing.contains(&address) {
                        missing.push(self.missing(&address, error).await?);
                    }
                    None
                }
            });
        }
        missing.sort_unstable();
        Ok((answers, missing))
    }
}
