//! `#[cached(family(parameters…))]`: the function's result, from the cache.
//!
//! The function becomes four. The one that callers see makes the key and asks the cache; another, beside it, has the body; and
//! two companions invalidate and warm the same key. A compute runs in a task of its own and may outlive its caller, so
//! what the body borrowed is owned by the task: each `&T` is copied once, by `ToOwned`, on every call.

mod arguments;
mod carried;
mod companions;
mod key;
mod lifetime;
mod many;
mod signature;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Error, Expr, Result};

use arguments::Arguments;
use signature::{Shape, Signature};

pub(crate) use many::expand as expand_many;

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let arguments: Arguments = syn::parse2(attribute)?;
    let function = Signature::parse(item)?;
    let cached = Cached::new(arguments, function)?;
    let (asking, body) = (cached.asking(), cached.function.body());
    let (invalidate, warm) = (cached.invalidate(), cached.warm());
    Ok(quote!(#asking #body #invalidate #warm))
}

/// A function and what its attribute says of it.
struct Cached {
    function: Signature,
    shape: Shape,
    arguments: Arguments,
    /// The cache to ask.
    cache: Expr,
    /// `let __key = …;`
    key: TokenStream,
}

impl Cached {
    fn new(arguments: Arguments, mut function: Signature) -> Result<Self> {
        key::check(&arguments.key, &function, None)?;
        let shape = function.shape()?;
        if let Some(none) = arguments.cache_none.as_ref().filter(|_| !shape.option) {
            return Err(Error::new(
                none.span,
                "`cache_none` is for functions that return a `Result<Option<T>, E>`",
            ));
        }
        let cache = function.cache(arguments.cache.as_ref())?;
        let key = key::binding(&arguments.key, shape.value.as_ref(), shape.option);
        Ok(Self { function, shape, arguments, cache, key })
    }

    /// What callers call.
    fn asking(&self) -> TokenStream {
        let Signature { item, .. } = &self.function;
        let (attrs, vis, sig) = (&item.attrs, &item.vis, &item.sig);
        let lookup = self.function.lookup(&self.arguments);
        let order = key::order(&self.arguments.key);
        let prepare = self.prepare(&lookup, None);
        let ask = self.ask();
        let answer = match self.shape.arc {
            true => ask,
            false => quote!(::std::sync::Arc::unwrap_or_clone(#ask)),
        };
        quote! {
            #(#attrs)*
            #vis #sig {
                #order
                #prepare
                ::core::result::Result::Ok(#answer)
            }
        }
    }

    /// The key, how much of the cache is wanted, and what the task takes along.
    fn prepare(&self, lookup: &TokenStream, skipping: Option<&TokenStream>) -> TokenStream {
        let key = &self.key;
        let ttl = self.arguments.ttl.as_ref().map(|ttl| {
            let time = &ttl.time;
            quote_spanned!(ttl.span=> let __key = __key.living_for(#time);)
        });
        let (none, error) = (lifetime::of_none(self), lifetime::of_error(self));
        let captures = self.function.carried.iter().filter_map(|carried| {
            (skipping.is_none() || carried.name != "skip_cache").then_some(&carried.capture)
        });
        quote! {
            #key
            #ttl
            let __lookup = #lookup;
            #none
            #error
            #(#captures)*
        }
    }

    /// The question to the cache, behind [`Cached::prepare`]: an `Arc` of the value.
    fn ask(&self) -> TokenStream {
        self.ask_with(None)
    }

    fn ask_with(&self, skipping: Option<&TokenStream>) -> TokenStream {
        let (cache, body) = (&self.cache, self.function.body_path());
        let passes = self.function.carried.iter().map(|carried| match skipping {
            Some(skipping) if carried.name == "skip_cache" => skipping,
            _ => &carried.pass,
        });
        let unshare = self.shape.arc.then(|| {
            quote!(let __answer = ::core::result::Result::map(__answer, ::std::sync::Arc::unwrap_or_clone);)
        });
        let keep = lifetime::keep(self);
        quote_spanned! {self.function.item.sig.ident.span()=>
            (#cache).get_or_compute_with(&__key, __lookup, move || async move {
                let __answer = #body(#(#passes),*).await;
                #unshare
                #keep
                __answer
            }).await?
        }
    }
}
