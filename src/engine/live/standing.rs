//! How a link stands, as people see it.

/// How a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkStatus {
    /// Not running: never started, stopped by hand, or refused for good.
    Stopped,
    /// A request is under way, or another tab is asked.
    Connecting,
    /// The server has greeted and is heard, here or by the tab that leads.
    Open,
    /// The next attempt waits for its time, the network or the focus, here or in the tab that leads.
    Waiting,
}

/// What went wrong last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkFault {
    /// Nothing yet.
    None,
    /// The request failed or the connection broke.
    Network,
    /// Nothing was heard for too long.
    Silence,
    /// The server answered with a status that may pass.
    Refused,
    /// The answer was no stream.
    NoStream,
    /// The token is missing or has expired (401): the link stops.
    Unauthorized,
    /// The token does not allow it (403): the link stops.
    Forbidden,
}

/// From where on a stream tells of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// From the greeting on: what came before is lost.
    Now,
    /// It has looked back, as it was asked to: see [`Link::look_back`](super::Link::look_back).
    LookBack,
    /// From the id on that the host sent.
    LastId,
}
