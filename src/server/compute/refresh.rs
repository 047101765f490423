//! A value at hand that is due, or past its time: it is computed anew while it is still served.

use std::sync::Arc;

use tokio::time::{Instant, timeout};

use super::ask::Question;
use super::flight::Arrival;
use super::task::Purpose;
use super::{Compute, Found};
use crate::server::l1::Held;
use crate::server::service::Inner;

impl Inner {
    /// Has a value computed anew that is still true, unless somebody is at it.
    pub(super) fn refresh_early(
        self: &Arc<Self>,
        question: &Question,
        held: &Arc<Held>,
        compute: Compute,
    ) {
        if self.tasks.is_closed() || self.failures.rests(&question.key) {
            return;
        }
        if let Some(pilot) = self.flights.claim(&question.key) {
            self.launch(question, pilot, Purpose::Refresh(held.clone()), compute);
        }
    }

    /// Has a value computed anew that is past its time; the new one if it comes soon enough, else the old.
    pub(super) async fn fresh_or_stale(
        self: &Arc<Self>,
        question: &Question,
        old: Arc<Held>,
        compute: Option<Compute>,
        deadline: Instant,
    ) -> Found {
        let key = &question.key;
        let stale = Found::stale(old.clone());
        if self.tasks.is_closed() || self.failures.rests(key) {
            return stale;
        }
        let (pilot, ticket) = self.flights.board(key);
        if let Some(pilot) = pilot
            && let Some(compute) = compute
        {
            self.launch(question, pilot, Purpose::Refresh(old), compute);
        }
        let patience = question.family.policy.soft_timeout;
        if patience.is_zero() {
            return stale;
        }
        let patience = patience.min(deadline.saturating_duration_since(Instant::now()));
        let shared = ticket.is_shared();
        match timeout(patience, ticket.arrival(false)).await {
            Ok(Arrival::Answer(Ok(found))) => found.waited(shared),
            _ => stale,
        }
    }
}
