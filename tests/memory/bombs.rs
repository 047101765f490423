//! Row 27 of the fault list: values that claim, or are, far more than the bytes in which they are stored.

use allocation_counter::measure;
use bytes::Bytes;
use samekey::server::codec::{Codec, CodecError, CodecSettings, Encoding, KeyRing};
use samekey::server::{BoxError, CacheService, L1Config, MemoryStore, Record, Store, Ttl};
use samekey::shadower;
use serde_json::json;
use std::time::Duration;
use xxhash_rust::xxh3::Xxh3;

use crate::fixture::{kpis, schema};

const KEY: &str = "exec:kpis:ws1";
const FAMILY: &str = "kpis";

/// What a refusal may take: its message, and a note for each level that was opened.
const WORDS: u64 = 32 << 10;

const JSON: u8 = 0;
const MESSAGE_PACK: u8 = 1;
const LZ4: u8 = 1 << 2;

/// A value as it is stored, with a right checksum: written from the description of the format, because no writer of ours
/// would claim what it does not have.
fn stored(codec: u8, claimed: u32, payload: &[u8]) -> Bytes {
    let mut header = [&b"\xC1SK\x01"[..], &[codec], &[0; 4]].concat();
    header.extend(claimed.to_be_bytes());
    let mut hash = Xxh3::new();
    hash.update(&header);
    hash.update(&(KEY.len() as u64).to_be_bytes());
    hash.update(KEY.as_bytes());
    hash.update(payload);
    [&header[..], &hash.digest().to_be_bytes(), payload].concat().into()
}

/// A block of LZ4 that becomes so many ones, and is 255 times smaller: one literal, repeated, and five at the end.
fn ones(bytes: usize) -> Vec<u8> {
    let repeated = bytes - 1 - 5 - (4 + 15);
    let mut block = vec![0x1F, b'1', 1, 0];
    block.extend(std::iter::repeat_n(255, repeated / 255));
    block.push((repeated % 255) as u8);
    block.extend(b"\x5011111");
    block
}

fn codec() -> Codec {
    CodecSettings::default().keys(keys()).for_schema(shadower::schema()).unwrap()
}

fn keys() -> KeyRing {
    KeyRing::parse(&format!("1:{}", "ab".repeat(32))).unwrap()
}

/// Reads it, and counts what that allocates.
fn read(codec: &Codec, stored: &Bytes, family: &str) -> (Result<Bytes, CodecError>, u64) {
    let stored = stored.clone();
    let mut read = None;
    let counted = measure(|| read = Some(codec.decode(KEY, stored, family)));
    (read.unwrap(), counted.bytes_total)
}

#[test]
fn row_27_what_claims_too_much_is_refused_before_anything_is_allocated() {
    let codec = codec();
    let most = CodecSettings::MAX_DECODED_BYTES as u32;
    let (large, gibibyte) = ("E_CODEC_TOO_LARGE", 1_u32 << 30);
    let real_bomb = ones(1 << 30);
    assert!(real_bomb.len() < 5_000_000);
    for (about, code, stored) in [
        ("a gibibyte, and becomes it", large, stored(JSON | LZ4, gibibyte, &real_bomb)),
        ("a gibibyte of MessagePack", large, stored(MESSAGE_PACK | LZ4, gibibyte, &real_bomb)),
        ("all that 32 bits hold", large, stored(JSON | LZ4, u32::MAX, b"\x101")),
        ("one byte over the limit", large, stored(JSON | LZ4, most + 1, &ones(most as usize + 1))),
        ("plain, a gibibyte", large, stored(JSON, gibibyte, b"1")),
        ("as much as allowed, of a byte", "E_CODEC_CORRUPT", stored(JSON | LZ4, most, b"\x101")),
        ("255 for a byte, and one more", "E_CODEC_CORRUPT", {
            let block = ones(65_000);
            let claimed = block.len() as u32 * 255 + 1;
            stored(JSON | LZ4, claimed, &block)
        }),
        ("plain, as much as allowed", "E_CODEC_CORRUPT", stored(JSON, most, b"1")),
    ] {
        let (read, allocated) = read(&codec, &stored, FAMILY);
        assert_eq!(read.map(|json| json.len()).map_err(|error| error.code()), Err(code), "{about}");
        assert!(allocated < WORDS, "{about}: {allocated} bytes");
    }
}

/// The other tests would see it: a value of the same making that is allowed is read, and takes its room.
#[test]
fn what_is_allowed_is_read_and_its_room_is_counted() {
    let size = 4 << 20;
    let (read, allocated) = read(&codec(), &stored(JSON | LZ4, size, &ones(size as usize)), FAMILY);
    assert_eq!(read.unwrap(), "1".repeat(size as usize));
    assert!((u64::from(size)..3 * u64::from(size)).contains(&allocated), "{allocated}");
}

