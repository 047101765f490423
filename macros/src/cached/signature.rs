//! The function as it stands: what it must be, and what can be seen of it without knowing types.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, Expr, FnArg, GenericArgument, Ident, ItemFn, Pat, PatType, PathArguments,
    Result, ReturnType, Token, Type, parse_quote,
};

use super::arguments::Arguments;
use super::carried::{self, Carried};
use super::key;

pub(super) struct Signature {
    pub(super) item: ItemFn,
    /// One for each parameter, in order.
    pub(super) carried: Vec<Carried>,
}

/// What a return type of the form `Result<Arc<Option<T>>, E>` is made of; of an alias nothing is seen.
pub(super) struct Shape {
    /// `E`.
    pub(super) error: Type,
    /// `T`, or `Option<T>`: what the key must be a key of. `None` behind an alias.
    pub(super) value: Option<Type>,
    /// Whether what is returned is shared: a hit is then a pointer and no copy.
    pub(super) arc: bool,
    /// Whether there may be nothing.
    pub(super) option: bool,
}

impl Signature {
    pub(super) fn parse(item: TokenStream) -> Result<Self> {
        let item: ItemFn = syn::parse2(item)?;
        let sig = &item.sig;
        if sig.asyncness.is_none() {
            return Err(Error::new(
                sig.fn_token.span(),
                "#[cached] is for async functions: a lookup takes a round trip",
            ));
        }
        let carried = sig.inputs.iter().enumerate();
        let carried = carried.map(|(index, input)| carried::of(index, input));
        let carried = carried.collect::<Result<_>>()?;
        let function = Self { item, carried };
        if let Some(skip) = function.parameter("skip_cache") {
            match &*skip.ty {
                Type::Path(path) if path.path.is_ident("bool") => {}
                other => return Err(Error::new_spanned(other, "`skip_cache` must be a `bool`")),
            }
        }
        Ok(function)
    }

    /// What a `Result<Arc<Option<T>>, E>` is made of; of what is behind an alias nothing is seen.
    pub(super) fn shape(&self) -> Result<Shape> {
        let result = self.result()?;
        let value = generics_of(result, "Result").first().copied();
        let shared = value.and_then(|value| only_generic_of(value, "Arc"));
        let value = shared.or(value);
        let option = value.and_then(|value| only_generic_of(value, "Option"));
        Ok(Shape {
            error: self.error()?,
            value: value.cloned(),
            arc: shared.is_some(),
            option: option.is_some(),
        })
    }

    pub(super) fn result(&self) -> Result<&Type> {
        match &self.item.sig.output {
            ReturnType::Type(_, result) => Ok(result),
            ReturnType::Default => Err(Error::new(
                self.item.sig.ident.span(),
                "#[cached] needs a `Result<T, E>` with `E: From<CacheError>`, and `T` the key's value type",
            )),
        }
    }

