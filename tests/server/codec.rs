//! The codec: what is stored is read, and what is not readable says why.

use bytes::Bytes;
use proptest::prelude::*;
use samekey::schema::Schema;
use samekey::server::codec::{Codec, CodecError, CodecSettings, Encoding, KeyRing, Remedy};
use samekey::shadower;
use serde::Deserialize;
use std::collections::BTreeMap;

const EXECUTIVE: (&str, &str) = ("executive", "exec:dashboard:ws123:7d");
const SENSITIVE: (&str, &str) = ("revenue", "exec:revenue:ws123:7d");

/// `executive` as `encoding`, `revenue` encrypted.
fn codec(encoding: Encoding) -> Codec {
    let settings = CodecSettings::default().family("executive", encoding);
    settings.family("revenue", encoding).keys(keys()).for_schema(shadower::schema()).unwrap()
}

fn keys() -> KeyRing {
    KeyRing::parse("1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f").unwrap()
}

fn encodings() -> [Encoding; 4] {
    let (json, packed) = (Encoding::JSON, Encoding::MESSAGE_PACK);
    [json, packed, json.with_lz4(), packed.with_lz4()]
}

/// JSON of about `bytes`, as a service would store.
fn rows(bytes: usize) -> Bytes {
    let row =
        |n| serde_json::json!({ "n": n, "name": format!("row {n}"), "share": n as f64 / 4.0 });
    let rows: Vec<_> = (0..bytes / 40 + 1).map(row).collect();
    serde_json::to_vec(&rows).unwrap().into()
}

#[test]
fn plain_json_goes_in_and_out_without_a_copy() {
    let codec = Codec::plain(shadower::schema());
    let json = rows(5000);
    let stored = codec.encode(EXECUTIVE.1, json.clone(), EXECUTIVE.0).unwrap();
    assert_eq!(stored.as_ptr(), json.as_ptr());
    let read = codec.decode(EXECUTIVE.1, stored, EXECUTIVE.0).unwrap();
    assert_eq!(read.as_ptr(), json.as_ptr());
    for json in ["{}", " \t\r\n[]", "\"\"", "-1", "9", "true", "false", "null"] {
        let json = Bytes::from_static(json.as_bytes());
        assert_eq!(codec.decode("k", json.clone(), "no family").unwrap(), json);
    }
}

#[test]
fn every_encoding_reads_what_every_other_wrote() {
    for json in [rows(10), rows(1023), rows(200_000), Bytes::from_static(b"null")] {
        for (family, key) in [EXECUTIVE, SENSITIVE] {
            for writer in encodings() {
                let stored = codec(writer).encode(key, json.clone(), family).unwrap();
                for reader in encodings() {
                    assert_eq!(codec(reader).decode(key, stored.clone(), family).unwrap(), json);
                }
            }
        }
    }
}

#[test]
fn compression_and_packing_are_kept_only_where_they_make_it_smaller() {
    let (family, key) = EXECUTIVE;
    let size =
        |encoding, json: &Bytes| codec(encoding).encode(key, json.clone(), family).unwrap().len();
    let json = rows(20_000);
    assert!(size(Encoding::JSON.with_lz4(), &json) < json.len() / 3);
    assert!(size(Encoding::MESSAGE_PACK, &json) < json.len() * 9 / 10);
    assert!(
        size(Encoding::MESSAGE_PACK.with_lz4(), &json) < size(Encoding::MESSAGE_PACK, &json) / 2
    );
    let noise: String = (0..2000_u32)
        .map(|n| char::from(33 + (n.wrapping_mul(2_654_435_769) >> 20) as u8 % 89))
        .collect();
    let noise = noise.replace(['"', '\\'], "x");
    for json in [rows(900), Bytes::from("0"), Bytes::from(format!("\"{noise}\""))] {
        assert!(size(Encoding::JSON.with_lz4(), &json) <= json.len());
        assert!(size(Encoding::MESSAGE_PACK, &json) <= json.len());
    }
    let below = rows(Encoding::LZ4_FROM_BYTES - 100);
    assert!(below.len() < Encoding::LZ4_FROM_BYTES);
    assert_eq!(size(Encoding::JSON.with_lz4(), &below), below.len());
}

