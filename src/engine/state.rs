//! What a query can be, and the one reducer through which it changes.

/// What is known of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// No data yet, and no error.
    Pending,
    /// The last fetch failed.
    Error,
    /// There is data.
    Success,
}

/// What the query function is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchStatus {
    /// Running, or waiting for a retry.
    Fetching,
    /// Wants to run, and waits for the network or the focus.
    Paused,
    /// Not running.
    Idle,
}

/// A query's state, TanStack's `query.state` with the payloads as type parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QueryState<T, E> {
    /// The data, if there ever was any.
    pub data: Option<T>,
    /// How often data was written.
    pub data_update_count: u32,
    /// When data was last written (ms); `0.0` never.
    pub data_updated_at: f64,
    /// The error of the last fetch, if it failed.
    pub error: Option<E>,
    /// How often a fetch failed for good.
    pub error_update_count: u32,
    /// When a fetch last failed for good (ms); `0.0` never.
    pub error_updated_at: f64,
    /// Failed attempts of the fetch in progress, or of the last one if it failed.
    pub fetch_failure_count: u32,
    /// Why the last of them failed.
    pub fetch_failure_reason: Option<E>,
    /// Marked stale by hand, or by a background error.
    pub is_invalidated: bool,
    /// What is known of the data.
    pub status: Status,
    /// What the query function is doing.
    pub fetch_status: FetchStatus,
}

impl<T, E> QueryState<T, E> {
    /// The state of a query that starts with `data` of `data_updated_at`, or without.
    pub fn initial(data: Option<T>, data_updated_at: f64) -> Self {
        let has_data = data.is_some();
        Self {
            data,
            data_update_count: 0,
            data_updated_at: if has_data { data_updated_at } else { 0.0 },
            error: None,
            error_update_count: 0,
            error_updated_at: 0.0,
            fetch_failure_count: 0,
            fetch_failure_reason: None,
            is_invalidated: false,
            status: if has_data { Status::Success } else { Status::Pending },
            fetch_status: FetchStatus::Idle,
        }
    }

    /// Whether a fetch ever came to an end.
    pub fn is_fetched(&self) -> bool {
        self.data_update_count > 0 || self.error_update_count > 0
    }
}

/// Everything that can happen to a query's state.
#[derive(Debug, Clone, PartialEq)]
pub enum Action<T, E> {
    /// A fetch begins; paused at once if `can_fetch` is false.
    Fetch {
        /// Whether the network mode lets the first attempt run.
        can_fetch: bool,
    },
    /// Data arrived from the query function, or by hand (`manual`), which leaves a fetch in progress alone.
    Success {
        /// The data.
        data: T,
        /// When it was true (ms).
        updated_at: f64,
        /// Written by hand.
        manual: bool,
    },
    /// An attempt failed and will be repeated.
    Failed {
        /// Failed attempts so far, this one included.
        failure_count: u32,
        /// Why.
        error: E,
    },
    /// The fetch failed for good.
    Error {
        /// Why.
        error: E,
        /// When (ms).
        at: f64,
    },
    /// The fetch waits for the network or the focus.
    Pause,
    /// The fetch goes on after a pause.
    Continue,
    /// Marked stale.
    Invalidate,
    /// Replaced whole: a revert, a reset, initial data, or the user's `setState`.
    SetState(QueryState<T, E>),
}

/// An [`Action`] without its payload, as effects and cache events carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of `Action`")]
pub enum ActionKind {
    Fetch,
    Success,
    /// A [`Action::Success`] written by hand.
    ManualSuccess,
    Failed,
    Error,
    Pause,
    Continue,
    Invalidate,
    SetState,
}

impl<T, E> Action<T, E> {
    /// Which action this is.
    pub fn kind(&self) -> ActionKind {
        match self {
            Self::Fetch { .. } => ActionKind::Fetch,
            Self::Success { manual: false, .. } => ActionKind::Success,
            Self::Success { manual: true, .. } => ActionKind::ManualSuccess,
            Self::Failed { .. } => ActionKind::Failed,
            Self::Error { .. } => ActionKind::Error,
            Self::Pause => ActionKind::Pause,
            Self::Continue => ActionKind::Continue,
            Self::Invalidate => ActionKind::Invalidate,
            Self::SetState(_) => ActionKind::SetState,
        }
    }
}

impl<T: Clone, E: Clone> QueryState<T, E> {
    /// The only place where a query's state changes.
    pub(super) fn apply(&mut self, action: Action<T, E>) {
        match action {
            Action::Fetch { can_fetch } => {
                self.fetch_failure_count = 0;
                self.fetch_failure_reason = None;
                self.fetch_status =
                    if can_fetch { FetchStatus::Fetching } else { FetchStatus::Paused };
                if self.data.is_none() {
                    self.error = None;
                    self.status = Status::Pending;
                }
            }
            Action::Success { data, updated_at, manual } => {
                self.data = Some(data);
                self.data_updated_at = updated_at;
                // A restored state may have any counts.
                self.data_update_count = self.data_update_count.saturating_add(1);
                self.error = None;
                self.is_invalidated = false;
                self.status = Status::Success;
                if !manual {
                    self.fetch_status = FetchStatus::Idle;
                    self.fetch_failure_count = 0;
                    self.fetch_failure_reason = None;
                }
            }
            Action::Failed { failure_count, error } => {
                self.fetch_failure_count = failure_count;
                self.fetch_failure_reason = Some(error);
            }
            Action::Error { error, at } => {
                self.error_update_count = self.error_update_count.saturating_add(1);
                self.error_updated_at = at;
                self.fetch_failure_count = self.fetch_failure_count.saturating_add(1);
                self.fetch_failure_reason = Some(error.clone());
                self.error = Some(error);
                self.fetch_status = FetchStatus::Idle;
                self.status = Status::Error;
                // Data that could not be refreshed is not to be trusted; without data it is stale anyway.
                self.is_invalidated = true;
            }
            Action::Pause => self.fetch_status = FetchStatus::Paused,
            Action::Continue => self.fetch_status = FetchStatus::Fetching,
            Action::Invalidate => self.is_invalidated = true,
            Action::SetState(state) => *self = state,
        }
    }
}
