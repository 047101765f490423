//! Stored bytes: whatever lies in Redis under one of our keys.

use std::sync::LazyLock;

use bytes::Bytes;
use proptest::prelude::*;
use samekey::server::codec::{Codec, CodecSettings, Encoding, KeyRing};
use samekey::shadower;
use serde::de::IgnoredAny;

use crate::mutation::mutated;
use crate::percent;

const PLAIN: (&str, &str) = ("executive", "exec:dashboard:ws123:7d");
const PACKED: (&str, &str) = ("kpis", "exec:kpis:ws123");
const SENSITIVE: (&str, &str) = ("revenue", "exec:revenue:ws123:7d");
const LIMIT: usize = 1 << 20;

static CODEC: LazyLock<Codec> = LazyLock::new(|| {
    let settings = CodecSettings::default().family("executive", Encoding::JSON.with_lz4());
    let settings = settings.family("kpis", Encoding::MESSAGE_PACK.with_lz4());
    let settings = settings.keys(KeyRing::ephemeral()).max_decoded_bytes(LIMIT);
    settings.read_pickles().for_schema(shadower::schema()).unwrap()
});

fn written() -> Vec<Vec<u8>> {
    let large = format!("[{}1]", r#"{"name":"a row","share":0.25,"none":null},"#.repeat(60));
    let small = r#"{"runs":42,"rate":-0.5,"é":[true,null]}"#.to_owned();
    let encode = |(family, key): (&str, &str), json: &String| {
        CODEC.encode(key, Bytes::from(json.clone()), family).unwrap().to_vec()
    };
    [PLAIN, PACKED, SENSITIVE]
        .into_iter()
        .flat_map(|of| [encode(of, &large), encode(of, &small)])
        .collect()
}

fn pickles() -> Vec<Vec<u8>> {
    [
        &b"\x80\x04\x95\x20\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94]\x94(K\x01G?\xf8\x00\x00\x00\x00\x00\x00eX\x01\x00\x00\x00b\x94\x8a\x01\x05Vc\np3\n\x88u."[..],
        b"(dp0\nVworkspace_id\np1\nVws123\np2\nsVruns\np3\n(lp4\nI1\naL2L\naF0.5\nag2\nas.",
        b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01M\x01\x02J\xff\xff\xff\xffNh\x01eX\x01\x00\x00\x00bq\x03h\x02K\x01\x86q\x04u.",
    ]
    .map(<[u8]>::to_vec)
    .into()
}

/// What is decoded is within the limit; and JSON, unless it was handed through as it came.
fn check(stored: &[u8]) {
    for (family, key) in [PLAIN, PACKED, SENSITIVE] {
        match CODEC.decode(key, Bytes::copy_from_slice(stored), family) {
            Ok(json) if json == stored => {}
            Ok(json) => {
                assert!(json.len() <= LIMIT);
                serde_json::from_slice::<IgnoredAny>(&json).expect("what we unfold is JSON");
            }
            Err(error) => {
                assert!(error.code().starts_with("E_CODEC_"));
                let _ = (error.remedy(), error.is_security_event(), error.to_string());
            }
        }
    }
}

proptest! {
    #![proptest_config(percent(20))]

    #[test]
    fn what_was_stored_and_then_damaged(stored in mutated(written())) {
        check(&stored);
    }
}

proptest! {
    #![proptest_config(percent(15))]

    #[test]
    fn pickles_that_were_damaged(stored in mutated(pickles())) {
        check(&stored);
    }
}

proptest! {
    #![proptest_config(percent(5))]

    #[test]
    fn bytes_at_random(
        head in prop::sample::select(vec![&b""[..], b"\xc1SK\x01", b"\x80\x04", b"("]),
        rest in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        check(&[head, &rest].concat());
        check(&[head, &rest, b"."].concat());
    }

    #[test]
    fn key_rings_of_any_text(text in mutated(vec![
        b"1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f".to_vec(),
        b"2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=,1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv4".to_vec(),
    ])) {
        if let Ok(ring) = KeyRing::parse(&String::from_utf8_lossy(&text)) {
            prop_assert!(ring.ids().all(|id| id != 0));
        }
    }
}