    /// `E` of `Result<T, E>`; of an alias, what the trait says.
    pub(super) fn error(&self) -> Result<Type> {
        let result = self.result()?;
        match generics_of(result, "Result").as_slice() {
            [_, error] => Ok((*error).clone()),
            _ => Ok(parse_quote!(<#result as ::samekey::server::__private::Fallible>::Error)),
        }
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&PatType> {
        self.item.sig.inputs.iter().find_map(|input| match input {
            FnArg::Typed(typed) => match &*typed.pat {
                Pat::Ident(pattern) if pattern.ident == name => Some(typed),
                _ => None,
            },
            FnArg::Receiver(_) => None,
        })
    }

    /// The parameters whose names stand in any of `places`, and the receiver.
    pub(super) fn those_in(&self, places: &[&dyn ToTokens]) -> Punctuated<FnArg, Token![,]> {
        let named = |name: &Ident| places.iter().any(|place| key::names(place, name));
        self.those(|name| name.is_none_or(named))
    }

    /// The parameters without one.
    pub(super) fn those_but(&self, without: &str) -> Punctuated<FnArg, Token![,]> {
        self.those(|name| name.is_none_or(|name| name != without))
    }

    /// The parameters that are wanted by their names; the receiver has none.
    fn those(&self, wanted: impl Fn(Option<&Ident>) -> bool) -> Punctuated<FnArg, Token![,]> {
        let inputs = self.item.sig.inputs.iter().zip(&self.carried);
        let wanted = inputs
            .filter(|(_, carried)| wanted(Some(&carried.name).filter(|name| **name != "self")));
        wanted.map(|(input, _)| input.clone()).collect()
    }

    /// The parameters' names, without the receiver.
    pub(super) fn names(&self) -> impl Iterator<Item = &Ident> {
        self.carried.iter().filter(|carried| carried.name != "self").map(|carried| &carried.name)
    }

    /// How much of the cache is wanted.
    pub(super) fn lookup(&self, arguments: &Arguments) -> TokenStream {
        match (&arguments.skip_cache, self.parameter("skip_cache")) {
            (Some(skip), _) => quote!(::samekey::server::Lookup::skip_cache(#skip)),
            (None, Some(_)) => quote!(::samekey::server::Lookup::skip_cache(skip_cache)),
            (None, None) => quote!(::samekey::server::Lookup::Use),
        }
    }

    fn body_name(&self) -> Ident {
        format_ident!("__{}_uncached", self.item.sig.ident)
    }

    pub(super) fn body_path(&self) -> TokenStream {
        let name = self.body_name();
        match self.item.sig.receiver() {
            Some(_) => quote!(Self::#name),
            None => quote!(#name),
        }
    }

    /// The function as it was written, under a name of its own.
    pub(super) fn body(&self) -> TokenStream {
        let (cfgs, block) = (self.cfgs(), &self.item.block);
        let mut sig = self.item.sig.clone();
        sig.ident = self.body_name();
        // The body need not look at these two; every other parameter it ignores is worth its warning.
        let looked_at = ["cache", "skip_cache"].into_iter();
        let looked_at = looked_at.filter(|name| self.parameter(name).is_some());
        let looked_at = looked_at.map(|name| format_ident!("{name}"));
        quote! {
            #(#cfgs)*
            #[doc(hidden)]
            #[allow(clippy::too_many_arguments)]
            #sig {
                #(let _ = &#looked_at;)*
                #block
            }
        }
    }

    /// Where the function is not, nothing of it is.
    pub(super) fn cfgs(&self) -> Vec<&Attribute> {
        self.item.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect()
    }

    /// The cache to ask: what the attribute says, a parameter `cache`, or `self.cache`. A parameter that is asked for it
    /// is asked while the task has what it takes along.
    pub(super) fn cache(&mut self, said: Option<&Expr>) -> Result<Expr> {
        let cache = self.cache_said(said)?;
        for carried in &mut self.carried {
            if key::names(&cache, &carried.name) {
                carried.keep();
            }
        }
        Ok(cache)
    }

    fn cache_said(&self, said: Option<&Expr>) -> Result<Expr> {
        if let Some(cache) = said {
            return Ok(cache.clone());
        }
        if self.parameter("cache").is_some() {
            return Ok(parse_quote!(cache));
        }
        match self.item.sig.receiver() {
            Some(_) => Ok(parse_quote!(self.cache)),
            None => Err(Error::new(
                self.item.sig.ident.span(),
                "which cache? Take a parameter `cache: &CacheService`, or write `cache = …` in the attribute",
            )),
        }
    }
}

/// `T` of `name<T>`.
pub(super) fn only_generic_of<'t>(of: &'t Type, name: &str) -> Option<&'t Type> {
    match generics_of(of, name).as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

/// The generic types of a path that ends in `name`, and none of any other type.
pub(super) fn generics_of<'t>(of: &'t Type, name: &str) -> Vec<&'t Type> {
    let Type::Path(path) = of else { return Vec::new() };
    let Some(last) = path.path.segments.last().filter(|last| last.ident == name) else {
        return Vec::new();
    };
    let PathArguments::AngleBracketed(generics) = &last.arguments else { return Vec::new() };
    let types = generics.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(of) => Some(of),
        _ => None,
    });
    types.collect()
}
