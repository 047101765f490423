//! What an application does of its own when something happens.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use super::event::PostedEvent;
use crate::schema::SchemaError;
use crate::server::error::{BoxError, CacheError};
use crate::server::service::CacheService;

type Done = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;
type Hook = Arc<dyn Fn(PostedEvent) -> Done + Send + Sync>;

/// The hooks of a service, by event.
#[derive(Default)]
pub(in crate::server) struct Hooks {
    by_event: RwLock<HashMap<String, Vec<Hook>>>,
}

impl Hooks {
    /// Starts those of this event, each in a task of its own.
    pub(super) fn run(&self, posted: &PostedEvent) {
        let by_event = self.by_event.read().unwrap_or_else(PoisonError::into_inner);
        for hook in by_event.get(&posted.event).into_iter().flatten() {
            let (hook, posted) = (hook.clone(), posted.clone());
            // Also the call itself: one that panics must not end what posted the event.
            tokio::spawn(async move {
                let event = posted.event.clone();
                if let Err(error) = hook(posted).await {
                    tracing::warn!(event, %error, "what was to be done at an event failed");
                }
            });
        }
    }
}

impl CacheService {
    /// Calls `hook` when an event of this name is posted to this node, after its keys were invalidated: to refresh what
    /// everybody will ask for next, say. The poster does not wait for it, and its errors are logged. It is not called
    /// for events that were posted to other nodes, nor for duplicates.
    ///
    /// ```
    /// # use samekey::server::{BoxError, CacheService, PostedEvent};
    /// # fn refresh_on_update(cache: &CacheService) -> Result<(), samekey::server::CacheError> {
    /// cache.on_event("workspace_updated", |event: PostedEvent| async move {
    ///     println!("{:?}", event.fields);
    ///     Ok::<(), BoxError>(())
    /// })
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`CacheError::Schema`] for an event that the schema does not have.
    pub fn on_event<F, D>(&self, event: &str, hook: F) -> Result<(), CacheError>
    where
        F: Fn(PostedEvent) -> D + Send + Sync + 'static,
        D: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        if self.schema().event(event).is_none() {
            return Err(SchemaError::UnknownEvent(event.to_owned()).into());
        }
        let hook: Hook = Arc::new(move |posted| Box::pin(hook(posted)));
        let by_event = &self.inner.hooks.by_event;
        let mut by_event = by_event.write().unwrap_or_else(PoisonError::into_inner);
        by_event.entry(event.to_owned()).or_default().push(hook);
        Ok(())
    }
}
