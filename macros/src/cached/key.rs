//! The key that the attribute calls for.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprCall, ExprPath, Result, Token, Type};

use super::signature::Signature;

/// Each argument that is a plain name is a parameter's. rustc would find it too, though with no word of what there is.
/// `each` is the name of one of many, which is none.
pub(super) fn check(key: &ExprCall, function: &Signature, each: Option<&Ident>) -> Result<()> {
    for name in key.args.iter().filter_map(plain_name) {
        // `WORKSPACE` is a constant of somewhere else.
        let constant = name.to_string().starts_with(|c: char| c.is_uppercase());
        let names = || function.names().chain(each);
        if !constant && !names().any(|known| known == name) {
            let known: Vec<_> = names().map(|known| format!("`{known}`")).collect();
            let known = if known.is_empty() { "none".into() } else { known.join(", ") };
            return Err(Error::new(
                name.span(),
                format!("`{name}` is no parameter of this function; it has {known}"),
            ));
        }
    }
    Ok(())
}

fn plain_name(argument: &Expr) -> Option<&Ident> {
    match argument {
        Expr::Path(path) => path.path.get_ident(),
        _ => None,
    }
}

/// Each argument that has the name of one of the family's parameters must stand where that stands: two texts that are swapped
/// are another key, and of the right type. What the parameters are called is known only after this macro, so the code
/// looks itself, while it is compiled.
pub(super) fn order(key: &ExprCall) -> TokenStream {
    let Expr::Path(ExprPath { qself: None, path, .. }) = &*key.func else {
        return TokenStream::new();
    };
    let Some(family) = path.segments.last().map(|segment| &segment.ident) else {
        return TokenStream::new();
    };
    // Only a module can be imported from, and its name begins small.
    let within: Vec<_> = path.segments.iter().rev().skip(1).map(|segment| &segment.ident).collect();
    if within.first().is_some_and(|name| name.to_string().starts_with(char::is_uppercase)) {
        return TokenStream::new();
    }
    let within = within.into_iter().rev();
    let root = path.leading_colon;
    let import = match path.segments.len() {
        1 => quote!(self::*),
        _ => quote!(#root #(#within::)* *),
    };
    let looks = key.args.iter().enumerate().filter_map(|(place, argument)| {
        let name = plain_name(argument)?;
        let text = name.to_string();
        let message = format!(
            "`{text}` stands in the place of another parameter of `{family}`: give them in the order of the key"
        );
        Some(quote_spanned! {name.span()=>
            assert!(::samekey::server::__private::stands_right(#family::PARAMETERS, #text, #place), #message);
        })
    });
    quote! {
        const _: () = {
            // For a key's function that no schema wrote: what is imported within goes before it.
            #[allow(dead_code)]
            mod #family {
                pub(super) const PARAMETERS: &[&str] = &[];
            }
            {
                #[allow(unused_imports)]
                use #import;
                #(#looks)*
            }
        };
    }
}

/// `let __key: TypedKey<value> = …;`, which ends the function when the key cannot be made. With the type, so that another
/// value than the key's is told here. A parameter is cloned, because the body wants it too.
pub(super) fn binding(key: &ExprCall, value: Option<&Type>, optional: bool) -> TokenStream {
    let key = call(key);
    let span = key.span();
    let of = value.map(|value| quote_spanned!(span=> : ::samekey::schema::TypedKey<#value>));
    let option = optional.then(|| quote_spanned!(span=> .optional()));
    quote_spanned!(span=> let __key #of = (#key).map_err(::samekey::server::CacheError::from)? #option;)
}

/// The call alone, with each plain name cloned.
pub(super) fn call(key: &ExprCall) -> ExprCall {
    let clone = |argument: &Expr| -> Expr {
        match plain_name(argument) {
            Some(_) => {
                let span = argument.span();
                Expr::Verbatim(quote_spanned!(span=> ::core::clone::Clone::clone(&#argument)))
            }
            None => argument.clone(),
        }
    };
    let mut call = key.clone();
    call.args = call.args.iter().map(clone).collect::<Punctuated<_, Token![,]>>();
    call
}

/// Whether `name` stands anywhere in these tokens.
pub(super) fn names(tokens: &(impl ToTokens + ?Sized), name: &Ident) -> bool {
    fn any(tokens: TokenStream, name: &Ident) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == *name,
            TokenTree::Group(group) => any(group.stream(), name),
            _ => false,
        })
    }
    any(tokens.to_token_stream(), name)
}
