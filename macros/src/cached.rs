//! `#[cached(family(parameters…))]`: the function's result, from the cache.
//!
//! The function becomes two. The one that callers see makes the key and asks the cache; the other, beside
//! it, has the body. A compute runs in a task of its own and may outlive its caller, so what the body
//! borrowed is owned by the task: each `&T` is copied once, by `ToOwned`, on every call.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, Expr, ExprCall, FnArg, ItemFn, Pat, Receiver, Result, ReturnType, Token,
    Type, parse_quote,
};

/// What stands in the attribute.
struct Arguments {
    /// `shadower::executive(workspace, timeframe)`.
    key: ExprCall,
    /// `cache = self.inner.cache`.
    cache: Option<Expr>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let how = "write the key's function and its parameters: #[cached(executive(workspace, timeframe))]";
        if input.is_empty() {
            return Err(Error::new(Span::call_site(), how));
        }
        let key = match input.parse::<Expr>()? {
            Expr::Call(call) => call,
            other => return Err(Error::new_spanned(other, how)),
        };
        let mut cache = None;
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let name: Ident = input.parse()?;
            if name != "cache" {
                return Err(Error::new(name.span(), "the only option is `cache = …`"));
            }
            input.parse::<Token![=]>()?;
            if cache.replace(input.parse()?).is_some() {
                return Err(Error::new(name.span(), "`cache` is given twice"));
            }
        }
        Ok(Self { key, cache })
    }
}

/// A parameter as the task takes it along.
struct Carried {
    /// `let __arg0 = …;`, before the task begins.
    capture: TokenStream,
    /// `&__arg0`, as the body's function gets it.
    pass: TokenStream,
}

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let arguments: Arguments = syn::parse2(attribute)?;
    let function: ItemFn = syn::parse2(item)?;
    check_signature(&function)?;

    let cache = cache_expression(&arguments, &function)?;
    let lookup = lookup(&function)?;
    let carried = carried(&function, &cache)?;
    let key = key_call(arguments.key);
    let body_name = format_ident!("__{}_uncached", function.sig.ident);
    let body_path = match function.sig.receiver() {
        Some(_) => quote!(Self::#body_name),
        None => quote!(#body_name),
    };

    // The body need not look at these two; every other parameter it ignores is worth its warning.
    let looked_at =
        ["cache", "skip_cache"].into_iter().filter(|name| parameter(&function, name).is_some());
    let looked_at = looked_at.map(|name| format_ident!("{name}"));
    let ItemFn { attrs, vis, sig, block } = &function;
    let mut body_sig = sig.clone();
    body_sig.ident = body_name;
    let cfgs = attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    let outer: Vec<&Attribute> = attrs.iter().collect();
    let (captures, passes): (Vec<_>, Vec<_>) =
        carried.iter().map(|carried| (&carried.capture, &carried.pass)).unzip();
    let span = sig.ident.span();
    let call = quote_spanned! {span=>
        (#cache).get_or_compute_with(&__key, __lookup, move || async move { #body_path(#(#passes),*).await }).await?
    };
    Ok(quote! {
        #(#outer)*
        #vis #sig {
            let __key = (#key).map_err(::samekey::server::CacheError::from)?;
            let __lookup = #lookup;
            #(#captures)*
            ::core::result::Result::Ok(::std::sync::Arc::unwrap_or_clone(#call))
        }

        #(#cfgs)*
        #[doc(hidden)]
        #[allow(clippy::too_many_arguments)]
        #body_sig {
            #(let _ = &#looked_at;)*
            #block
        }
    })
}

fn check_signature(function: &ItemFn) -> Result<()> {
    let sig = &function.sig;
    if sig.asyncness.is_none() {
        return Err(Error::new(
            sig.fn_token.span(),
            "#[cached] is for async functions: a lookup takes a round trip",
        ));
    }
    if let ReturnType::Default = sig.output {
        return Err(Error::new(
            sig.ident.span(),
            "#[cached] needs a `Result<T, E>` with `E: From<CacheError>`, and `T` the key's value type",
        ));
    }
    Ok(())
}

/// The cache to ask: what the attribute says, a parameter `cache`, or `self.cache`.
fn cache_expression(arguments: &Arguments, function: &ItemFn) -> Result<Expr> {
    if let Some(cache) = &arguments.cache {
        return Ok(cache.clone());
    }
    if parameter(function, "cache").is_some() {
        return Ok(parse_quote!(cache));
    }
    match function.sig.receiver() {
        Some(_) => Ok(parse_quote!(self.cache)),
        None => Err(Error::new(
            function.sig.ident.span(),
            "which cache? Take a parameter `cache: &CacheService`, or write `cache = …` in the attribute",
        )),
    }
}

/// A parameter `skip_cache: bool` decides; without one the cache is always used.
fn lookup(function: &ItemFn) -> Result<TokenStream> {
    let Some(skip) = parameter(function, "skip_cache") else {
        return Ok(quote!(::samekey::server::Lookup::Use));
    };
    match &*skip.ty {
        Type::Path(path) if path.path.is_ident("bool") => {
            Ok(quote!(::samekey::server::Lookup::skip_cache(skip_cache)))
        }
        other => Err(Error::new_spanned(other, "`skip_cache` must be a `bool`")),
    }
}

fn parameter<'f>(function: &'f ItemFn, name: &str) -> Option<&'f syn::PatType> {
    function.sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(typed) => match &*typed.pat {
            Pat::Ident(pattern) if pattern.ident == name => Some(typed),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    })
}