#[test]
fn row_27_what_is_packed_claims_lengths_in_vain() {
    let codec = codec();
    for (about, packed) in [
        ("an array of four billion", &b"\xdd\xff\xff\xff\xff"[..]),
        ("a map of four billion", b"\xdf\xff\xff\xff\xff"),
        ("a text of four gibibytes", b"\xdb\xff\xff\xff\xff"),
        ("bytes, four gibibytes", b"\xc6\xff\xff\xff\xff"),
        ("an array of a billion, with one", b"\xdd\x40\x00\x00\x00\x01"),
        ("arrays of four billion in one another", &b"\xdd\xff\xff\xff\xff".repeat(100)),
    ] {
        let (read, allocated) =
            read(&codec, &stored(MESSAGE_PACK, packed.len() as u32, packed), FAMILY);
        assert_eq!(read.unwrap_err().code(), "E_CODEC_CORRUPT", "{about}");
        assert!(allocated < WORDS, "{about}: {allocated} bytes");
    }
}

#[test]
fn row_27_what_is_encrypted_takes_no_more_than_it_has() {
    let (family, larger) = ("revenue", CodecSettings::MAX_DECODED_BYTES + 2);
    let writer = CodecSettings::default().family(family, Encoding::JSON.with_lz4()).keys(keys());
    let writer = writer.max_decoded_bytes(larger).for_schema(shadower::schema()).unwrap();
    let json = Bytes::from(format!("\"{}\"", " ".repeat(larger - 2)));
    let stored = writer.encode(KEY, json, family).unwrap();
    assert!(stored.len() < 80_000, "{}", stored.len());
    let (read, allocated) = read(&codec(), &stored, family);
    assert_eq!(read.unwrap_err().code(), "E_CODEC_TOO_LARGE");
    assert!(allocated < stored.len() as u64 + WORDS, "decrypted once: {allocated} bytes");
}

#[cfg(feature = "pickle")]
#[test]
fn row_27_what_python_left_claims_lengths_in_vain() {
    let settings = CodecSettings::default().keys(keys()).read_pickles();
    let codec = settings.for_schema(shadower::schema()).unwrap();
    for (about, pickle) in [
        ("a text of a gibibyte", &b"\x80\x04X\x00\x00\x00\x40abc."[..]),
        ("a text of an exbibyte", b"\x80\x04\x8d\x00\x00\x00\x00\x00\x00\x00\x10abc."),
        ("bytes, a gibibyte", b"\x80\x04B\x00\x00\x00\x40abc."),
        ("bytes, an exbibyte", b"\x80\x04\x8e\x00\x00\x00\x00\x00\x00\x00\x10abc."),
        ("an integer of two gibibytes", b"\x80\x02\x8b\xff\xff\xff\x7f\x01."),
        ("the four billionth memo", b"\x80\x02]r\xff\xff\xff\xff0j\xff\xff\xff\xfe."),
    ] {
        let (read, allocated) = read(&codec, &Bytes::from_static(pickle), FAMILY);
        assert_eq!(read.unwrap_err().code(), "E_CODEC_CORRUPT", "{about}");
        assert!(allocated < WORDS, "{about}: {allocated} bytes");
    }
}

/// Through all that stands before and behind the codec: whoever asks gets what is computed.
#[test]
fn row_27_a_service_that_finds_a_bomb_computes_and_allocates_next_to_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = std::sync::Arc::new(MemoryStore::default());
    let cache = CacheService::builder(schema())
        .store(store.clone())
        .l1(L1Config::off())
        .codec(CodecSettings::default().for_schema(&schema()).unwrap())
        .build()
        .unwrap();
    let minute = Ttl::new(Duration::from_secs(60)).unwrap();
    for bomb in [
        stored(JSON | LZ4, 1 << 30, &ones(1 << 30)),
        stored(JSON | LZ4, CodecSettings::MAX_DECODED_BYTES as u32, b"\x101"),
    ] {
        runtime.block_on(store.set(Record::new(KEY, bomb, minute))).unwrap();
        let counted = measure(|| {
            let compute = || async { Ok::<_, BoxError>(json!(1)) };
            let answer = runtime.block_on(cache.get_or_compute(&kpis("ws1"), compute)).unwrap();
            assert_eq!(*answer, json!(1));
        });
        assert!(counted.bytes_total < 256 << 10, "{counted:?}");
    }
    let found = runtime.block_on(cache.get_cache_stats()).decode_errors;
    assert_eq!(found, 2, "they were read, and refused");
}
