//! From a request to what its sender may do.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::{Principal, Reach, Scope, Scopes};
use crate::schema::Schema;
use crate::server::http::Problem;

/// What a caller may do. In a handler behind [`Routes`](crate::server::http::Routes) it is an extractor.
///
/// ```
/// use samekey::server::access::{Access, Principal, Reach, Scope};
///
/// let access = Access::new(Principal::named("dashboard"))
///     .with_scopes([Scope::Stream])
///     .with_reach(Reach::only("workspace", ["ws1"]));
/// assert!(access.require(Scope::Stream).is_ok());
/// assert_eq!(access.require(Scope::Invalidate).unwrap_err().code(), "E_ACCESS_SCOPE");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    principal: Principal,
    scopes: Scopes,
    reach: Arc<Reach>,
    expires: Option<SystemTime>,
}

impl Access {
    /// Somebody who may do nothing, yet.
    #[must_use]
    pub fn new(principal: Principal) -> Self {
        let reach = Arc::new(Reach::nothing());
        Self { principal, scopes: Scopes::default(), reach, expires: None }
    }

    /// Somebody who may do everything: all scopes, all entities, for ever.
    #[must_use]
    pub fn unlimited(principal: Principal) -> Self {
        Self::new(principal).with_scopes(Scopes::all()).with_reach(Reach::Everything)
    }

    /// The same with these scopes instead of his own.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl Into<Scopes>) -> Self {
        self.scopes = scopes.into();
        self
    }

    /// The same with this reach instead of his own.
    #[must_use]
    pub fn with_reach(mut self, reach: Reach) -> Self {
        self.reach = Arc::new(reach);
        self
    }

    /// The same until `time`. A request is answered when it comes before; a stream ends then.
    #[must_use]
    pub const fn until(mut self, time: SystemTime) -> Self {
        self.expires = Some(time);
        self
    }

    /// Who it is.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What he may do.
    #[must_use]
    pub const fn scopes(&self) -> Scopes {
        self.scopes
    }

    /// Whose data he may touch.
    #[must_use]
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// When it ends, if it does.
    #[must_use]
    pub const fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    /// Succeeds when he may do this.
    ///
    /// # Errors
    /// `E_ACCESS_SCOPE`, a 403.
    pub fn require(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.contains(scope) {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "E_ACCESS_SCOPE",
            format!("this needs the scope {scope}"),
        ))
    }

    /// Succeeds when he may say that this event happened: every entity that its fields name must be within
    /// his reach. An event that names nobody is for those who reach everything. One that the schema does not
    /// know passes: it is refused for that.
    ///
    /// # Errors
    /// `E_ACCESS_REACH`, a 403, with the field.
    pub fn require_event(
        &self,
        schema: &Schema,
        event: &str,
        fields: &[(&str, &str)],
    ) -> Result<(), Problem> {
        let Some(known) = schema.event(event) else { return Ok(()) };
        let named = known.fields.iter().filter_map(|field| {
            let (name, id) = fields.iter().find(|(name, _)| *name == field.name)?;
            schema.entities.contains(&field.holds).then_some((*name, field.holds.as_str(), *id))
        });
        let named: Vec<_> = named.collect();
        if self.reach().allows_all(named.iter().map(|(_, entity, id)| (entity, id))) {
            return Ok(());
        }
        let at_fault = named.iter().find(|(_, entity, id)| !self.reach().allows(entity, id));
        Err(Self::out_of_reach(at_fault.map_or("event", |(field, ..)| field)))
    }

    /// The refusal of what is out of reach: `E_ACCESS_REACH`, a 403. It names the field and not the id, and
    /// reads the same whether the id exists or not.
    #[must_use]
    pub fn out_of_reach(field: &str) -> Problem {
        Problem::new(
            StatusCode::FORBIDDEN,
            "E_ACCESS_REACH",
            "this concerns data that the caller has no access to",
        )
        .with_field(field)
    }
}

/// Put into a request's extensions where a browser cannot send headers (an `EventSource`): there, and nowhere
/// else, a token may stand in the query as `token=`. Queries end in logs and histories.
#[derive(Clone, Copy, Debug)]
pub struct QueryToken;

/// Fails closed: a handler that asks for an access on a route that nobody guards is a mistake of the
/// application's, and gets none.
impl<S: Send + Sync> FromRequestParts<S> for Access {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "E_ACCESS_UNGUARDED",
                "nobody has checked this request's access",
            )
        })
    }
}

/// What [`Authorize`] returns: boxed, so that the routes can hold any.
pub type AccessFuture<'a> = Pin<Box<dyn Future<Output = Result<Access, Problem>> + Send + 'a>>;

/// Says who sent a request and what he may do.
///
/// A closure is one:
///
/// ```
/// use axum::http::{StatusCode, request::Parts};
/// use samekey::server::access::{Access, Principal, Scope};
/// use samekey::server::http::{Problem, Routes};
/// # use samekey::{schema::Schema, server::{CacheService, MemoryStore}};
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let schema = Schema { name: "doc".into(), ttl_classes: vec![], entities: vec![], families: vec![], events: vec![] };
/// # let cache = CacheService::new(&schema, MemoryStore::default());
///
/// // Behind a proxy that has checked who it is, and removes the header from what clients send.
/// let routes = Routes::new(cache).authorize(|parts: &Parts| {
///     let user = parts.headers.get("x-authenticated-user").and_then(|user| user.to_str().ok());
///     let user = user.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "E_WHO", "who is it?"))?;
///     Ok(Access::new(Principal::named(user)).with_scopes([Scope::Read]))
/// });
/// # let _: axum::Router = routes.build();
/// # });
/// ```
pub trait Authorize: Send + Sync + 'static {
    /// Who it is and what he may do, from the request without its body.
    ///
    /// # Errors
    /// The [`Problem`] to answer with: a 401 when it is not known who it is, a 403 when he may nothing at all.
    fn authorize<'a>(&'a self, parts: &'a Parts) -> AccessFuture<'a>;
}

impl<F> Authorize for F
where
    F: Fn(&Parts) -> Result<Access, Problem> + Send + Sync + 'static,
{
    fn authorize<'a>(&'a self, parts: &'a Parts) -> AccessFuture<'a> {
        let access: Ready<_> = ready(self(parts));
        Box::pin(access)
    }
}
