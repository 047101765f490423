//! The functions beside the function: one takes its value out of the cache, one puts it there.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::punctuated::Punctuated;
use syn::{FnArg, Token, Type, parse_quote};

use super::signature::Signature;
use super::{Cached, key};

type Inputs = Punctuated<FnArg, Token![,]>;

/// `NAME_invalidate`, with the parameters that the key and the cache are made of, and no other. It gives `removed`.
pub(super) fn invalidate(
    function: &Signature,
    inputs: Inputs,
    removed: Type,
    doc: &str,
    body: TokenStream,
) -> TokenStream {
    let output = parse_quote!(::core::result::Result<#removed, ::samekey::server::CacheError>);
    companion(function, "invalidate", inputs, output, doc, body)
}

/// `NAME_warm`, with all parameters but `skip_cache`: a warm-up is asked for what the value is now, as that is.
pub(super) fn warm(
    function: &Signature,
    error: &Type,
    doc: &str,
    body: TokenStream,
) -> TokenStream {
    let inputs = function.those_but("skip_cache");
    let output = parse_quote!(::core::result::Result<(), #error>);
    let body = quote!(#body ::core::result::Result::Ok(()));
    companion(function, "warm", inputs, output, doc, body)
}

fn companion(
    function: &Signature,
    suffix: &str,
    inputs: Inputs,
    output: Type,
    doc: &str,
    body: TokenStream,
) -> TokenStream {
    let (cfgs, vis) = (function.cfgs(), &function.item.vis);
    let mut sig = function.item.sig.clone();
    sig.ident = format_ident!("{}_{suffix}", sig.ident);
    sig.inputs = inputs;
    sig.output = parse_quote!(-> #output);
    quote! {
        #(#cfgs)*
        #[doc = #doc]
        #[allow(dead_code, clippy::too_many_arguments, clippy::useless_conversion)]
        #vis #sig {
            #body
        }
    }
}

impl Cached {
    /// `kpis_invalidate(cache, workspace)`.
    pub(super) fn invalidate(&self) -> TokenStream {
        let name = &self.function.item.sig.ident;
        let doc = format!(
            " Takes out of the cache what `{name}` keeps for these parameters, and says so to all who hold it. Whether \
             it was there."
        );
        let (cache, key) = (&self.cache, key::call(&self.arguments.key));
        let body = quote! {
            let __key = (#key).map_err(::samekey::server::CacheError::from)?;
            (#cache).delete(&__key).await
        };
        let inputs = self.function.those_in(&[&self.arguments.key.args, &self.cache]);
        invalidate(&self.function, inputs, parse_quote!(bool), &doc, body)
    }

    /// `kpis_warm(cache, db, workspace)`.
    pub(super) fn warm(&self) -> TokenStream {
        let doc = format!(
            " Computes `{}` for these parameters and stores it, whatever the cache holds.",
            self.function.item.sig.ident
        );
        let skipping = quote!(true);
        let lookup = quote!(::samekey::server::Lookup::Refresh);
        let prepare = self.prepare(&lookup, Some(&skipping));
        let ask = self.ask_with(Some(&skipping));
        warm(&self.function, &self.shape.error, &doc, quote!(#prepare let _ = #ask;))
    }
}
