mod keys {
    samekey_macros::schema!("./dead_pattern.toml", crate = ::samekey_schema);
}

fn main() {}
