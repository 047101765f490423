//! What others changed, as a store tells it to those who keep copies of its values.

/// A change that somebody else made, or a change in what can be known of such changes.
///
/// What comes first is [`Change::Armed`] or [`Change::Disarmed`]. Until [`Change::Armed`] comes, copies may
/// be out of date without anybody saying so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// These keys were written, deleted, expired or evicted by somebody else.
    Keys(Vec<String>),
    /// Any key may have changed: drop every copy.
    Everything,
    /// Changes are no longer told: use no copies until [`Change::Armed`].
    Disarmed,
    /// Changes are told from here on. [`Change::Everything`] came before it.
    Armed,
}
