//! JSON to MessagePack and back.

use super::limited::Limited;
use super::transcode::transcode;

/// As deep as `serde_json` goes.
const MAX_DEPTH: usize = 128;

/// `json` as MessagePack, when that reads back as the same bytes.
///
/// It need not: an integer beyond 64 bits would become a float, and a float may lose its last digit. White space is not
/// kept either. The reader must get what was stored, so the way back is walked before the value is.
pub(super) fn from_json(json: &[u8]) -> Option<Vec<u8>> {
    let mut packed = Vec::with_capacity(json.len());
    let mut source = serde_json::Deserializer::from_slice(json);
    transcode(&mut source, &mut rmp_serde::Serializer::new(&mut packed)).ok()?;
    source.end().ok()?;
    (to_json(&packed, json.len()).ok()? == json).then_some(packed)
}

/// MessagePack as JSON of at most `limit` bytes. Read from the slice, so that a length that is claimed allocates nothing;
/// that nothing comes after the value is what the seal around it vouches for.
pub(super) fn to_json(packed: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    let mut source = rmp_serde::Deserializer::from_read_ref(packed);
    source.set_max_depth(MAX_DEPTH);
    let mut target = Limited::new(limit);
    transcode(&mut source, &mut serde_json::Serializer::new(&mut target))
        .map_err(|error| format!("not MessagePack: {error}"))?;
    Ok(target.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_comes_back_byte_by_byte() {
        for json in [
            "null",
            "true",
            "0",
            "-1",
            "18446744073709551615",
            "-9223372036854775808",
            "1.5",
            "\"\"",
            "\"é\\u0001\\n\"",
            "[]",
            "{}",
            r#"{"z":1,"a":[1,{"b":null}],"é":2.25}"#,
        ] {
            let packed = from_json(json.as_bytes()).unwrap_or_else(|| panic!("{json}"));
            assert_eq!(to_json(&packed, json.len()).unwrap(), json.as_bytes());
        }
    }

    #[test]
    fn what_would_come_back_as_other_bytes_is_not_packed() {
        for json in ["18446744073709551616", "[1, 2]", "1e3", "\"\\/\"", "[1", "1 2"] {
            assert_eq!(from_json(json.as_bytes()), None, "{json}");
        }
    }

    #[test]
    fn nests_and_sizes_are_bounded() {
        let nested = [vec![0x91; 10_000], vec![0xc0]].concat();
        assert!(to_json(&nested, usize::MAX).unwrap_err().contains("depth"));
        // An array that claims four billion items and has none.
        assert!(to_json(&[0xdd, 0xff, 0xff, 0xff, 0xff], usize::MAX).is_err());
        assert!(to_json(&[0xa1, 1], 7).is_err(), "one byte that becomes eight: \"\\u0001\"");
        assert_eq!(to_json(&[0xa1, 1], 8).unwrap(), b"\"\\u0001\"");
        assert!(to_json(&[0xc4, 1, 1], 8).is_err(), "bytes, which JSON does not have");
    }
}
