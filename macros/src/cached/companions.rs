//! The functions beside the function: one takes its value out of the cache, one puts it there.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse_quote;

use super::{Cached, key};

impl Cached {
    /// `kpis_invalidate(cache, workspace)`: with the parameters that the key and the cache are made of, and no other.
    pub(super) fn invalidate(&self) -> TokenStream {
        let item = &self.function.item;
        let name = &item.sig.ident;
        let mut sig = item.sig.clone();
        sig.ident = format_ident!("{name}_invalidate");
        sig.inputs = self.function.those_in(&[&self.arguments.key.args, &self.cache]);
        sig.output = parse_quote!(-> ::core::result::Result<bool, ::samekey::server::CacheError>);
        let doc = format!(
            " Takes out of the cache what `{name}` keeps for these parameters, and says so to all who hold it. Whether \
             it was there."
        );
        let (cfgs, vis, cache, key) =
            (self.function.cfgs(), &item.vis, &self.cache, key::call(&self.arguments.key));
        quote! {
            #(#cfgs)*
            #[doc = #doc]
            #[allow(dead_code, clippy::too_many_arguments)]
            #vis #sig {
                let __key = (#key).map_err(::samekey::server::CacheError::from)?;
                (#cache).delete(&__key).await
            }
        }
    }

    /// `kpis_warm(cache, db, workspace)`: with all parameters but `skip_cache`.
    pub(super) fn warm(&self) -> TokenStream {
        let item = &self.function.item;
        let name = &item.sig.ident;
        let mut sig = item.sig.clone();
        sig.ident = format_ident!("{name}_warm");
        sig.inputs = self.function.those_but("skip_cache");
        let error = &self.shape.error;
        sig.output = parse_quote!(-> ::core::result::Result<(), #error>);
        let doc = format!(
            " Computes `{name}` for these parameters and stores it, whatever the cache holds."
        );
        // A warm-up is asked for what the value is now, as `skip_cache` is.
        let skipping = quote!(true);
        let lookup = quote!(::samekey::server::Lookup::Refresh);
        let prepare = self.prepare(&lookup, Some(&skipping));
        let ask = self.ask_with(Some(&skipping));
        let (cfgs, vis) = (self.function.cfgs(), &item.vis);
        quote! {
            #(#cfgs)*
            #[doc = #doc]
            #[allow(dead_code, clippy::too_many_arguments)]
            #vis #sig {
                #prepare
                let _ = #ask;
                ::core::result::Result::Ok(())
            }
        }
    }
}