#[test]
fn a_sensitive_value_never_lies_there_readable_and_never_twice_the_same() {
    let (family, key) = SENSITIVE;
    let json = Bytes::from_static(br#"{"revenue":"secret-amount"}"#);
    for encoding in encodings() {
        let codec = codec(encoding);
        let stored = codec.encode(key, json.clone(), family).unwrap();
        assert!(!stored.windows(6).any(|window| window == b"secret"));
        assert_ne!(codec.encode(key, json.clone(), family).unwrap(), stored);
    }
    // Compressing tells something of what is inside, so a family must ask for it itself.
    let compressing = CodecSettings::default().encoding(Encoding::JSON.with_lz4()).keys(keys());
    let codec = compressing.for_schema(shadower::schema()).unwrap();
    assert!(codec.encode(key, rows(20_000), family).unwrap().len() > 20_000);
    assert!(codec.encode(EXECUTIVE.1, rows(20_000), EXECUTIVE.0).unwrap().len() < 10_000);
}

#[test]
fn sensitive_families_without_a_key_are_an_error_at_the_start_and_are_never_stored() {
    let error = CodecSettings::default().for_schema(shadower::schema()).unwrap_err();
    let CodecError::NoKey { families } = &error else { panic!("{error}") };
    assert_eq!(families, &["revenue", "user_activity"]);
    assert_eq!(error.code(), "E_CODEC_NO_KEY");
    let codec = Codec::plain(shadower::schema());
    assert!(codec.is_sensitive("revenue") && !codec.is_sensitive("executive"));
    let error = codec.encode(SENSITIVE.1, rows(10), SENSITIVE.0).unwrap_err();
    assert_eq!(error.code(), "E_CODEC_NO_KEY");
    assert!(codec.encode(EXECUTIVE.1, rows(10), EXECUTIVE.0).is_ok());
    let nothing_sensitive = Schema {
        name: "doc".into(),
        ttl_classes: vec![],
        entities: vec![],
        families: vec![],
        events: vec![],
    };
    assert!(CodecSettings::default().for_schema(&nothing_sensitive).is_ok());
    let misspelt = CodecSettings::default().family("executives", Encoding::MESSAGE_PACK);
    let error = misspelt.for_schema(&nothing_sensitive).unwrap_err();
    assert_eq!(error.code(), "E_FAMILY_UNKNOWN");
}

#[test]
fn keys_can_be_changed_without_a_miss() {
    let (family, key) = SENSITIVE;
    let [old, new] =
        ["1:", "2:"].map(|id| format!("{id}{}", if id == "1:" { "aa" } else { "bb" }.repeat(32)));
    let node = |keys: &str| {
        let keys = KeyRing::parse(keys).unwrap();
        CodecSettings::default().keys(keys).for_schema(shadower::schema()).unwrap()
    };
    let steps = [old.clone(), format!("{old},{new}"), format!("{new},{old}"), new.clone()]
        .map(|keys| node(&keys));
    // During a roll-out two neighbouring steps run side by side.
    for (one, other) in [(0, 1), (1, 2), (2, 3)] {
        for (writer, reader) in [(one, other), (other, one)] {
            let stored = steps[writer].encode(key, rows(10), family).unwrap();
            // Only the last step leaves something behind: what was written two steps before.
            assert_eq!(steps[reader].decode(key, stored, family).unwrap(), rows(10));
        }
    }
    let stored = steps[0].encode(key, rows(10), family).unwrap();
    let error = steps[3].decode(key, stored, family).unwrap_err();
    assert_eq!((error.code(), error.remedy()), ("E_CODEC_FOREIGN", Remedy::Leave));
}

#[test]
fn other_key_bytes_under_the_same_id_are_told_to_the_audit_and_empty_nothing() {
    let node = |byte: &str| {
        let keys = KeyRing::parse(&format!("1:{}", byte.repeat(32))).unwrap();
        CodecSettings::default().keys(keys).for_schema(shadower::schema()).unwrap()
    };
    let stored = node("aa").encode(SENSITIVE.1, rows(10), SENSITIVE.0).unwrap();
    let error = node("ab").decode(SENSITIVE.1, stored, SENSITIVE.0).unwrap_err();
    assert_eq!((error.code(), error.remedy()), ("E_CODEC_NOT_AUTHENTIC", Remedy::Leave));
    assert!(error.is_security_event());
}

#[test]
fn a_bomb_is_told_from_its_claim() {
    let (family, key) = EXECUTIVE;
    let large = CodecSettings::default().family(family, Encoding::JSON.with_lz4()).keys(keys());
    let large = large.max_decoded_bytes(64 << 20).for_schema(shadower::schema()).unwrap();
    let json = Bytes::from(format!("\"{}\"", " ".repeat(CodecSettings::MAX_DECODED_BYTES)));
    let stored = large.encode(key, json.clone(), family).unwrap();
    assert!(stored.len() < 80_000, "{}", stored.len());
    assert_eq!(large.decode(key, stored.clone(), family).unwrap(), json);
    let small = codec(Encoding::JSON);
    let error = small.decode(key, stored, family).unwrap_err();
    assert_eq!((error.code(), error.remedy()), ("E_CODEC_TOO_LARGE", Remedy::Remove));
    assert_eq!(small.encode(key, json, family).unwrap_err().code(), "E_CODEC_TOO_LARGE");
}

#[test]
fn errors_and_settings_show_neither_keys_nor_values() {
    let settings = CodecSettings::default().keys(keys());
    let shown =
        format!("{settings:?} {:?}", settings.clone().for_schema(shadower::schema()).unwrap());
    assert!(
        shown.contains("ids: [1]") && !shown.contains("0001") && !shown.contains("[0, 1, 2"),
        "{shown}"
    );
}

#[derive(Deserialize)]
struct Golden {
    encryption_keys: String,
    families: BTreeMap<String, Vec<String>>,
    entries: Vec<Written>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct Written {
    about: String,
    family: String,
    key: String,
    json: String,
    stored: String,
}

#[derive(Deserialize)]
struct Refused {
    about: String,
    family: String,
    key: String,
    stored: String,
    code: String,
    removed: bool,
    security_event: bool,
}

fn golden() -> (Golden, Codec) {
    let golden: Golden =
        serde_json::from_str(include_str!("../vectors/entries/values.json")).unwrap();
    // The reader has settings of its own: a value says itself how it is to be read.
    let keys = KeyRing::parse(&golden.encryption_keys).unwrap();
    let codec = CodecSettings::default().keys(keys).for_schema(shadower::schema()).unwrap();
    (golden, codec)
}

fn from_hex(hex: &str) -> Bytes {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

#[test]
fn what_was_ever_written_is_read() {
    let (golden, codec) = golden();
    assert!(golden.entries.len() >= 9 && golden.families.len() >= 4);
    for entry in golden.entries {
        let read = codec.decode(&entry.key, from_hex(&entry.stored), &entry.family);
        assert_eq!(read.unwrap(), entry.json, "{}", entry.about);
    }
}

#[test]
fn what_is_not_ours_or_broken_is_refused_by_its_code() {
    let (golden, codec) = golden();
    assert!(golden.refused.len() >= 22);
    for entry in golden.refused {
        let error = codec.decode(&entry.key, from_hex(&entry.stored), &entry.family);
        let error = error.expect_err(&entry.about);
        let found = (error.code(), error.remedy() == Remedy::Remove, error.is_security_event());
        assert_eq!(found, (&*entry.code, entry.removed, entry.security_event), "{}", entry.about);
        assert!(
            error.to_string().starts_with(&format!("{}: {}", entry.code, entry.key)),
            "{error}"
        );
    }
}

#[test]
fn no_cut_and_no_changed_byte_is_read_as_something_else() {
    let (golden, codec) = golden();
    for entry in golden.entries.iter().filter(|entry| entry.stored.starts_with("c1534b")) {
        let stored = from_hex(&entry.stored);
        for end in 0..stored.len() {
            let read = codec.decode(&entry.key, stored.slice(..end), &entry.family);
            assert!(read.is_err(), "{}, {end}", entry.about);
        }
        for at in 0..stored.len() {
            // Each of the header's bytes takes every other value, each of the rest a few.
            let changes = if at < 37 { 1..=255 } else { 1..=3 };
            for change in changes {
                let mut changed = stored.to_vec();
                changed[at] ^= change;
                // A changed magic may begin as JSON does: then it is plain JSON, and its reader will say.
                let json = at == 0 && b" \t\r\n{[\"-0123456789tfn".contains(&changed[0]);
                let read = codec.decode(&entry.key, changed.into(), &entry.family);
                assert!(read.is_err() || json, "{}, byte {at} changed by {change}", entry.about);
            }
        }
    }
}

/// Any JSON that `serde_json` writes.
fn any_json() -> impl Strategy<Value = Bytes> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_map(|f| serde_json::Number::from_f64(f).map_or(0.into(), Into::into)),
        ".*".prop_map(Into::into),
    ];
    let tree = leaf.prop_recursive(6, 200, 10, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..40).prop_map(Into::into),
            prop::collection::btree_map(".*", inner, 0..10)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    });
    tree.prop_map(|value| serde_json::to_vec(&value).unwrap().into())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_json_comes_back_byte_by_byte(
        json in any_json(), which in 0..4_usize, sensitive: bool, key in "\\PC*",
    ) {
        let codec = codec(encodings()[which]);
        let family = if sensitive { "revenue" } else { "executive" };
        let stored = codec.encode(&key, json.clone(), family).unwrap();
        prop_assert_eq!(codec.decode(&key, stored.clone(), family).unwrap(), json.clone());
        // Under another key it is not read, if it is anything but plain JSON.
        if stored != json {
            prop_assert!(codec.decode(&(key + "x"), stored, family).is_err());
        }
    }
}
