//! The Lua that Redis runs: each script is one step that nothing can come between.

use std::sync::LazyLock;

use redis::{Cmd, Script};

use super::entries::LIST_MARGIN_MS;

/// A script and its text, which the server forgets when it restarts.
pub(super) struct Lua {
    source: String,
    /// The client's own; used for the hash that it computes.
    script: Script,
}

impl Lua {
    fn new(source: String) -> Self {
        Self { script: Script::new(&source), source }
    }

    /// By its hash, which the server may not know.
    pub(super) fn by_hash(&self, call: &Call) -> Cmd {
        call.command("EVALSHA", self.script.get_hash())
    }

    /// By its text; the server knows the hash from then on.
    pub(super) fn by_source(&self, call: &Call) -> Cmd {
        call.command("EVAL", &self.source)
    }
}

/// What a script is given.
#[derive(Default)]
pub(super) struct Call<'a> {
    keys: Vec<String>,
    arguments: Vec<Argument<'a>>,
}

enum Argument<'a> {
    Bytes(&'a [u8]),
    Number(u64),
}

impl<'a> Call<'a> {
    pub(super) fn key(mut self, name: String) -> Self {
        self.keys.push(name);
        self
    }

    pub(super) fn keys(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.keys.extend(names);
        self
    }

    pub(super) fn bytes(mut self, argument: &'a [u8]) -> Self {
        self.arguments.push(Argument::Bytes(argument));
        self
    }

    pub(super) fn number(mut self, argument: u64) -> Self {
        self.arguments.push(Argument::Number(argument));
        self
    }

    fn command(&self, verb: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(verb);
        command.arg(script).arg(self.keys.len()).arg(&self.keys);
        for argument in &self.arguments {
            match argument {
                Argument::Bytes(bytes) => command.arg(*bytes),
                Argument::Number(number) => command.arg(*number),
            };
        }
        command
    }
}

/// `list(index, name, life)`: puts a name on a list for at least `life` ms; 1 if it was not there.
///
/// A list is a sorted set by the time at which each member's own life is over. Times are the server's own, of
/// which only differences count. A member whose time has come leaves with the next write.
///
/// A list itself has no expiry: a server that makes room by dropping what expires (`volatile-*`) never drops
/// it, so what it names is all there is. It ends with its last member.
const LIST: &str = "
local function list(index, name, life)
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local known = redis.call('ZSCORE', index, name)
    if not known or tonumber(known) < now + life then
        redis.call('ZADD', index, string.format('%.0f', now + life), name)
    end
    redis.call('ZREMRANGEBYSCORE', index, '-inf', string.format('%.0f', now))
    return known and 0 or 1
end
";

/// `trim(index, namespace)`: looks at two members of a list, and strikes off those whose value is gone.
///
/// Values go before their time, when they are invalidated or dropped to make room, and lists are not dropped: so
/// that they cannot grow out of proportion, each write that may add one member looks at two. Which two, the
/// clock decides.
///
/// Only where a value is stored in one step with its place on the lists. Elsewhere a member without a value may be
/// one that is just about to have it, and would be struck off for being early.
const TRIM: &str = "
local function trim(index, namespace)
    local count = redis.call('ZCARD', index)
    if count == 0 then return end
    local at = redis.call('TIME')[2] % count
    for _, name in ipairs(redis.call('ZRANGE', index, at, at + 1)) do
        if redis.call('EXISTS', namespace .. name) == 0 then redis.call('ZREM', index, name) end
    end
end
";

/// The value, or the lease. Keys: value, lease, and the register where it is on the same node. Arguments:
/// token, time in ms, key, whether a value will do, whether another's lease is taken away.
///
/// Closes the race of two who miss at once: both would compute. And that of one who misses while another
/// stores: the look and the grant are one step, so that one finds the value.
///
/// What is no plain value counts as missing, and so does one in its last millisecond.
pub(super) static LEASE: LazyLock<Lua> = LazyLock::new(|| {
    Lua::new(format!(
        "{LIST}
if ARGV[4] == '1' then
    local value = redis.pcall('GET', KEYS[1])
    if type(value) == 'string' then
        local left = redis.call('PTTL', KEYS[1])
        if left ~= 0 then return {{value, left}} end
    end
end
if ARGV[5] ~= '1' and redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
if KEYS[3] then list(KEYS[3], ARGV[3], tonumber(ARGV[2])) end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return 1"
    ))
});

