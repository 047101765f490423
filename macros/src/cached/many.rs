//! `#[cached_many(family(parameters…) for item in items)]`: a value for each of many, and one call of the body for those
//! that are missing.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{Error, Expr, Result, Token, Type, parse_quote};

use super::arguments::{Arguments, parse_key};
use super::signature::{Signature, generics_of, only_generic_of};
use super::{companions, key};

const HOW: &str = "write the key's function and what it runs over: \
    #[cached_many(kpis(workspace) for workspace in workspaces)]";

/// What stands in the attribute.
struct ManyArguments {
    /// The name of one.
    each: Ident,
    /// The parameter that has all.
    all: Ident,
    arguments: Arguments,
}

impl Parse for ManyArguments {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let key = parse_key(input, HOW)?;
        if !input.peek(Token![for]) {
            return Err(Error::new_spanned(key, HOW));
        }
        input.parse::<Token![for]>()?;
        let each = input.parse()?;
        input.parse::<Token![in]>()?;
        let all = input.parse()?;
        let arguments = Arguments::options(key, input)?;
        let refused = [("cache_none", &arguments.cache_none), ("cache_err", &arguments.cache_err)];
        for (name, option) in refused {
            if let Some(option) = option {
                let why = format!("`{name}` is for single values");
                return Err(Error::new(option.span, why));
            }
        }
        Ok(Self { each, all, arguments })
    }
}

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let ManyArguments { each, all, arguments } = syn::parse2(attribute)?;
    let mut function = Signature::parse(item)?;
    if function.parameter(&all.to_string()).is_none() {
        return Err(Error::new(all.span(), format!("`{all}` is no parameter of this function")));
    }
    key::check(&arguments.key, &function, Some(&each))?;
    let cache = function.cache(arguments.cache.as_ref())?;
    let shape = Shape::of(&function)?;
    let many = Many { each, all, arguments, function, cache, shape };
    let (asking, body) = (many.asking(), many.function.body());
    let (invalidate, warm) = (many.invalidate(), many.warm());
    Ok(quote!(#asking #body #invalidate #warm))
}

struct Many {
    each: Ident,
    all: Ident,
    arguments: Arguments,
    function: Signature,
    cache: Expr,
    shape: Shape,
}

/// What a `Result<Vec<Option<Arc<T>>>, E>` is made of.
struct Shape {
    /// `T` and `E`.
    value: Type,
    error: Type,
    option: bool,
    arc: bool,
}

impl Shape {
    fn of(function: &Signature) -> Result<Self> {
        let result = function.result()?;
        let value = generics_of(result, "Result").first().copied();
        let item = value.and_then(|value| only_generic_of(value, "Vec")).ok_or_else(|| {
            let how = "#[cached_many] needs a `Result<Vec<T>, E>`, or a `Result<Vec<Option<T>>, E>` where there may be nothing";
            Error::new_spanned(result, how)
        })?;
        let inside = only_generic_of(item, "Option");
        let arc = only_generic_of(inside.unwrap_or(item), "Arc");
        let value = arc.or(inside).unwrap_or(item).clone();
        Ok(Self { value, error: function.error()?, option: inside.is_some(), arc: arc.is_some() })
    }
}

impl Many {
    fn asking(&self) -> TokenStream {
        let item = &self.function.item;
        let (attrs, vis, sig) = (&item.attrs, &item.vis, &item.sig);
        let lookup = self.function.lookup(&self.arguments);
        let (found, span) = (self.found(&lookup, None), sig.ident.span());
        let order = key::order(&self.arguments.key);
        let of_found = match (self.shape.option, self.shape.arc) {
            (true, true) => quote!(::core::result::Result::Ok(__found)),
            (true, false) => {
                quote!(::core::result::Result::Ok(::samekey::server::__private::owned(__found)))
            }
            (false, true) => {
                quote!(::core::result::Result::Ok(::samekey::server::__private::whole(__found)?))
            }
            (false, false) => {
                quote!(::core::result::Result::Ok(::samekey::server::__private::whole_and_owned(
                    __found
                )?))
            }
        };
        quote_spanned! {span=>
            #(#attrs)*
            #[allow(clippy::needless_question_mark, clippy::useless_conversion)]
            #vis #sig {
                #order
                #found
                #of_found
            }
        }
    }

    /// `let __found = …;`: a value for each key, or nothing.
    fn found(&self, lookup: &TokenStream, skipping: Option<TokenStream>) -> TokenStream {
        let (cache, all, keys) = (&self.cache, &self.all, self.keys());
        let (body, error) = (self.function.body_path(), &self.shape.error);
        let carried = self.function.carried.iter().filter(|carried| carried.name != *all);
        let carried = carried.filter(|carried| skipping.is_none() || carried.name != "skip_cache");
        let captures = carried.clone().map(|carried| &carried.capture);
        let owned: Vec<_> = carried.map(|carried| &carried.owned).collect();
        let passes = self.function.carried.iter().map(|carried| match &skipping {
            _ if carried.name == *all => match carried.borrowed {
                true => quote!(&__wanted),
                false => quote!(__wanted),
            },
            Some(skipping) if carried.name == "skip_cache" => skipping.clone(),
            _ => carried.pass.clone(),
        });
        let pair = match (self.shape.option, self.shape.arc) {
            (false, false) => quote!(pair),
            (false, true) => quote!(pair_shared),
            (true, false) => quote!(pair_some),
            (true, true) => quote!(pair_some_shared),
        };
        quote_spanned! {self.function.item.sig.ident.span()=>
            #keys
            let __lookup = #lookup;
            #(#captures)*
            let __found = (#cache).get_many_or_compute_with(&__keys, __lookup, move |__missing| {
                let __wanted = ::samekey::server::__private::wanted(&__items, &__missing);
                #(let #owned = ::core::clone::Clone::clone(&#owned);)*
                async move {
                    match #body(#(#passes),*).await {
                        ::core::result::Result::Ok(__values) => {
                            let __pairs = ::samekey::server::__private::#pair(__missing, __values);
                            __pairs.map_err(<#error as ::core::convert::From<::samekey::server::CacheError>>::from)
                        }
                        ::core::result::Result::Err(__error) => ::core::result::Result::Err(__error),
                    }
                }
            }).await?;
        }
    }

    /// `__keys`, and `__items`: what each of them was made of.
    fn keys(&self) -> TokenStream {
        let (each, all) = (&self.each, &self.all);
        let key = key::binding(&self.arguments.key, Some(&self.shape.value), false);
        let ttl = self.arguments.ttl.as_ref().map(|ttl| {
            let time = &ttl.time;
            quote_spanned!(ttl.span=> let __key = __key.living_for(#time);)
        });
        quote_spanned! {all.span()=>
            let mut __keys = ::std::vec::Vec::new();
            let mut __items = ::std::collections::HashMap::new();
            for #each in #all.iter() {
                #key
                #ttl
                __items.insert(::std::string::String::from(__key.as_str()), ::core::clone::Clone::clone(#each));
                __keys.push(__key);
            }
        }
    }

    fn invalidate(&self) -> TokenStream {
        let (name, each, all) = (&self.function.item.sig.ident, &self.each, &self.all);
        let doc = format!(
            " Takes out of the cache what `{name}` keeps for each of `{all}`, and says so to all who hold it. How many \
             there were."
        );
        let (cache, key) = (&self.cache, key::call(&self.arguments.key));
        let body = quote! {
            // All of them first: one that is no key must not leave half of the work undone.
            let mut __keys = ::std::vec::Vec::new();
            for #each in #all.iter() {
                __keys.push((#key).map_err(::samekey::server::CacheError::from)?);
            }
            let (mut __removed, mut __failed) = (0, ::core::option::Option::None);
            for __key in &__keys {
                match (#cache).delete(__key).await {
                    ::core::result::Result::Ok(__was_there) => __removed += u64::from(__was_there),
                    // What a store cannot do now it may remember to do later, each of them.
                    ::core::result::Result::Err(__error) => {
                        __failed.get_or_insert(__error);
                    }
                }
            }
            match __failed {
                ::core::option::Option::Some(__error) => ::core::result::Result::Err(__error),
                ::core::option::Option::None => ::core::result::Result::Ok(__removed),
            }
        };
        let inputs = self.function.those_in(&[&self.arguments.key.args, &self.cache, all]);
        companions::invalidate(&self.function, inputs, parse_quote!(u64), &doc, body)
    }

    fn warm(&self) -> TokenStream {
        let doc = format!(
            " Computes `{}` for each of `{}` and stores it, whatever the cache holds.",
            self.function.item.sig.ident, self.all
        );
        let found = self.found(&quote!(::samekey::server::Lookup::Refresh), Some(quote!(true)));
        companions::warm(&self.function, &self.shape.error, &doc, quote!(#found let _ = __found;))
    }
}
