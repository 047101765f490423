//! Whether a server keeps the lists, whatever room it needs, and has kept them all the time.

use super::answer::info_text;

/// By what it says of its memory. Lists have no expiry: a server that drops nothing keeps them, and so does one
/// that drops only what expires.
pub(super) fn keeps_lists(memory: &str) -> bool {
    let unbounded = info_text(memory, "maxmemory") == Some("0");
    let policy = info_text(memory, "maxmemory_policy");
    unbounded || policy.is_some_and(|name| name == "noeviction" || name.starts_with("volatile-"))
}

/// A server that keeps lists, and how often its settings had been changed by then. Two looks that are the same tell
/// that it has kept them in between, too: nobody changed the policy and changed it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    settings_changed: u64,
    /// Resetting the counts is counted from then on.
    counts_reset: u64,
    /// In a cluster, how often its slots were found to be others than before.
    moves: u64,
}

#[cfg(feature = "cluster")]
impl Kept {
    /// The same on a server whose slots were found to be others so often.
    pub(super) fn after(self, moves: u64) -> Self {
        Self { moves, ..self }
    }
}

/// By its memory and its counts of commands. Nothing where lists are not kept, or settings are not counted: before Redis
/// 7, `CONFIG GET` counts as `CONFIG SET` does.
pub(super) fn kept(memory: &str, commands: &str) -> Option<Kept> {
    let counts_apart = commands
        .lines()
        .any(|line| line.starts_with("cmdstat_client|") && line.contains(":calls="));
    (counts_apart && keeps_lists(memory)).then(|| Kept {
        settings_changed: calls(commands, "config|set"),
        counts_reset: calls(commands, "config|resetstat"),
        moves: 0,
    })
}

/// How often a command was called, by a server's counts of them.
pub(super) fn calls(commands: &str, command: &str) -> u64 {
    let counts = info_text(commands, &format!("cmdstat_{command}"));
    let calls = counts.and_then(|counts| counts.strip_prefix("calls=")?.split(',').next());
    calls.and_then(|calls| calls.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMANDS: &str = "# Commandstats\r\ncmdstat_client|trackinginfo:calls=1,usec=2\r\ncmdstat_config|set:calls=7,usec=3,usec_per_call=1.00\r\n";

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
            assert_eq!(super::kept(&memory, COMMANDS).is_some(), kept, "{maxmemory} {policy}");
        }
        assert!(!keeps_lists(""));
    }

    #[test]
    fn a_setting_that_was_changed_and_changed_back_is_seen() {
        let memory = "maxmemory:0\r\n";
        let now = kept(memory, COMMANDS).unwrap();
        assert_eq!(now, Kept { settings_changed: 7, counts_reset: 0, moves: 0 });
        assert_ne!(kept(memory, &COMMANDS.replace("calls=7", "calls=9")), Some(now));
        let reset = "cmdstat_client|trackinginfo:calls=1\r\ncmdstat_config|resetstat:calls=1\r\n";
        assert_ne!(kept(memory, reset), Some(now));
        // A server that counts all of CONFIG together, or says nothing.
        let together = "cmdstat_client:calls=1\r\ncmdstat_config:calls=7\r\n";
        assert_eq!(kept(memory, together), None);
        assert_eq!(kept(memory, ""), None);
    }
}
