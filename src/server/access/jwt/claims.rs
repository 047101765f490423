//! What a token says.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::server::access::{Ids, Reach, Scope, Scopes};

#[derive(Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    /// Seconds since 1970. Checked already; a stream ends then.
    pub(super) exp: f64,
    #[serde(default, alias = "scope", deserialize_with = "scopes")]
    pub(super) scopes: Scopes,
    pub(super) entities: Option<Entities>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Entities {
    All(Star),
    Of(BTreeMap<String, Named>),
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Named {
    All(Star),
    Only(BTreeSet<String>),
}

/// `"*"`, and no other text: an id where a list belongs must not pass for all of them.
#[derive(Deserialize)]
pub(super) enum Star {
    #[serde(rename = "*")]
    Star,
}

impl From<Entities> for Reach {
    fn from(entities: Entities) -> Self {
        match entities {
            Entities::All(Star::Star) => Self::Everything,
            Entities::Of(entities) => {
                let ids = |named| match named {
                    Named::All(Star::Star) => Ids::Any,
                    Named::Only(ids) => Ids::Only(ids),
                };
                Self::Of(entities.into_iter().map(|(entity, named)| (entity, ids(named))).collect())
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ScopeClaim {
    Text(String),
    List(Vec<String>),
}

fn scopes<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Scopes, D::Error> {
    Ok(match ScopeClaim::deserialize(deserializer)? {
        ScopeClaim::Text(names) => Scopes::parse(&names),
        ScopeClaim::List(names) => names.iter().filter_map(|name| Scope::named(name)).collect(),
    })
}
