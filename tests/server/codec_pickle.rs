//! Pickles: what Python wrote is read as `json.dumps` would have written it, and nothing in it is executed.

use base64_text::decode;
use bytes::Bytes;
use samekey::server::codec::{CodecSettings, KeyRing, Remedy};
use samekey::shadower;
use serde::Deserialize;
use serde_json::Value;
use std::process::Command;

#[derive(Deserialize)]
struct Pickles {
    values: Vec<Readable>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct Readable {
    protocol: u8,
    json: String,
    pickle: String,
}

#[derive(Deserialize)]
struct Refused {
    about: String,
    protocol: u8,
    pickle: String,
}

const KEY: (&str, &str) = ("exec:dashboard:ws123:7d", "executive");

fn check(pickles: &str) {
    let pickles: Pickles = serde_json::from_str(pickles).unwrap();
    assert!(pickles.values.len() >= 41 * 6 && pickles.refused.len() >= 11 * 6);
    let settings = CodecSettings::default().keys(KeyRing::ephemeral()).read_pickles();
    let codec = settings.for_schema(shadower::schema()).unwrap();
    for value in pickles.values {
        let read = codec.decode(KEY.0, decode(&value.pickle), KEY.1);
        let read =
            read.unwrap_or_else(|error| panic!("{} {}: {error}", value.protocol, value.json));
        let (read, json): (Value, Value) =
            (serde_json::from_slice(&read).unwrap(), serde_json::from_str(&value.json).unwrap());
        assert_eq!(read, json, "protocol {}", value.protocol);
    }
    for refused in pickles.refused {
        let error = codec.decode(KEY.0, decode(&refused.pickle), KEY.1).map(drop);
        let error = error.expect_err(&format!("{}, protocol {}", refused.about, refused.protocol));
        assert_eq!((error.code(), error.remedy()), ("E_CODEC_CORRUPT", Remedy::Remove));
    }
    assert!(!std::path::Path::new("/tmp/samekey-was-here").exists(), "a pickle was executed");
}

#[test]
fn every_protocol_is_read_as_python_311_wrote_it() {
    check(include_str!("../vectors/entries/pickles.json"));
}

#[test]
fn every_protocol_is_read_as_the_python_that_is_here_writes_it() {
    let output = Command::new("python3").arg("tests/python/pickles.py").output();
    let output = output.expect("python3 is there (`make test` installs it)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    check(str::from_utf8(&output.stdout).unwrap());
}

#[test]
fn a_pickle_is_read_only_by_a_service_that_asked_for_it() {
    let pickle = Bytes::from_static(b"\x80\x04K*.");
    let plain = CodecSettings::default().keys(KeyRing::ephemeral());
    let reading = plain.clone().read_pickles().for_schema(shadower::schema()).unwrap();
    let plain = plain.for_schema(shadower::schema()).unwrap();
    assert_eq!(reading.decode(KEY.0, pickle.clone(), KEY.1).unwrap(), "42");
    let error = plain.decode(KEY.0, pickle.clone(), KEY.1).unwrap_err();
    assert_eq!((error.code(), error.remedy()), ("E_CODEC_FOREIGN", Remedy::Leave));
    let error = reading.decode("exec:revenue:ws1:7d", pickle, "revenue").unwrap_err();
    assert_eq!(error.code(), "E_CODEC_NOT_ENCRYPTED");
}

/// Base64, for the vectors alone.
mod base64_text {
    use bytes::Bytes;

    pub(super) fn decode(text: &str) -> Bytes {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let digits = text.bytes().filter(|digit| *digit != b'=');
        let values: Vec<_> =
            digits.map(|digit| DIGITS.iter().position(|known| *known == digit).unwrap()).collect();
        let bits = values.chunks(4).flat_map(|chunk| {
            let held =
                chunk.iter().fold(0, |held, value| held << 6 | value) << (6 * (4 - chunk.len()));
            [held >> 16, held >> 8, held].into_iter().take(chunk.len() - 1)
        });
        bits.map(|byte| (byte & 0xff) as u8).collect()
    }
}
