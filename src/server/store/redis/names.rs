//! What things are called in Redis. Everything begins with the deployment's namespace, or with `{` and it.

use crate::schema::{Pattern, glob_escape};
use crate::server::store::Tag;

/// The stream of invalidations, which is the backplane's.
const LOG: &str = "samekey:invalidations";

/// What the names of lists begin with.
const INDEX: &str = "~of:";

/// The list of leases.
const REGISTER: &str = "~leases";

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

    /// Where the value of `key` stands within a transaction.
    pub(super) fn staged(&self, key: &str) -> String {
        ["{", &self.namespace, key, "}:~v"].concat()
    }

    /// The list of the keys that are under a lease.
    pub(super) fn register(&self) -> String {
        [&self.namespace, REGISTER].concat()
    }

    /// The same in a cluster: one of several.
    #[cfg(feature = "cluster")]
    pub(super) fn register_in(&self, place: &str) -> String {
        format!("{}:{{{place}}}", self.register())
    }

    /// The channel of announcements.
    pub(super) fn channel(&self) -> String {
        [&self.namespace, "~changes"].concat()
    }

    /// The list of the keys that were stored with `tag`. Not `~i:…`, as it was called while lists had an expiry: whoever
    /// still keeps them so would give one to these.
    pub(super) fn index(&self, tag: &Tag) -> String {
        [&self.namespace, INDEX, tag.as_str()].concat()
    }

    /// The same in a cluster: one of several.
    #[cfg(feature = "cluster")]
    pub(super) fn index_in(&self, tag: &Tag, place: &str) -> String {
        format!("{}:{{{place}}}", self.index(tag))
    }

    /// A glob that finds all lists, of keys and of leases.
    pub(super) fn list_glob(&self) -> String {
        format!("{}~*", self.glob())
    }

    /// Whether it is a list of keys.
    pub(super) fn is_index(&self, name: &str) -> bool {
        name.strip_prefix(&self.namespace).is_some_and(|name| name.starts_with(INDEX))
    }

    /// Whether it is a list of leases.
    pub(super) fn is_register(&self, name: &str) -> bool {
        let rest = name.strip_prefix(&self.namespace).and_then(|it| it.strip_prefix(REGISTER));
        rest.is_some_and(|place| place.is_empty() || place.starts_with(':'))
    }

    /// The key behind a name; nothing for what is not ours, and for leases, lists and the log.
    pub(super) fn key<'a>(&self, name: &'a str) -> Option<&'a str> {
        let key = name.strip_prefix(&self.namespace)?;
        let is_ours = key.starts_with(['~', '{']) || key == LOG;
        (!is_ours).then_some(key)
    }

    /// The key behind a lease's name.
    #[cfg(feature = "cluster")]
    pub(super) fn leased_key<'a>(&self, name: &'a str) -> Option<&'a str> {
        name.strip_prefix('{')?.strip_prefix(&self.namespace)?.strip_suffix("}:~l")
    }

    /// The namespace as a glob means it.
    pub(super) fn glob(&self) -> String {
        glob_escape(&self.namespace)
    }

    /// A glob that finds at least every key that `patterns` mean. Of several, what they all begin with.
    pub(super) fn glob_of(&self, patterns: &[&Pattern]) -> String {
        let namespace = self.glob();
        if let [only] = patterns {
            return format!("{namespace}{}", only.scan_glob());
        }
        let literals =
            patterns.iter().map(|pattern| pattern.as_str().split('*').next().unwrap_or_default());
        let shared = literals.reduce(common_prefix).unwrap_or_default();
        format!("{namespace}{shared}*")
    }

    /// The same for their leases.
    #[cfg(feature = "cluster")]
    pub(super) fn lease_glob_of(&self, patterns: &[&Pattern]) -> String {
        format!("{{{}}}:~l", self.glob_of(patterns))
    }
}

fn common_prefix<'a>(a: &'a str, b: &str) -> &'a str {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b);
    &a[..same.map(|(c, _)| c.len_utf8()).sum()]
}
