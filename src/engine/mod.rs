//! The query cache as a state machine.
