//! What must not compile, and what it is told. All of it is in the tests.
