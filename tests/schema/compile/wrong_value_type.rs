use samekey_schema::TypedKey;

mod keys {
    samekey_macros::schema!("./sound.toml", crate = ::samekey_schema);
}

/// What a cache does: the key says what stands under it.
fn get<T>(_key: &TypedKey<T>) -> T {
    unimplemented!()
}

fn main() {
    let key = keys::hits("ws1").unwrap();
    let _: String = get(&key);
}
