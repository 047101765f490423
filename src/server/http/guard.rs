//! What stands before a route: who is it, may he, not too often.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;

use super::Problem;
use crate::server::access::{
    Access, AuditLog, AuditRecord, Authorize, Limiter, Principal, QueryToken, Scope,
};

/// What all guarded routes share.
#[derive(Default)]
pub(super) struct Guards {
    pub(super) authority: Option<Box<dyn Authorize>>,
    pub(super) limiter: Option<Arc<Limiter>>,
    pub(super) audit: Option<AuditLog>,
}

/// What one route asks for.
#[derive(Clone, Copy)]
pub(super) struct Needs {
    scope: Scope,
    limited: bool,
    query_token: bool,
}

impl Needs {
    pub(super) const fn scope(scope: Scope) -> Self {
        Self { scope, limited: false, query_token: false }
    }

    /// Each request is taken from its principal's allowance.
    pub(super) const fn limited(self) -> Self {
        Self { limited: true, ..self }
    }

    /// For a route that browsers open without being able to send headers.
    pub(super) const fn or_query_token(self) -> Self {
        Self { query_token: true, ..self }
    }
}

#[derive(Clone)]
struct Guard {
    guards: Arc<Guards>,
    needs: Needs,
}

/// Lets through only who may, with his [`Access`] and the audit log in the request's extensions.
pub(super) fn guarded<S: Clone + Send + Sync + 'static>(
    guards: &Arc<Guards>,
    needs: Needs,
    route: MethodRouter<S>,
) -> MethodRouter<S> {
    let guard = Guard { guards: guards.clone(), needs };
    // Not over the fallback: that a method is wrong is no secret.
    route.route_layer(from_fn_with_state(guard, admit))
}

async fn admit(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    if guard.needs.query_token {
        parts.extensions.insert(QueryToken);
    }
    let audit = guard.guards.audit.clone();
    match guard.access(&parts).await {
        Ok(access) => {
            let (limiter, principal) = (guard.guards.limiter.clone(), access.principal().clone());
            parts.extensions.insert(Allowance { limiter, principal });
            parts.extensions.insert(access);
            if let Some(audit) = audit {
                parts.extensions.insert(audit);
            }
            next.run(Request::from_parts(parts, body)).await
        }
        Err((principal, problem)) => {
            if let Some(audit) = audit {
                let (method, path) = (parts.method.as_str(), parts.uri.path());
                audit.record(&principal, AuditRecord::refused(method, path, problem.code()));
            }
            problem.into_response()
        }
    }
}

/// What is left of the caller's allowance, for a request that does many things.
#[derive(Clone)]
pub(super) struct Allowance {
    limiter: Option<Arc<Limiter>>,
    principal: Principal,
}

impl Allowance {
    /// Takes so many more than the one that the request itself cost: all or none. A request that wants more than an
    /// allowance ever has takes a whole one.
    pub(super) fn take_more(&self, wanted: usize) -> Result<(), Problem> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
        limiter.take_more(&self.principal, wanted).map_err(too_often)
    }
}

impl Guard {
    async fn access(&self, parts: &Parts) -> Result<Access, (Principal, Problem)> {
        let peer = Principal::of_connection(parts);
        let access = match &self.guards.authority {
            None => Access::unlimited(peer),
            Some(authority) => match authority.authorize(parts).await {
                Ok(access) => access,
                Err(problem) => {
                    // Guesses are counted where they come from, or there would be as many as one likes.
                    self.take(&peer).map_err(|problem| (peer.clone(), problem))?;
                    return Err((peer, problem));
                }
            },
        };
        let refused = |problem| (access.principal().clone(), problem);
        if self.needs.limited {
            self.take(access.principal()).map_err(refused)?;
        }
        access.require(self.needs.scope).map_err(refused)?;
        Ok(access)
    }

    fn take(&self, principal: &Principal) -> Result<(), Problem> {
        let Some(limiter) = &self.guards.limiter else { return Ok(()) };
        limiter.take(principal).map_err(too_often)
    }
}

fn too_often(wait: Duration) -> Problem {
    let problem = Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "E_RATE_LIMITED",
        "too many requests; Retry-After says when the next one is answered",
    );
    problem.with_retry_after(wait)
}
