mod model {
    use samekey_schema::__private::serde::{Deserialize, Serialize};

    /// What no schema says: an enum.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(crate = "samekey_schema::__private::serde")]
    pub enum Kind {
        Visit,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(crate = "samekey_schema::__private::serde")]
    pub struct Hit {
        pub kind: Kind,
    }
}

mod keys {
    samekey_macros::schema!("./own_types.toml", crate = ::samekey_schema, types = crate::model);
}

fn main() {
    let key: samekey_schema::TypedKey<Vec<model::Hit>> = keys::hits("ws1").unwrap();
    assert_eq!(key.as_str(), "hits:ws1");
    let hit = model::Hit { kind: model::Kind::Visit };
    let event = keys::events::HitSeen { workspace_id: "ws1".into(), hit: hit.clone() };
    assert_eq!(event.hit, hit);
}
