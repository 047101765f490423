//! The bytes that are written, against those in `tests/vectors/entries/`: here, because only here the nonce can be given.

use bytes::Bytes;
use serde::Deserialize;

use super::{Codec, CodecSettings, Encoding, KeyRing};
use crate::shadower;

#[derive(Deserialize)]
struct Golden {
    encryption_keys: String,
    nonce: String,
    families: std::collections::BTreeMap<String, Vec<String>>,
    entries: Vec<GoldenEntry>,
}

#[derive(Deserialize)]
struct GoldenEntry {
    about: String,
    family: String,
    key: String,
    json: String,
    stored: String,
}

fn codec(golden: &Golden) -> Codec {
    let mut settings =
        CodecSettings::default().keys(KeyRing::parse(&golden.encryption_keys).unwrap());
    for (family, words) in &golden.families {
        let encoding = words.iter().fold(Encoding::JSON, |encoding, word| match word.as_str() {
            "lz4" => encoding.with_lz4(),
            "message_pack" => Encoding { message_pack: true, ..encoding },
            other => panic!("{other}"),
        });
        settings = settings.family(family, encoding);
    }
    settings.for_schema(shadower::schema()).unwrap()
}

fn from_hex(hex: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

#[test]
fn the_same_bytes_are_written_as_ever() {
    let golden = include_str!("../../../tests/vectors/entries/values.json");
    let golden: Golden = serde_json::from_str(golden).unwrap();
    let nonce: [u8; 24] = from_hex(&golden.nonce).try_into().unwrap();
    let codec = codec(&golden);
    assert!(golden.entries.len() >= 9);
    for entry in &golden.entries {
        let json = Bytes::from(entry.json.clone());
        let stored =
            codec.encode_with(|| Ok(nonce.into()), &entry.key, json, &entry.family).unwrap();
        let stored: String = stored.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(stored, entry.stored, "{}", entry.about);
    }
}
