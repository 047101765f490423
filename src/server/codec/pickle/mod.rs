//! Python pickles of plain data, read as `json.dumps(pickle.loads(value))` would write them. Never written.
//!
//! A pickle is a program for a stack machine; the one in Python can import and call. This one has the thirty-odd
//! instructions that build plain data (`machine`), refuses every other by its name, and nothing in it calls anything. Its
//! result is a graph (`heap`), because a pickle may mention one list a thousand times; it is written (`json`) with a limit
//! on the depth and on the bytes, so that neither a deep nest nor a few lists of lists of the same list do harm.

mod heap;
mod input;
mod json;
mod machine;

/// The most bytes of a pickle that are read: what the cache stores at most.
const MAX_BYTES: usize = 1024 * 1024;

/// Deeper nests are refused: each level is a call deep when it is written.
const MAX_DEPTH: usize = 64;

/// `pickle` as JSON of at most `limit` bytes, or why not.
pub(super) fn to_json(pickle: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    if pickle.len() > MAX_BYTES {
        return Err(format!("a pickle of {} bytes; at most {MAX_BYTES} are read", pickle.len()));
    }
    let wrong = |why| format!("not a pickle of plain data: {why}");
    let (heap, root) = machine::run(pickle).map_err(wrong)?;
    json::write(&heap, root, limit).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pickle: &[u8]) -> Result<String, String> {
        to_json(pickle, 1 << 20).map(|json| String::from_utf8(json).unwrap())
    }

    #[test]
    fn plain_values_of_the_oldest_and_the_newest_protocol_are_read() {
        for (pickle, json) in [
            (&b"N."[..], "null"),
            (b"I01\n.", "true"),
            (b"I-5\n.", "-5"),
            (b"L123456789012345678901234567890L\n.", "123456789012345678901234567890"),
            (b"F1.5\n.", "1.5"),
            (b"V\\u00e9\\U0001f600 \xe9\np0\n.", "\"é😀 é\""),
            (b"(lp0\nI1\na(I2\nI3\nta.", "[1,[2,3]]"),
            (b"(dp0\nVa\np1\n(lp2\ns.", "{\"a\":[]}"),
            (b"\x80\x02]q\x00(K\x01M\x01\x02J\xff\xff\xff\xffe.", "[1,513,-1]"),
            (
                b"\x80\x04\x95\x0a\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94\x88s.",
                "{\"a\":true}",
            ),
            (b"\x80\x02\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x00.", "18446744073709551615"),
            (b"\x80\x02\x8a\x01\x80.", "-128"),
            (b"\x80\x02\x8a\x00.", "0"),
            (b"\x80\x02G?\xf8\x00\x00\x00\x00\x00\x00.", "1.5"),
            (b"\x80\x02}(K\x01K\x02NK\x03\x89K\x04u.", "{\"1\":2,\"null\":3,\"false\":4}"),
            (b"\x80\x02X\x01\x00\x00\x00aq\x00h\x00\x86.", "[\"a\",\"a\"]"),
        ] {
            assert_eq!(read(pickle).as_deref(), Ok(json), "{}", pickle.escape_ascii());
        }
    }

    #[test]
    fn what_imports_or_calls_is_refused_by_name() {
        for (pickle, why) in [
            (&b"cos\nsystem\n(Vrm\ntR."[..], "GLOBAL"),
            (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", "STACK_GLOBAL"),
            (b"\x80\x02K\x01R.", "REDUCE"),
            (b"\x80\x02}b.", "BUILD"),
            (b"(ios\nsystem\n.", "INST"),
            (b"(o.", "OBJ"),
            (b"))\x81.", "NEWOBJ"),
            (b"\x80\x02\x82\x01.", "EXT1"),
            (b"Pa\n.", "PERSID"),
            (b"NQ.", "BINPERSID"),
            (b"\x80\x03C\x01a.", "bytes"),
            (b"\x80\x04\x8f.", "a set"),
            (b"U\x01a.", "Python 2"),
        ] {
            let error = read(pickle).unwrap_err();
            assert!(error.contains(why), "{}: {error}", pickle.escape_ascii());
        }
    }

    #[test]
    fn what_json_has_no_word_for_is_refused() {
        for (pickle, why) in [
            (&b"Fnan\n."[..], "not finite"),
            (b"G\x7f\xf0\x00\x00\x00\x00\x00\x00.", "not finite"),
            (b"}(]K\x01u.", "as a dict's key"),
            (b"V\\ud800\n.", "surrogate"),
            (b"\x8c\x01\xff.", "UTF-8"),
            (b"\x8a\x11aaaaaaaaaaaaaaaaa.", "128 bits"),
        ] {
            let error = read(pickle).unwrap_err();
            assert!(error.contains(why), "{}: {error}", pickle.escape_ascii());
        }
    }

    #[test]
    fn depth_size_and_sharing_are_bounded() {
        let nested =
            |levels: usize| [vec![b']'; levels], vec![b'a'; levels - 1], vec![b'.']].concat();
        assert!(read(&nested(MAX_DEPTH)).is_ok());
        assert!(read(&nested(MAX_DEPTH + 1)).unwrap_err().contains("nested"));
        assert!(read(&nested(500_000)).unwrap_err().contains("nested"));
        assert!(read(&vec![b'('; MAX_BYTES + 1]).unwrap_err().contains("at most"));
        // A list in itself; and thirty lists, each of the one before it twice.
        assert!(read(b"]q\x00h\x00a.").unwrap_err().contains("nested"));
        let doubled: Vec<u8> =
            (0..30_u8).flat_map(|i| [b']', b'q', i + 1, b'h', i, b'a', b'h', i, b'a']).collect();
        let bomb = [&b"(]q\x00"[..], &doubled, b"l."].concat();
        assert!(read(&bomb).unwrap_err().contains("more bytes"));
    }

    #[test]
    fn every_prefix_and_every_changed_byte_ends_without_a_panic() {
        let pickle = b"\x80\x04\x95\x20\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94]\x94(K\x01G?\xf8\x00\x00\x00\x00\x00\x00eX\x01\x00\x00\x00b\x94\x8a\x01\x05Vc\np3\n\x88u.";
        assert_eq!(read(pickle).as_deref(), Ok(r#"{"a":[1,1.5],"b":5,"c":true}"#));
        for end in 0..pickle.len() {
            assert!(read(&pickle[..end]).is_err(), "{end}");
        }
        for at in 0..pickle.len() {
            for byte in 0..=255 {
                let mut changed = pickle.to_vec();
                changed[at] = byte;
                let _ = read(&changed);
            }
        }
    }
}
