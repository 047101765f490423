use std::time::UNIX_EPOCH;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::*;
use crate::server::access::{Reach, Scope, Scopes};

const SECRET: [u8; 32] = [7; 32];
const RSA: &str = include_str!("../../../../tests/server/token_keys/rsa.pem");
const RSA_PUBLIC: &str = include_str!("../../../../tests/server/token_keys/rsa.pub.pem");
const ED: &str = include_str!("../../../../tests/server/token_keys/ed25519.pem");
const ED_PUBLIC: &str = include_str!("../../../../tests/server/token_keys/ed25519.pub.pem");

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed()
}

fn claims() -> Value {
    json!({
        "iss": "issuer", "aud": "samekey", "sub": "alice", "exp": now() + 300,
        "scope": "cache:read openid cache:stream",
        "entities": { "workspace": ["ws1"], "agent": "*" },
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn signed(algorithm: Algorithm, key: &EncodingKey, claims: &Value) -> String {
    encode(&Header::new(algorithm), claims, key).unwrap()
}

fn by_secret(claims: &Value) -> String {
    signed(Algorithm::HS256, &EncodingKey::from_secret(&SECRET), claims)
}

fn jwt(key: JwtKey) -> Jwt {
    Jwt::new(key, "issuer", "samekey")
}

fn shared() -> Jwt {
    jwt(JwtKey::hs256(SECRET).unwrap())
}

fn refusal(jwt: &Jwt, token: &str) -> &'static str {
    let problem = jwt.access(token).unwrap_err();
    assert_eq!(problem.status(), StatusCode::UNAUTHORIZED);
    problem.code()
}

#[test]
fn a_token_gives_its_name_its_scopes_and_its_reach() {
    let access = shared().access(&by_secret(&claims())).unwrap();
    assert_eq!(*access.principal(), Principal::named("alice"));
    assert_eq!(access.scopes(), Scopes::from([Scope::Read, Scope::Stream]));
    assert_eq!(*access.reach(), Reach::only("workspace", ["ws1"]).and_any("agent"));
    let left = access.expires().unwrap().duration_since(SystemTime::now()).unwrap();
    assert!((300..=331).contains(&left.as_secs()), "{left:?}");
}

#[test]
fn scopes_may_be_a_list_and_are_none_without_the_claim() {
    let listed = json!(["events:write", "openid"]);
    let mut of_list = without("scope");
    of_list["scopes"] = listed;
    let scopes = |claims: &Value| shared().access(&by_secret(claims)).unwrap().scopes();
    assert_eq!(scopes(&of_list), Scopes::from([Scope::WriteEvents]));
    assert_eq!(scopes(&without("scope")), Scopes::default());
}

#[test]
fn what_a_token_does_not_say_it_does_not_reach() {
    let reach = |claims: &Value| {
        shared().access(&by_secret(claims)).map(|access| access.reach().clone()).ok()
    };
    assert_eq!(reach(&without("entities")), Some(Reach::nothing()));
    assert_eq!(reach(&with("entities", json!({}))), Some(Reach::nothing()));
    assert_eq!(reach(&with("entities", json!("*"))), Some(Reach::Everything));
    // An id where a list belongs, a star in a list: neither is all of them.
    assert_eq!(reach(&with("entities", json!({ "workspace": "ws1" }))), None);
    assert_eq!(reach(&with("entities", json!("workspace"))), None);
    let star = reach(&with("entities", json!({ "workspace": ["*"] }))).unwrap();
    assert!(!star.allows("workspace", "ws1"));
}

#[test]
fn rsa_and_ed25519_are_checked_by_public_key() {
    let rsa = jwt(JwtKey::rs256(RSA_PUBLIC).unwrap());
    let ed = jwt(JwtKey::ed25519(ED_PUBLIC).unwrap());
    let by_rsa =
        signed(Algorithm::RS256, &EncodingKey::from_rsa_pem(RSA.as_bytes()).unwrap(), &claims());
    let by_ed =
        signed(Algorithm::EdDSA, &EncodingKey::from_ed_pem(ED.as_bytes()).unwrap(), &claims());
    assert!(rsa.access(&by_rsa).is_ok() && ed.access(&by_ed).is_ok());
    assert_eq!(refusal(&rsa, &by_ed), "E_ACCESS_TOKEN_INVALID");
    assert_eq!(refusal(&ed, &by_rsa), "E_ACCESS_TOKEN_INVALID");
    for other in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        let key = EncodingKey::from_rsa_pem(RSA.as_bytes()).unwrap();
        let token = signed(other, &key, &claims());
        assert_eq!(refusal(&rsa, &token), "E_ACCESS_TOKEN_INVALID", "{other:?}");
    }
}

/// The classic: sign with HMAC, taking the public key that everybody has as the secret.
#[test]
fn a_public_key_is_never_taken_for_a_secret() {
    let rsa = jwt(JwtKey::rs256(RSA_PUBLIC).unwrap());
    let ed = jwt(JwtKey::ed25519(ED_PUBLIC).unwrap());
    let both = jwt(JwtKey::rs256(RSA_PUBLIC).unwrap()).or(JwtKey::hs256(SECRET).unwrap());
    for public in [RSA_PUBLIC, RSA_PUBLIC.trim_end(), ED_PUBLIC, ED_PUBLIC.trim_end()] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let key = EncodingKey::from_secret(public.as_bytes());
            let forged = signed(algorithm, &key, &claims());
            for jwt in [&rsa, &ed, &both] {
                assert_eq!(refusal(jwt, &forged), "E_ACCESS_TOKEN_INVALID", "{algorithm:?}");
            }
        }
    }
    assert!(both.access(&by_secret(&claims())).is_ok());
}

