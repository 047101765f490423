//! A fault in a schema file is a compile error that names the file, the line and the remedy.

#[test]
fn a_faulty_schema_does_not_compile_and_says_where() {
    let cases = trybuild::TestCases::new();
    cases.pass("../tests/schema/compile/sound.rs");
    cases.pass("../tests/schema/compile/own_types.rs");
    cases.compile_fail("../tests/schema/compile/dead_pattern.rs");
    cases.compile_fail("../tests/schema/compile/missing_ttl.rs");
    cases.compile_fail("../tests/schema/compile/missing_file.rs");
    cases.compile_fail("../tests/schema/compile/wrong_value_type.rs");
}
