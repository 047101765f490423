//! What stands under a key: JSON as an API has it already, in types that are written or the reader's own.

use samekey::schema::codegen::{Language, Options, generate};
use samekey::schema::{Code, Document, Finding, parse_schema};

/// A schema with one family, whose value is `value`, and a type with the field `field`.
fn parsed(value: &str, field: &str) -> Result<Document, Vec<Finding>> {
    parse_schema(&format!(
        r#"
        name = "shop"
        [ttl]
        short = 60
        [entities]
        order = {{}}
        [families.notes]
        key = "order:{{order}}:notes"
        ttl = "short"
        value = "{value}"
        [events.note_written]
        fields = {{ order_id = "order", note = "Note" }}
        invalidates = ["order:{{order_id}}:notes"]
        [types.Note]
        {field} = "string"
        "#
    ))
}

fn written(document: &Document, language: Language, types: Option<&str>) -> String {
    generate(document, language, &Options { types, ..Options::default() })
}

#[test]
fn a_familys_value_may_be_a_list_or_a_scalar() {
    for (value, rust, typescript) in [
        ("Note[]", "TypedKey<::std::vec::Vec<Note>>", "defineFamily<Note[], "),
        ("Note", "TypedKey<Note>", "defineFamily<Note, "),
        ("integer", "TypedKey<i64>", "defineFamily<number, "),
        ("string[]", "TypedKey<::std::vec::Vec<::std::string::String>>", "defineFamily<string[], "),
        ("json", "__private::serde_json::Value>", "defineFamily<unknown, "),
    ] {
        let document = parsed(value, "text").unwrap();
        let code = written(&document, Language::Rust, None);
        assert!(code.contains(rust), "{value}: {code}");
        let code = written(&document, Language::TypeScript, None);
        assert!(code.contains(typescript), "{value}: {code}");
    }
}

#[test]
fn an_entitys_ids_may_be_whole_numbers() {
    let schema = |kind: &str| {
        parse_schema(&format!(
            r#"
            name = "shop"
            [ttl]
            short = 60
            [entities]
            order = {{ type = "{kind}" }}
            [families.order]
            key = "order:{{order}}"
            ttl = "short"
            [events.order_changed]
            fields = {{ order_id = "order" }}
            entity = "order"
            "#
        ))
    };
    let document = schema("integer").unwrap();
    let code = written(&document, Language::Rust, None);
    assert!(code.contains("pub fn order(order: impl ::core::convert::Into<i64>)"), "{code}");
    assert!(code.contains("pub r#order_id: i64"), "{code}");
    let code = written(&document, Language::TypeScript, None);
    assert!(code.contains("defineFamily<unknown, [order: number]>"), "{code}");
    assert!(code.contains("order_changed: { order_id: number }"), "{code}");
    let findings = schema("uuid").unwrap_err();
    assert_eq!(findings[0].code, Code::UnknownType);
}

#[test]
fn a_type_that_does_not_exist_is_found_in_a_list_too() {
    for value in ["Nota[]", "Nota", "note", "Note[][]", "Note?"] {
        let findings = parsed(value, "text").unwrap_err();
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].code, Code::UnknownType, "{value}");
    }
}

#[test]
fn a_field_is_called_as_it_is_in_the_json_and_in_snake_case_in_rust() {
    let document = parsed("Note[]", "writtenBy").unwrap();
    assert!(written(&document, Language::TypeScript, None).contains("\n  writtenBy: string\n"));
    let code = written(&document, Language::Rust, None);
    assert!(code.contains("#[serde(rename = \"writtenBy\")]\n    pub r#written_by: "), "{code}");
    assert!(written(&document, Language::Json, None).contains("writtenBy"));
}

#[test]
fn two_fields_that_are_one_in_rust_are_a_finding() {
    let findings = parsed("Note", "writtenBy = \"string\"\nwritten_by").unwrap_err();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].code, Code::UnsafeName);
}

#[test]
fn value_types_of_the_readers_own_are_named_and_not_written() {
    let document = parsed("Note[]", "text").unwrap();
    let code = written(&document, Language::Rust, Some("crate::model"));
    assert!(code.contains("TypedKey<::std::vec::Vec<crate::model::Note>>"), "{code}");
    assert!(code.contains("pub r#note: crate::model::Note"), "{code}");
    assert!(!code.contains("pub struct Note "), "{code}");
    let code = written(&document, Language::TypeScript, Some("../api/types"));
    assert!(code.contains("import type { Note } from '../api/types'\n"), "{code}");
    assert!(code.contains("export type { Note } from '../api/types'\n"), "{code}");
    assert!(!code.contains("export interface Note "), "{code}");
    assert!(code.contains("defineFamily<Note[], "), "{code}");
}
