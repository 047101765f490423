//! A query string's parameters, or the problem with them.

use std::collections::HashMap;
use std::fmt::Display;

use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use samekey::server::http::Problem;

use crate::timeframe::Timeframe;

/// The parameters by name; of one given twice, the last counts.
#[derive(Debug)]
pub(super) struct Parameters(HashMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(parameters)) => Ok(Self(parameters)),
            Err(error) => {
                let text = error.body_text();
                Err(Problem::new(StatusCode::BAD_REQUEST, "E_QUERY_INVALID", text))
            }
        }
    }
}

impl Parameters {
    /// The value of a parameter that may be left out.
    pub(super) fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    /// The value of a parameter that must be there.
    pub(super) fn required(&self, field: &str) -> Result<&str, Problem> {
        let missing = || {
            let message = format!("{field} is missing");
            Problem::new(StatusCode::BAD_REQUEST, "E_FIELD_MISSING", message).with_field(field)
        };
        self.get(field).filter(|value| !value.is_empty()).ok_or_else(missing)
    }

    /// The workspace that the request is about.
    pub(super) fn workspace(&self) -> Result<String, Problem> {
        self.required("workspace_id").map(str::to_owned)
    }

    /// The timeframe that the request is about.
    pub(super) fn timeframe(&self) -> Result<Timeframe, Problem> {
        self.choice("timeframe", Timeframe::parse, "one of 1h, 24h, 7d, 30d, 90d")
    }

    /// A parameter that must be one of a few words.
    pub(super) fn choice<T>(
        &self,
        field: &str,
        parse: impl Fn(&str) -> Option<T>,
        expected: &str,
    ) -> Result<T, Problem> {
        let value = self.required(field)?;
        parse(value).ok_or_else(|| bad_value(field, expected, value))
    }

    /// A whole number within bounds, or `default` when it is left out.
    pub(super) fn number(
        &self,
        field: &str,
        default: u32,
        bounds: std::ops::RangeInclusive<u32>,
    ) -> Result<u32, Problem> {
        let Some(value) = self.get(field) else { return Ok(default) };
        let number = value.parse().ok().filter(|number| bounds.contains(number));
        let expected = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        number.ok_or_else(|| bad_value(field, &expected, value))
    }
}

/// A field whose value means nothing here.
pub(super) fn bad_value(field: &str, expected: &str, value: impl Display) -> Problem {
    let message = format!("{field} must be {expected}, not {:?}", value.to_string());
    Problem::new(StatusCode::BAD_REQUEST, "E_BAD_PARAMETER", message).with_field(field)
}
