//! The dashboard's files, and how long a browser may keep them.

use std::fs;

use crate::server::Server;
use crate::small_history::fresh_path;

#[test]
fn assets_are_kept_for_ever_the_page_is_asked_for_again_and_what_is_missing_is_missing() {
    let database = fresh_path("files");
    let www = database.with_file_name("www");
    fs::create_dir_all(www.join("assets")).expect("folders");
    fs::write(www.join("index.html"), "<title>the page</title>").expect("the page");
    fs::write(www.join("favicon.svg"), "<svg/>").expect("an icon");
    fs::write(www.join("assets/app-1a2b.js"), "run()").expect("a script");
    let server =
        Server::start(&database, |command| command.arg("--no-simulate").arg("--www").arg(&www));

    let asset = server.get("/assets/app-1a2b.js");
    assert_eq!((asset.status, asset.text.as_str()), (200, "run()"));
    assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(asset.header("content-type"), "text/javascript");
    for path in ["/", "/agents", "/agents/ag-0001?timeframe=7d", "/index.html"] {
        let page = server.get(path);
        assert_eq!((page.status, page.text.as_str()), (200, "<title>the page</title>"), "{path}");
        assert_eq!(
            (page.header("cache-control"), page.header("content-type")),
            ("no-cache", "text/html"),
            "{path}"
        );
    }
    assert_eq!(server.get("/favicon.svg").header("cache-control"), "no-cache");
    for path in [
        "/assets/app-0000.js",
        "/assets/../../history.sqlite",
        "/assets/%2e%2e/%2e%2e/history.sqlite",
    ] {
        let missing = server.get(path);
        assert!(
            !missing.text.contains("SQLite")
                && missing.header("cache-control") != "public, max-age=31536000, immutable",
            "{path}"
        );
    }
    assert_eq!(server.get("/assets/app-0000.js").status, 404);
    let unchanged =
        server.get_with("/", &[("if-modified-since", server.get("/").header("last-modified"))]);
    assert_eq!(unchanged.status, 304);
}

#[test]
fn without_a_built_dashboard_the_page_says_how_to_build_it() {
    let server = Server::still(&fresh_path("bare"));
    let page = server.get("/");
    assert_eq!(page.status, 404);
    assert!(page.text.contains("make www"), "{}", page.text);
}
