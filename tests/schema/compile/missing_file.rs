mod keys {
    samekey_macros::schema!("./no_such_file.toml", crate = ::samekey_schema);
}

fn main() {}
