//! Certificates made for one test, and a Redis that shows one.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::redis_server::RedisServer;

/// A server's certificate and the authority that signed it, made for one test.
pub(crate) struct Certificates(PathBuf);

impl Certificates {
    pub(crate) fn make(name: &str) -> Self {
        Self::for_names(name, "IP:127.0.0.1")
    }

    /// The same of a server that goes by other names, as `subjectAltName` writes them.
    pub(crate) fn for_names(name: &str, names: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("samekey-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let made = Self(folder);
        made.openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-authority -keyout ca.key -out ca.pem");
        made.openssl(
            "req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout server.key -out server.csr",
        );
        std::fs::write(made.0.join("names.ext"), format!("subjectAltName={names}\n")).unwrap();
        made.openssl("x509 -req -days 2 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names.ext -out server.pem");
        made
    }

    fn openssl(&self, arguments: &str) {
        let arguments = arguments.split(' ');
        let done = Command::new("openssl").args(arguments).current_dir(&self.0).output();
        let done = done.expect("openssl is installed wherever certificates are");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    pub(crate) fn path(&self, file: &str) -> String {
        path(&self.0, file)
    }
}

fn path(folder: &Path, file: &str) -> String {
    folder.join(file).to_str().unwrap().to_owned()
}

impl Drop for Certificates {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Certificates {
    /// What a `redis-server` shows them with, on this port; or on a free one, if it is `PORT`.
    pub(crate) fn shown_on(&self, port: &str) -> Vec<String> {
        let files = [
            ("--tls-cert-file", "server.pem"),
            ("--tls-key-file", "server.key"),
            ("--tls-ca-cert-file", "ca.pem"),
        ];
        let files = files.into_iter().flat_map(|(name, file)| [name.to_owned(), self.path(file)]);
        ["--tls-auth-clients", "no", "--tls-port", port]
            .map(String::from)
            .into_iter()
            .chain(files)
            .collect()
    }
}

/// A Redis that listens for TLS beside its plain port; its password is `hunter2`.
pub(crate) fn start(certificates: &Certificates) -> (RedisServer, u16) {
    let mut arguments = certificates.shown_on("PORT");
    arguments.extend(["--requirepass", "hunter2"].map(String::from));
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let server = RedisServer::start_with(&arguments);
    let port = server.other_ports().next().expect("it was asked for");
    (server, port)
}
