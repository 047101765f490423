//! When, and in what surroundings, an input happens.

/// The time of an input and what the host's managers say at that time.
///
/// Passed with every call instead of being mirrored: people replace the clock, `onlineManager` and the
/// page's visibility at run time, and the engine must never know better than they do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Milliseconds since the Unix epoch, as `Date.now()` gives them.
    pub now: f64,
    /// Whether the network is there, as `onlineManager.isOnline()` says.
    pub online: bool,
    /// Whether the page is visible, as `focusManager.isFocused()` says.
    pub focused: bool,
    /// Whether this is a server render: nothing is collected, polled or retried by default.
    pub server: bool,
}

impl Moment {
    /// A visible page with a network, at `now` milliseconds.
    pub const fn at(now: f64) -> Self {
        Self { now, online: true, focused: true, server: false }
    }
}