/// Stages a value and ends the lease of its key. Keys: staged value, lease, register and one list per tag where
/// they are on the same node. Arguments: token or nothing, value, its life in ms, key, the life of its place
/// on the lists, the namespace.
///
/// Runs in a transaction with a `RENAME` of the staged value to its key, which does nothing when nothing was
/// staged. The script does not write the key itself: a server that is asked to push changes to others only
/// (`NOLOOP`) does not know a script's writes as its caller's, and every value stored here would come
/// back as somebody else's change.
///
/// Closes the race of a compute with an invalidation: between a look at the lease and the write, it would be
/// voided in vain. And that with another compute that has the lease by now, since this one's ran out: the
/// older answer would replace the newer.
///
/// The register must still name the key, too. Invalidations find leases by the register, so a lease that
/// has fallen off it, as when the server needed the room, could not be voided: it is worth nothing.
///
/// Lists come before the value, so that no value is unlisted, even for a moment.
pub(super) static STAGE: LazyLock<Lua> = LazyLock::new(|| {
    Lua::new(format!(
        "{LIST}{TRIM}
if ARGV[1] ~= '' then
    if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
    if KEYS[3] and not redis.call('ZSCORE', KEYS[3], ARGV[4]) then return 0 end
end
for i = 4, #KEYS do
    trim(KEYS[i], ARGV[6])
    list(KEYS[i], ARGV[4], tonumber(ARGV[5]))
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
if KEYS[3] then redis.call('ZREM', KEYS[3], ARGV[4]) end
return 1"
    ))
});

/// Puts a key on a list that is on another node than the key. Keys: list. Arguments: key, life in ms.
#[cfg(feature = "cluster")]
pub(super) static ENLIST: LazyLock<Lua> =
    LazyLock::new(|| Lua::new(format!("{LIST}return list(KEYS[1], ARGV[1], tonumber(ARGV[2]))")));

/// Puts keys that are there on their lists, for as long as they live. Keys: of each its value and its lists. Arguments: of
/// each itself and the number of its lists. How many places were new.
pub(super) static CATCH_UP: LazyLock<Lua> = LazyLock::new(|| {
    Lua::new(format!(
        "{LIST}
local at, new = 1, 0
for i = 1, #ARGV, 2 do
    local left = redis.call('PTTL', KEYS[at])
    local last = at + ARGV[i + 1]
    if left ~= -2 then
        local life = left == -1 and {FOREVER_MS} or left + {LIST_MARGIN_MS}
        for n = at + 1, last do new = new + list(KEYS[n], ARGV[i], life) end
    end
    at = last + 1
end
return new"
    ))
});

/// What has no expiry is listed for so long; of such sums, Lua's numbers are still exact.
const FOREVER_MS: u64 = 1_000_000_000_000_000;

/// Strikes off a list what it need not name. Keys: list, and the values of members of it. Arguments: those members.
/// How many it struck off.
///
/// Those whose time has come; and of the members that are named, those whose value is gone. Naming them is for
/// where a value is stored in one step with its place on the lists, as for [`TRIM`].
pub(super) static STRIKE: LazyLock<Lua> = LazyLock::new(|| {
    Lua::new(
        "
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local struck = redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
for i, name in ipairs(ARGV) do
    if redis.call('EXISTS', KEYS[i + 1]) == 0 then
        struck = struck + redis.call('ZREM', KEYS[1], name)
    end
end
return struck"
            .into(),
    )
});

/// Gives a lease back. Keys: lease, and the register where it is on the same node. Arguments: token, key.
///
/// Closes the race with the next holder: a lease that has run out may be another's by now.
pub(super) static RELEASE: LazyLock<Lua> = LazyLock::new(|| {
    Lua::new(
        "
if redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('DEL', KEYS[1])
    if KEYS[2] then redis.call('ZREM', KEYS[2], ARGV[2]) end
end"
        .into(),
    )
});

/// Removes a value that is known by its bytes. Key: value. Argument: the bytes.
///
/// Closes the race of one who found a value unreadable with one who replaces it: the good one would go.
pub(super) static DELETE_IF: LazyLock<Lua> = LazyLock::new(|| {
    Lua::new(
        "
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('UNLINK', KEYS[1])"
            .into(),
    )
});
