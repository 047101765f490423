mod keys {
    samekey_macros::schema!("./missing_ttl.toml", crate = ::samekey_schema);
}

fn main() {}
