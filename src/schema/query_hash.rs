//! The identifier of a query's result: the same in Rust and in the generated Python.

use core::fmt::Write;

use md5::{Digest, Md5};
use serde_json::{Number, Value};

/// The MD5, in hex, of `<sql>:<params>`, where the parameters are written as Python's
/// `json.dumps(params, sort_keys=True)` writes them: keys sorted, `, ` and `: ` between, everything
/// beyond ASCII as `\uXXXX`, floats as `repr` spells them.
///
/// MD5, because the hash is shared with what is in Redis already; it names a cache entry and
/// protects nothing. Integers beyond 64 bits, which JSON in Rust reads as floats, differ from
/// Python's.
///
/// ```
/// # use serde_json::json;
/// let hash = samekey_schema::query_hash("SELECT 1", &json!({"b": 2, "a": [1.0, null]}));
/// // hashlib.md5(b'SELECT 1:{"a": [1.0, null], "b": 2}').hexdigest()
/// assert_eq!(hash, "f152db50457d2c73226313a40b858fee");
/// ```
#[must_use]
pub fn query_hash(sql: &str, params: &Value) -> String {
    let mut text = String::with_capacity(sql.len() + 64);
    text.push_str(sql);
    text.push(':');
    dump(&mut text, params);
    let mut hex = String::with_capacity(32);
    for byte in Md5::digest(text.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn dump(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => dump_number(out, number),
        Value::String(text) => dump_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                dump(out, item);
            }
            out.push(']');
        }
        Value::Object(entries) => {
            // Sorted here, because serde_json keeps the source's order when someone in the build
            // asks it to. UTF-8 sorts as Python's code points do.
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (index, (key, item)) in entries.into_iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                dump_text(out, key);
                out.push_str(": ");
                dump(out, item);
            }
            out.push('}');
        }
    }
}

fn dump_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

fn dump_number(out: &mut String, number: &Number) {
    let float = number.as_f64().filter(|_| number.is_f64());
    let _ = match float {
        Some(float) => write!(out, "{}", python_repr(float)),
        None => write!(out, "{number}"),
    };
}

/// `repr(float)`: the shortest digits that read back, as a decimal from 1e-4 to below 1e16 and with
/// an exponent of at least two digits outside.
fn python_repr(float: f64) -> String {
    let scientific = format!("{float:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let decimal = format!("{float}");
        return if decimal.contains('.') { decimal } else { decimal + ".0" };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
