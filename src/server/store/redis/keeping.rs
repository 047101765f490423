//! Whether a server keeps the lists, whatever room it needs.

use super::answer::info_text;

/// By what it says of its memory. Lists have no expiry: a server that drops nothing keeps them, and so does one
/// that drops only what expires.
pub(super) fn keeps_lists(memory: &str) -> bool {
    let unbounded = info_text(memory, "maxmemory") == Some("0");
    let policy = info_text(memory, "maxmemory_policy");
    unbounded || policy.is_some_and(|name| name == "noeviction" || name.starts_with("volatile-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_kept_unless_everything_may_go_or_nobody_says() {
        for (maxmemory, policy, kept) in [
            ("0", "allkeys-lru", true),
            ("100", "noeviction", true),
            ("100", "volatile-lfu", true),
            ("100", "volatile-ttl", true),
            ("100", "allkeys-lru", false),
            ("100", "allkeys-random", false),
            ("100", "some-later-policy", false),
        ] {
            let memory =
                format!("# Memory\r\nmaxmemory:{maxmemory}\r\nmaxmemory_policy:{policy}\r\n");
            assert_eq!(keeps_lists(&memory), kept, "{maxmemory} {policy}");
        }
        assert!(!keeps_lists(""));
    }
}
