//! What is told of a circuit.

use serde::Serialize;

use super::circuit::CircuitState;

/// How a circuit stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CircuitStatus {
    /// Whose circuit it is: a server's address. `None` where there is one for the whole store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Whether calls pass.
    pub state: CircuitState,
    /// For how long, in milliseconds: since the last closing, or since the outage began. A failed probe
    /// begins no new outage.
    pub since_ms: u64,
    /// How often it has opened.
    pub opened: u64,
    /// Calls that did not pass.
    pub skipped: u64,
    /// The code of the failure that was last held against the server.
    pub last_error: Option<&'static str>,
}
