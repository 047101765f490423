use crate::command::{run, samekey};
use crate::serve::Node;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn token(arguments: &[&str]) -> String {
    let ran = run(&[&["token", "--jwt-secret", SECRET], arguments].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out.trim().to_owned()
}

/// What a node answers to `GET path` with this token.
fn asked(node: &Node, path: &str, token: &str) -> u16 {
    let request = ureq::get(format!("{}{path}", node.url));
    let request = request.header("authorization", format!("Bearer {token}"));
    request.config().http_status_as_error(false).build().call().unwrap().status().as_u16()
}

fn invalidated(node: &Node, token: &str) -> u16 {
    let request = ureq::post(format!("{}/api/v1/cache/invalidate", node.url));
    let request = request.header("authorization", format!("Bearer {token}"));
    let request = request.config().http_status_as_error(false).build();
    let body = serde_json::json!({ "pattern": "exec:kpis:*" });
    request.send_json(body).unwrap().status().as_u16()
}

#[test]
fn a_node_of_the_same_secret_lets_its_bearer_do_what_it_says_and_no_more() {
    let node = Node::start(&["--jwt-secret", SECRET]);

    let reader = token(&["prometheus", "--scope", "cache:read"]);
    assert_eq!(asked(&node, "/metrics", &reader), 200);
    assert_eq!(invalidated(&node, &reader), 403);

    let scopes = ["application", "--scope", "cache:invalidate", "--scope", "cache:read"];
    assert_eq!(invalidated(&node, &token(&scopes)), 403, "nobody's data are within its reach");
    assert_eq!(invalidated(&node, &token(&[&scopes[..], &["--everything"]].concat())), 200);
}

#[test]
fn issuer_audience_and_secret_are_those_of_the_node_or_it_is_refused() {
    let node =
        Node::start(&["--jwt-secret", SECRET, "--jwt-issuer", "us", "--jwt-audience", "cache"]);
    let made = ["prometheus", "--scope", "cache:read", "--jwt-issuer", "us"];
    let right = token(&[&made[..], &["--jwt-audience", "cache"]].concat());
    assert_eq!(asked(&node, "/metrics", &right), 200);
    assert_eq!(asked(&node, "/metrics", &token(&made)), 401);

    let mut other = samekey();
    other.env("SAMEKEY_JWT_SECRET", "f".repeat(32)).env("SAMEKEY_JWT_AUDIENCE", "cache");
    let other = other.arg("token").args(made).output().unwrap();
    let other = String::from_utf8(other.stdout).unwrap();
    assert_eq!(asked(&node, "/metrics", other.trim()), 401);
}

#[test]
fn what_no_node_would_accept_is_not_made() {
    for (arguments, said) in [
        (&["token", "x", "--scope", "cache:read", "--jwt-secret", "short"][..], "32 bytes"),
        (&["token", "x", "--scope", "cache:everything", "--jwt-secret", SECRET], "cache:read, "),
        (&["token", "x", "--jwt-secret", SECRET], "--scope"),
        (&["token", "", "--scope", "cache:read", "--jwt-secret", SECRET], "E_ACCESS_TOKEN_INVALID"),
        (&["token", "x", "--scope", "cache:read"], "--jwt-secret"),
    ] {
        let ran = run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.contains(said), "{arguments:?}: {}", ran.err);
    }
}
