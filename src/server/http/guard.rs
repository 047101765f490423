//! What stands before a route: who is it, may he.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;

use crate::server::access::{Access, Authorize, Principal, QueryToken, Scope};

/// What all guarded routes share.
#[derive(Default)]
pub(super) struct Guards {
    pub(super) authority: Option<Box<dyn Authorize>>,
}

/// What one route asks for.
#[derive(Clone, Copy)]
pub(super) struct Needs {
    scope: Scope,
    query_token: bool,
}

impl Needs {
    pub(super) const fn scope(scope: Scope) -> Self {
        Self { scope, query_token: false }
    }

    /// For a route that browsers open without being able to send headers.
    #[expect(dead_code, reason = "the stream, which is about to come, needs it")]
    pub(super) const fn or_query_token(self) -> Self {
        Self { query_token: true, ..self }
    }
}

#[derive(Clone)]
struct Guard {
    guards: Arc<Guards>,
    needs: Needs,
}

/// Lets through only who may, with his [`Access`] in the request's extensions.
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
    let access = match &guard.guards.authority {
        Some(authority) => authority.authorize(&parts).await,
        None => Ok(Access::unlimited(Principal::of_connection(&parts))),
    };
    let admitted = access.and_then(|access| access.require(guard.needs.scope).map(|()| access));
    match admitted {
        Ok(access) => {
            parts.extensions.insert(access);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(problem) => problem.into_response(),
    }
}
