//! How long an answer lives that is no value: nothing, or an error.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::Cached;

/// `let __none_lives = …;`: before the parameters are moved into the task, since it may look at them.
pub(super) fn of_none(cached: &Cached) -> Option<TokenStream> {
    cached.arguments.cache_none.as_ref().map(|none| {
        let time = &none.time;
        quote_spanned!(none.span=> let __none_lives = #time;)
    })
}

/// The same for an error.
pub(super) fn of_error(cached: &Cached) -> Option<TokenStream> {
    cached.arguments.cache_err.as_ref().map(|error| {
        let time = &error.time;
        quote_spanned!(error.span=> let __error_lives = #time;)
    })
}

/// Within the compute, behind `let __answer = …;`. Whatever the body has said of its value does not hold for these.
pub(super) fn keep(cached: &Cached) -> TokenStream {
    let none = cached.arguments.cache_none.as_ref().map(|_| {
        quote! {
            if let ::core::result::Result::Ok(::core::option::Option::None) = &__answer {
                ::samekey::server::live_for(__none_lives);
            }
        }
    });
    let error = cached.arguments.cache_err.as_ref().map(|_| {
        quote! {
            if let ::core::result::Result::Err(_) = &__answer {
                ::samekey::server::fail_for(__error_lives);
            }
        }
    });
    quote!(#none #error)
}
