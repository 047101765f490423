//! SQL from the outside: for tests that compare a page with the database, and
//! for the curious.

use std::path::Path;

use rusqlite::types::ValueRef;
use serde_json::{Map, Value, json};

use crate::database::{Database, DatabaseError};

/// Runs one statement on a read-only connection and returns its rows as JSON
/// objects by column name. A statement that writes fails.
pub fn query(path: &Path, sql: &str) -> Result<Value, DatabaseError> {
    let reader = Database::reader(path)?;
    let mut statement = reader.prepare(sql)?;
    let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let rows = statement.query_map([], |row| {
        let mut object = Map::new();
        for (index, name) in names.iter().enumerate() {
            object.insert(name.clone(), to_json(row.get_ref(index)?));
        }
        Ok(Value::Object(object))
    })?;
    Ok(Value::Array(rows.collect::<Result<_, _>>()?))
}

fn to_json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => json!(number),
        ValueRef::Real(number) => json!(number),
        // There are no blobs in our tables; an expression that makes one is shown as text.
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => json!(String::from_utf8_lossy(bytes)),
    }
}
