//! What an analyst has found out: the parts of a report, and the questions of a batch, want to know the same again.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use samekey::shadower::SegmentCount;

use super::active::{Active, SegmentOf};
use crate::timeframe::Window;

/// Kept as long as its analyst, who asks for one instant: nothing in it grows old.
#[derive(Default)]
pub(super) struct Notes {
    /// By workspace and window.
    pub(super) active: RefCell<HashMap<(i64, Window), Rc<Active>>>,
    pub(super) segment_of: RefCell<HashMap<i64, Rc<SegmentOf>>>,
    pub(super) segment_counts: RefCell<HashMap<(i64, Window), Vec<SegmentCount>>>,
}

impl fmt::Debug for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notes").field("active", &self.active.borrow().len()).finish_non_exhaustive()
    }
}
