//! The keys that sensitive answers are encrypted with in Redis.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use samekey::server::codec::KeyRing;

/// A key ring, and where it is from.
pub(super) struct Keys {
    pub(super) ring: KeyRing,
    /// None: from the environment.
    pub(super) file: Option<PathBuf>,
}

/// The keys of the environment; or else one of the demo's own, made at the first start and kept beside its database, where
/// only its user can read it.
pub(super) fn encryption_keys(database: &Path) -> Result<Keys, String> {
    if let Some(ring) = KeyRing::from_env().map_err(|error| error.to_string())? {
        return Ok(Keys { ring, file: None });
    }
    let file = PathBuf::from(format!("{}.keys", database.display()));
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&file) {
        Ok(mut new) => writeln!(new, "{}", KeyRing::new_key()).map_err(failed)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error)),
    }
    let text = std::fs::read_to_string(&file).map_err(failed)?;
    let ring =
        KeyRing::parse(text.trim()).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Keys { ring, file: Some(file) })
}