#[test]
fn none_is_no_algorithm() {
    // {"alg":"none","typ":"JWT"}, and in other letters.
    for head in ["eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "eyJhbGciOiJOb25lIiwidHlwIjoiSldUIn0"] {
        let signed = by_secret(&claims());
        let parts: Vec<_> = signed.split('.').collect();
        for forged in [
            format!("{head}.{}.", parts[1]),
            format!("{head}.{}.{}", parts[1], parts[2]),
            format!("{head}.{}", parts[1]),
        ] {
            assert_eq!(refusal(&shared(), &forged), "E_ACCESS_TOKEN_INVALID", "{forged}");
        }
    }
}

#[test]
fn issuer_audience_subject_and_time_are_checked_and_must_be_there() {
    for missing in ["iss", "aud", "exp", "sub"] {
        let token = by_secret(&without(missing));
        assert_eq!(refusal(&shared(), &token), "E_ACCESS_TOKEN_INVALID", "without {missing}");
    }
    for (claim, value, code) in [
        ("iss", json!("another"), "E_ACCESS_TOKEN_INVALID"),
        ("aud", json!("another"), "E_ACCESS_TOKEN_INVALID"),
        ("aud", json!(["another", "third"]), "E_ACCESS_TOKEN_INVALID"),
        ("aud", json!(7), "E_ACCESS_TOKEN_INVALID"),
        ("sub", json!(""), "E_ACCESS_TOKEN_INVALID"),
        ("sub", json!(7), "E_ACCESS_TOKEN_INVALID"),
        ("exp", json!(now() - 31), "E_ACCESS_TOKEN_EXPIRED"),
        ("exp", json!("never"), "E_ACCESS_TOKEN_INVALID"),
        ("exp", json!(-1), "E_ACCESS_TOKEN_INVALID"),
        ("exp", json!(1e300), "E_ACCESS_TOKEN_INVALID"),
        ("nbf", json!(now() + 60), "E_ACCESS_TOKEN_INVALID"),
    ] {
        let token = by_secret(&with(claim, value.clone()));
        assert_eq!(refusal(&shared(), &token), code, "{claim} {value}");
    }
    for (claim, value) in [
        ("aud", json!(["another", "samekey"])),
        ("exp", json!(now() - 5)), // within the leeway
        ("nbf", json!(now() - 60)),
    ] {
        assert!(
            shared().access(&by_secret(&with(claim, value.clone()))).is_ok(),
            "{claim} {value}"
        );
    }
}

/// What is expired is told only to who holds a token that was ours.
#[test]
fn a_forged_token_is_invalid_whenever_it_ends() {
    let forger = EncodingKey::from_secret(&[8; 32]);
    for exp in [now() + 300, now() - 300] {
        let forged = signed(Algorithm::HS256, &forger, &with("exp", json!(exp)));
        assert_eq!(refusal(&shared(), &forged), "E_ACCESS_TOKEN_INVALID");
    }
}

#[test]
fn a_changed_token_is_none() {
    let token = by_secret(&claims());
    for at in (0..token.len() - 1).step_by(7) {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert_eq!(refusal(&shared(), &changed), "E_ACCESS_TOKEN_INVALID", "at {at}");
    }
    for junk in ["", ".", "..", "a.b.c", "\u{0}", &"a".repeat(100_000), &format!("{token}.x")] {
        assert_eq!(refusal(&shared(), junk), "E_ACCESS_TOKEN_INVALID");
    }
}

#[test]
fn a_key_with_an_id_checks_its_own_tokens() {
    let old = JwtKey::hs256(SECRET).unwrap().with_id("old");
    let new = JwtKey::hs256([8; 32]).unwrap().with_id("new");
    let both = jwt(old).or(new);
    let of = |id: Option<&str>, secret: [u8; 32]| {
        let header = Header { kid: id.map(Into::into), ..Header::new(Algorithm::HS256) };
        encode(&header, &claims(), &EncodingKey::from_secret(&secret)).unwrap()
    };
    assert!(both.access(&of(Some("old"), SECRET)).is_ok());
    assert!(both.access(&of(Some("new"), [8; 32])).is_ok());
    assert!(both.access(&of(None, [8; 32])).is_ok());
    assert_eq!(refusal(&both, &of(Some("old"), [8; 32])), "E_ACCESS_TOKEN_INVALID");
    assert_eq!(refusal(&both, &of(Some("other"), SECRET)), "E_ACCESS_TOKEN_INVALID");
}

#[test]
fn what_is_no_key_is_refused_when_the_server_is_built() {
    for wrong in [
        JwtKey::hs256("short"),
        JwtKey::hs256(RSA_PUBLIC),
        JwtKey::rs256(ED_PUBLIC),
        JwtKey::ed25519(RSA_PUBLIC),
        JwtKey::rs256("no key"),
    ] {
        assert_eq!(wrong.unwrap_err().code(), "E_ACCESS_KEY");
    }
}

#[test]
fn no_key_shows_in_debug() {
    let text =
        format!("{:?}", shared().or(JwtKey::hs256("a secret of thirty-two bytes, ok!").unwrap()));
    assert!(
        text.contains("HS256") && !text.contains("secret of") && !text.contains("7, 7"),
        "{text}"
    );
}
