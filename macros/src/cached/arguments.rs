//! What stands in the attribute: the key, then the options.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprCall, ExprLit, Ident, Lit, Result, Token};

const HOW: &str =
    "write the key's function and its parameters: #[cached(executive(workspace, timeframe))]";

pub(super) struct Arguments {
    /// `shadower::executive(workspace, timeframe)`.
    pub(super) key: ExprCall,
    /// `cache = self.inner.cache`.
    pub(super) cache: Option<Expr>,
    /// `skip_cache = request.no_cache`.
    pub(super) skip_cache: Option<Expr>,
    /// `ttl = "5m"`.
    pub(super) ttl: Option<Time>,
    /// `cache_none`, for as long as the value, or `cache_none = "30s"`.
    pub(super) cache_none: Option<Time>,
    /// `cache_err = "5s"`.
    pub(super) cache_err: Option<Time>,
}

/// A duration, and where it was asked for.
pub(super) struct Time {
    /// An expression of type `Duration`.
    pub(super) time: TokenStream,
    pub(super) span: Span,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let key = parse_key(input, HOW)?;
        Self::options(key, input)
    }
}

/// The call that makes the key.
pub(super) fn parse_key(input: ParseStream<'_>, how: &str) -> Result<ExprCall> {
    if input.is_empty() {
        return Err(Error::new(Span::call_site(), how));
    }
    match input.parse::<Expr>()? {
        Expr::Call(call) => Ok(call),
        other => Err(Error::new_spanned(other, how)),
    }
}

impl Arguments {
    /// What comes behind the key.
    pub(super) fn options(key: ExprCall, input: ParseStream<'_>) -> Result<Self> {
        let mut arguments = Self {
            key,
            cache: None,
            skip_cache: None,
            ttl: None,
            cache_none: None,
            cache_err: None,
        };
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if !input.is_empty() {
                arguments.option(input)?;
            }
        }
        Ok(arguments)
    }

    fn option(&mut self, input: ParseStream<'_>) -> Result<()> {
        let name: Ident = input.parse()?;
        let span = name.span();
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(input.parse::<Expr>()?),
            None => None,
        };
        let once = match (name.to_string().as_str(), value) {
            ("cache", Some(value)) => self.cache.replace(value).is_none(),
            ("skip_cache", Some(value)) => self.skip_cache.replace(value).is_none(),
            ("ttl", Some(value)) => self.ttl.replace(time(value)?).is_none(),
            ("cache_none", Some(value)) => self.cache_none.replace(time(value)?).is_none(),
            ("cache_none", None) => {
                let time = quote_spanned!(span=> __key.ttl());
                self.cache_none.replace(Time { time, span }).is_none()
            }
            ("cache_err", Some(value)) => self.cache_err.replace(time(value)?).is_none(),
            ("cache" | "skip_cache" | "ttl" | "cache_err", None) => {
                return Err(Error::new(span, format!("write `{name} = …`")));
            }
            _ => {
                return Err(Error::new(
                    span,
                    "the options are `cache`, `skip_cache`, `ttl`, `cache_none` and `cache_err`",
                ));
            }
        };
        if once { Ok(()) } else { Err(Error::new(span, format!("`{name}` is given twice"))) }
    }
}

/// A duration: a text such as `"90s"`, or an expression.
fn time(value: Expr) -> Result<Time> {
    let span = value.span();
    let time = match &value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            let millis = milliseconds(&text.value()).ok_or_else(|| {
                Error::new(span, "write a number and a unit, more than nothing: \"500ms\", \"90s\", \"5m\", \"1h\", \"7d\"")
            })?;
            quote_spanned!(span=> ::core::time::Duration::from_millis(#millis))
        }
        Expr::Lit(_) => {
            return Err(Error::new(
                span,
                "which unit? Write \"90s\" or an expression of type `Duration`",
            ));
        }
        // A binding of its own, so that the type is checked here and not where it is used.
        _ => {
            let value = value.to_token_stream();
            quote_spanned!(span=> { let time: ::core::time::Duration = #value; time })
        }
    };
    Ok(Time { time, span })
}

fn milliseconds(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let unit = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit).filter(|millis| *millis > 0)
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        for (text, millis) in [
            ("1ms", Some(1)),
            ("90s", Some(90_000)),
            ("5m", Some(300_000)),
            ("1h", Some(3_600_000)),
            ("7d", Some(604_800_000)),
            ("0s", None),
            ("90", None),
            ("", None),
            ("s", None),
            ("1 s", None),
            ("-1s", None),
            ("1.5h", None),
            ("99999999999999999999s", None),
            ("9999999999999999d", None),
        ] {
            assert_eq!(milliseconds(text), millis, "{text}");
        }
    }
}
