//! Drives the engine in the browser.
