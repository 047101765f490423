//! The rooms, and what each may name. A new rule goes here; a wish to relax one is a decision to write down.

use crate::sources::{Source, join};

/// A folder, what its sources may not name, and (TypeScript) where its imports may lead.
pub(crate) struct Room {
    pub(crate) folder: &'static str,
    /// A path or a name, and why not. A match is whole: `std::time` is found in `std::time::Instant`.
    pub(crate) forbidden: &'static [(&'static str, &'static str)],
    /// Packages by name, folders by path; `None` where imports are not judged.
    pub(crate) imports: Option<&'static [&'static str]>,
}

const BROWSER: &str = "only src/client names the browser";
const PURE: &str = "pure: no I/O, no clock, no threads";
const DOWNWARDS: &str = "dependencies point one way: client -> engine -> schema <- server";

const BROWSER_CRATES: [(&str, &str); 5] = [
    ("wasm_bindgen", BROWSER),
    ("js_sys", BROWSER),
    ("web_sys", BROWSER),
    ("gloo_timers", BROWSER),
    ("gloo_net", BROWSER),
];

pub(crate) const RUST_ROOMS: &[Room] = &[
    Room {
        folder: "src/schema",
        forbidden: &[
            ("use samekey", DOWNWARDS),
            ("crate::engine", DOWNWARDS),
            ("std::fs", PURE),
            ("std::net", PURE),
            ("std::env", PURE),
            ("std::thread", PURE),
            ("std::time::Instant", PURE),
            ("std::time::SystemTime", PURE),
            ("Instant::now", PURE),
            ("SystemTime::now", PURE),
            ("tokio", PURE),
            ("async fn", PURE),
            BROWSER_CRATES[0],
            BROWSER_CRATES[1],
            BROWSER_CRATES[2],
        ],
        imports: None,
    },
    Room {
        folder: "src/engine",
        forbidden: &[
            ("crate::client", DOWNWARDS),
            ("crate::server", DOWNWARDS),
            ("std::fs", PURE),
            ("std::net", PURE),
            ("std::env", PURE),
            ("std::thread", PURE),
            ("std::time", "time is an argument: see Moment"),
            ("tokio", PURE),
            ("async fn", "sans-IO: a call returns its effects"),
            ("target_arch", "hosts differ in what they plug in, not in the engine"),
            BROWSER_CRATES[0],
            BROWSER_CRATES[1],
            BROWSER_CRATES[2],
            BROWSER_CRATES[3],
            BROWSER_CRATES[4],
        ],
        imports: None,
    },
    Room {
        folder: "src/client",
        forbidden: &[("crate::server", DOWNWARDS), ("tokio", DOWNWARDS)],
        imports: None,
    },
    Room {
        folder: "src/server",
        forbidden: &[
            ("crate::client", DOWNWARDS),
            ("crate::engine", "client and server meet only in the schema"),
            BROWSER_CRATES[0],
            BROWSER_CRATES[1],
            BROWSER_CRATES[2],
        ],
        imports: None,
    },
    Room { folder: "macros", forbidden: &BROWSER_CRATES, imports: None },
    Room { folder: "demo/src", forbidden: &BROWSER_CRATES, imports: None },
];

pub(crate) const TYPESCRIPT_ROOMS: &[Room] = &[
    Room {
        folder: "pkg-template/src/border",
        forbidden: &[],
        imports: Some(&["pkg-template/src/border", "pkg-template/src/core"]),
    },
    Room {
        folder: "pkg-template/src/core",
        forbidden: &[],
        // The built-in fetch is imported on demand: a chunk of its own.
        imports: Some(&[
            "pkg-template/src/core",
            "pkg-template/src/border",
            "pkg-template/src/fetch",
        ]),
    },
    Room {
        folder: "pkg-template/src/fetch",
        forbidden: &[],
        imports: Some(&[
            "pkg-template/src/fetch",
            "pkg-template/src/core",
            "pkg-template/src/border",
        ]),
    },
    Room {
        folder: "pkg-template/src/live",
        forbidden: &[],
        imports: Some(&[
            "pkg-template/src/live",
            "pkg-template/src/react",
            "pkg-template/src/core",
            "pkg-template/src/border",
            "eventsource-parser",
            "react",
        ]),
    },
    Room {
        folder: "pkg-template/src/react",
        forbidden: &[],
        imports: Some(&[
            "pkg-template/src/react",
            "pkg-template/src/core",
            "pkg-template/src/border",
            "react",
        ]),
    },
    Room {
        folder: "pkg-template/src/shadower",
        forbidden: &[],
        imports: Some(&[
            "pkg-template/src/shadower",
            "pkg-template/src/react",
            "pkg-template/src/core",
            "react",
        ]),
    },
    // The dashboard has what any user has: the packed package, and nothing of ours beside it.
    Room {
        folder: "www/src",
        forbidden: &[
            ("@tanstack", "the dashboard shows samekey"),
            ("pkg-template", "only the packed package"),
        ],
        imports: None,
    },
];

/// What arms a timer in a browser.
pub(crate) const TIMERS: &[&str] = &[
    "setTimeout",
    "setInterval",
    "requestAnimationFrame",
    "requestIdleCallback",
    "AbortSignal.timeout",
];

impl Room {
    /// Each line of `file` that names what it may not, told with its place and the reason.
    pub(crate) fn faults_in(&self, file: &Source) -> Vec<String> {
        let mut faults: Vec<String> = self
            .forbidden
            .iter()
            .flat_map(|(name, why)| {
                file.lines_naming(name).into_iter().map(move |line| format!("{line} ({why})"))
            })
            .collect();
        let Some(allowed) = self.imports else { return faults };
        for import in file.imports() {
            let leads_to = if import.starts_with('.') { join(&file.path, &import) } else { import };
            if !allowed
                .iter()
                .any(|room| leads_to == *room || leads_to.starts_with(&format!("{room}/")))
            {
                faults.push(format!(
                    "{}: imports {leads_to}; {} may import {}",
                    file.path,
                    self.folder,
                    allowed.join(", ")
                ));
            }
        }
        faults
    }
}
