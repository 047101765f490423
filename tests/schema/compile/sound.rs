mod keys {
    samekey_macros::schema!("./sound.toml", crate = ::samekey_schema);
}

fn main() {
    let key = keys::hits("ws1").unwrap();
    assert_eq!(key.as_str(), "hits:ws1");
    let hits = keys::Hits { count: 1 };
    assert_eq!(hits, hits.clone());
}
