//! What things are called in Redis. Everything begins with the deployment's namespace, or with `{` and it.

use crate::schema::glob_escape;
use crate::server::store::Tag;

/// The namespace, and the names made with it.
#[derive(Clone, Debug)]
pub(super) struct Names {
    namespace: String,
}

impl Names {
    pub(super) fn new(namespace: &str) -> Self {
        Self { namespace: namespace.to_owned() }
    }

    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Where the value of `key` is.
    pub(super) fn data(&self, key: &str) -> String {
        [&self.namespace, key].concat()
    }

    /// Where the lease of `key` is. The braces make a cluster keep it beside the value, so that one script
    /// may look at both; and no key of a schema has any, so it can be nobody's value.
    pub(super) fn lease(&self, key: &str) -> String {
        ["{", &self.namespace, key, "}:~l"].concat()
    }

    /// The list of the keys that are under a lease.
    pub(super) fn register(&self) -> String {
        [&self.namespace, "~leases"].concat()
    }

    /// The list of the keys that were stored with `tag`.
    pub(super) fn index(&self, tag: &Tag) -> String {
        [&self.namespace, "~i:", tag.as_str()].concat()
    }

    /// The key behind a name; nothing for what is not ours, and for leases and lists.
    pub(super) fn key<'a>(&self, name: &'a str) -> Option<&'a str> {
        let key = name.strip_prefix(&self.namespace)?;
        (!key.starts_with(['~', '{'])).then_some(key)
    }

    /// The namespace as a glob means it.
    pub(super) fn glob(&self) -> String {
        glob_escape(&self.namespace)
    }
}
