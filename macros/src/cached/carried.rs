//! Parameters as the task takes them along: the compute may outlive its caller.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, FnArg, Pat, Receiver, Result, Type};

pub(super) struct Carried {
    /// The parameter's name; `self` for the receiver.
    pub(super) name: Ident,
    /// `__arg0`, and whether the body gets a reference to it.
    pub(super) owned: Ident,
    pub(super) borrowed: bool,
    /// `let __arg0 = …;`, before the task begins.
    pub(super) capture: TokenStream,
    /// `&__arg0`, as the body's function gets it.
    pub(super) pass: TokenStream,
}

pub(super) fn of(index: usize, input: &FnArg) -> Result<Carried> {
    let owned = format_ident!("__arg{index}");
    match input {
        FnArg::Receiver(receiver) => carried_self(receiver, &owned),
        FnArg::Typed(typed) => match &*typed.pat {
            Pat::Ident(pattern) => carried_parameter(&pattern.ident, &typed.ty, &owned),
            other => Err(Error::new_spanned(other, "give this parameter a name")),
        },
    }
}

fn carried_self(receiver: &Receiver, owned: &Ident) -> Result<Carried> {
    if receiver.mutability.is_some() {
        return Err(exclusive(receiver));
    }
    let borrow = receiver.reference.is_some();
    let this = if borrow { quote!(self) } else { quote!(&self) };
    Ok(Carried {
        name: format_ident!("self"),
        owned: owned.clone(),
        borrowed: borrow,
        capture: quote!(let #owned = ::core::clone::Clone::clone(#this);),
        pass: if borrow { quote!(&#owned) } else { quote!(#owned) },
    })
}

fn carried_parameter(name: &Ident, ty: &Type, owned: &Ident) -> Result<Carried> {
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
        _ => (quote!(let #owned = #name;), quote!(#owned)),
    };
    let borrowed = matches!(ty, Type::Reference(_));
    Ok(Carried { name: name.clone(), owned: owned.clone(), borrowed, capture, pass })
}

impl Carried {
    /// For a parameter that is asked for the cache after the task was given what it takes along: the task gets a clone.
    pub(super) fn keep(&mut self) {
        if !self.borrowed {
            let (owned, name) = (&self.owned, &self.name);
            self.capture = quote!(let #owned = ::core::clone::Clone::clone(&#name););
        }
    }
}

fn exclusive(at: impl ToTokens) -> Error {
    Error::new_spanned(
        at,
        "a cached compute may outlive its caller, so it cannot borrow anything as `&mut`",
    )
}
