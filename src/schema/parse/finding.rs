//! A finding: what is wrong with a schema file, where, and what to do.

use core::fmt;
use core::ops::Range;

/// One thing that is wrong with a schema file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of fault.
    pub code: Code,
    /// The line of the file, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, naming the thing at fault.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

impl fmt::Display for Finding {
    /// `12:1: E_SCHEMA_DEAD_PATTERN: …`, to be put behind `file:`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, line, column, message, help } = self;
        write!(f, "{line}:{column}: {code}: {message}\n  help: {help}")
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The kinds of findings. The texts are stable; programs and documents may name them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All kinds, in the order of `docs/key-schema.md`.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// The file is not TOML.
    Syntax = "E_SCHEMA_SYNTAX",
    /// A table or a property that the format does not have.
    UnknownProperty = "E_SCHEMA_UNKNOWN_PROPERTY",
    /// A property is missing or of the wrong kind.
    BadValue = "E_SCHEMA_BAD_VALUE",
    /// A name that is no name in one of the languages, or two that become one.
    UnsafeName = "E_SCHEMA_UNSAFE_NAME",
    /// A key or pattern that cannot be read.
    BadTemplate = "E_SCHEMA_BAD_TEMPLATE",
    /// A family without a TTL, or with one that leaves some of its keys without.
    MissingTtl = "E_SCHEMA_MISSING_TTL",
    /// A TTL class that does not exist.
    UnknownTtl = "E_SCHEMA_UNKNOWN_TTL",
    /// `{name}` that is neither an entity nor a segment.
    UnknownSegment = "E_SCHEMA_UNKNOWN_SEGMENT",
    /// An entity that does not exist, or that the family's key does not name.
    UnknownEntity = "E_SCHEMA_UNKNOWN_ENTITY",
    /// A family that does not exist.
    UnknownFamily = "E_SCHEMA_UNKNOWN_FAMILY",
    /// A value type that does not exist.
    UnknownType = "E_SCHEMA_UNKNOWN_TYPE",
    /// An event field that does not exist.
    UnknownField = "E_SCHEMA_UNKNOWN_FIELD",
    /// Two families that can make the same key.
    AmbiguousFamilies = "E_SCHEMA_AMBIGUOUS_FAMILIES",
    /// A pattern that no key of any family can match.
    DeadPattern = "E_SCHEMA_DEAD_PATTERN",
    /// A pattern whose field stands where a family has another segment.
    MisplacedField = "E_SCHEMA_MISPLACED_FIELD",
    /// A family of an entity that the entity's event leaves out.
    UncoveredFamily = "E_SCHEMA_UNCOVERED_FAMILY",
    /// An exception for a family that needs none.
    IdleException = "E_SCHEMA_IDLE_EXCEPTION",
    /// An endpoint whose URL does not say which key it answers for.
    BadEndpoint = "E_SCHEMA_BAD_ENDPOINT",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Collects findings; knows the source, so that a byte offset becomes a line and a column.
#[derive(Debug)]
pub(crate) struct Findings<'s> {
    source: &'s str,
    found: Vec<(usize, Finding)>,
}

impl<'s> Findings<'s> {
    pub(crate) const fn new(source: &'s str) -> Self {
        Self { source, found: Vec::new() }
    }

    /// Adds a finding at a byte offset of the source.
    pub(crate) fn report(
        &mut self,
        at: usize,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (line, column) = self.line_and_column(at);
        let (message, help) = (message.into(), help.into());
        self.found.push((at, Finding { code, line, column, message, help }));
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The findings in the file's order, as a person mends them.
    pub(crate) fn into_sorted(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|(at, _)| *at);
        self.found.into_iter().map(|(_, finding)| finding).collect()
    }

    /// What the file says there.
    pub(crate) fn text(&self, span: Range<usize>) -> &'s str {
        self.source.get(span).unwrap_or_default()
    }

    pub(crate) fn line_of(&self, at: usize) -> usize {
        self.line_and_column(at).0
    }

    fn line_and_column(&self, at: usize) -> (usize, usize) {
        let before = &self.source[..at.min(self.source.len())];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}