/// The call that makes the key. A parameter is cloned, because the body wants it too.
fn key_call(mut call: ExprCall) -> ExprCall {
    let clone = |argument: Expr| -> Expr {
        match &argument {
            Expr::Path(path) if path.path.get_ident().is_some() => {
                let span = argument.span();
                Expr::Verbatim(quote_spanned!(span=> ::core::clone::Clone::clone(&#argument)))
            }
            _ => argument,
        }
    };
    call.args = call.args.into_iter().map(clone).collect::<Punctuated<_, Token![,]>>();
    call
}

fn carried(function: &ItemFn, cache: &Expr) -> Result<Vec<Carried>> {
    let inputs = function.sig.inputs.iter().enumerate();
    inputs
        .map(|(index, input)| {
            let owned = format_ident!("__arg{index}");
            match input {
                FnArg::Receiver(receiver) => carried_self(receiver, &owned),
                FnArg::Typed(typed) => {
                    let Pat::Ident(pattern) = &*typed.pat else {
                        return Err(Error::new_spanned(&typed.pat, "give this parameter a name"));
                    };
                    Ok(carried_parameter(&pattern.ident, &typed.ty, &owned, cache)?)
                }
            }
        })
        .collect()
}

fn carried_self(receiver: &Receiver, owned: &Ident) -> Result<Carried> {
    if receiver.mutability.is_some() {
        return Err(exclusive(receiver));
    }
    let borrow = receiver.reference.is_some();
    let this = if borrow { quote!(self) } else { quote!(&self) };
    Ok(Carried {
        capture: quote!(let #owned = ::core::clone::Clone::clone(#this);),
        pass: if borrow { quote!(&#owned) } else { quote!(#owned) },
    })
}

fn carried_parameter(name: &Ident, ty: &Type, owned: &Ident, cache: &Expr) -> Result<Carried> {
    let is_the_cache = matches!(cache, Expr::Path(path) if path.path.is_ident(name));
    let (capture, pass) = match ty {
        Type::Reference(reference) if reference.mutability.is_some() => {
            return Err(exclusive(ty));
        }
        Type::Reference(_) => {
            let span = ty.span();
            (
                quote_spanned!(span=> let #owned = ::std::borrow::ToOwned::to_owned(#name);),
                quote!(&#owned),
            )
        }
        _ if is_the_cache => {
            (quote!(let #owned = ::core::clone::Clone::clone(&#name);), quote!(#owned))
        }
        _ => (quote!(let #owned = #name;), quote!(#owned)),
    };
    Ok(Carried { capture, pass })
}

fn exclusive(at: impl ToTokens) -> Error {
    Error::new_spanned(
        at,
        "a cached compute may outlive its caller, so it cannot borrow anything as `&mut`",
    )
}
