//! A function that `#[cached]` cannot cache is a compile error at its place, with the remedy.

#[test]
fn what_cannot_be_cached_is_an_error_at_its_place() {
    trybuild::TestCases::new().compile_fail("cached/*.rs");
}
