//! Who waits, and who of them go together.

use std::collections::VecDeque;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Answer;

/// Names in a batch at most.
const MOST_NAMES: usize = 128;

/// One would leave Redis idle while its answer is read; more of them make smaller batches.
const MOST_UNDER_WAY: usize = 2;

/// From so many names under way on, the next go only when half as many again wait: larger batches cost less, and of so
/// many readers enough are at work meanwhile. Of fewer, one half would wait for the other with nothing to do.
const MANY_NAMES: usize = 24;

/// What a batch may bring at most, as far as can be foreseen: who waits for a small value waits for the large ones
/// before it.
const MOST_BYTES: usize = 256 * 1024;

#[derive(Default)]
pub(super) struct Queue {
    pub(super) waiting: VecDeque<Waiting>,
    /// Questions, and the names in them.
    under_way: usize,
    names_under_way: usize,
    /// Bytes of a value, of late.
    usual_size: usize,
}

pub(super) struct Waiting {
    pub(super) name: String,
    pub(super) answer: oneshot::Sender<Answer>,
    /// How long he waits at most.
    pub(super) until: Instant,
}

impl Queue {
    pub(super) fn is_idle(&self) -> bool {
        self.under_way == 0
    }

    pub(super) fn begin(&mut self, names: usize) {
        self.under_way += 1;
        self.names_under_way += names;
    }

    /// `size`: what a value took in the answer, if that brought any.
    pub(super) fn end(&mut self, names: usize, size: Option<usize>) {
        self.under_way -= 1;
        self.names_under_way -= names;
        if let Some(size) = size {
            // Up at once and down slowly: too few names cost little.
            self.usual_size = size.max(self.usual_size - self.usual_size / 8);
        }
    }

    /// Those who go next, in the order in which they came. Nobody while others are under way who are more: one part of
    /// all goes while the other is answered, and neither falls to pieces.
    pub(super) fn next_batch(&mut self) -> VecDeque<Waiting> {
        if self.under_way >= MOST_UNDER_WAY || self.waiting.len() < self.wanted() {
            return VecDeque::new();
        }
        let most = (MOST_BYTES / self.usual_size.max(1)).clamp(1, MOST_NAMES);
        if self.waiting.len() > most {
            return self.waiting.drain(..most).collect();
        }
        // All: whoever comes now waits for the lock, so nothing is moved under it.
        let next = VecDeque::with_capacity(self.waiting.len());
        std::mem::replace(&mut self.waiting, next)
    }

    /// How many have to wait before they go while others are under way.
    fn wanted(&self) -> usize {
        match self.names_under_way {
            many @ MANY_NAMES.. => many + many / 2,
            few => few,
        }
    }
}

impl Waiting {
    pub(super) fn tell(self, answer: Answer) {
        // Fails when whoever asked has gone away, which is theirs to do.
        let _ = self.answer.send(answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A queue of so many, and what keeps them waiting.
    fn queue_of(waiting: usize) -> (Queue, Vec<oneshot::Receiver<Answer>>) {
        let mut queue = Queue::default();
        let receivers = (0..waiting).map(|place| {
            let (answer, receiver) = oneshot::channel();
            queue.waiting.push_back(Waiting {
                name: place.to_string(),
                answer,
                until: Instant::now(),
            });
            receiver
        });
        let receivers = receivers.collect();
        (queue, receivers)
    }

    fn names(batch: &VecDeque<Waiting>) -> Vec<&str> {
        batch.iter().map(|waiting| waiting.name.as_str()).collect()
    }

    /// The next batch, when the one before it has brought values of this size.
    fn next_after(queue: &mut Queue, size: Option<usize>) -> VecDeque<Waiting> {
        queue.begin(0);
        queue.end(0, size);
        queue.next_batch()
    }

    #[test]
    fn they_go_in_the_order_in_which_they_came() {
        let (mut queue, _waiting) = queue_of(MOST_NAMES + 2);
        let first = next_after(&mut queue, Some(100));
        assert_eq!((names(&first)[0], first.len()), ("0", MOST_NAMES));
        assert_eq!(names(&next_after(&mut queue, Some(100))), ["128", "129"]);
        assert!(next_after(&mut queue, Some(100)).is_empty());
    }

    #[test]
    fn while_one_half_is_answered_the_other_goes_when_it_is_as_many() {
        let (mut queue, mut waiting) = queue_of(3);
        queue.begin(4);
        assert!(queue.next_batch().is_empty());
        let (answer, receiver) = oneshot::channel();
        queue.waiting.push_back(Waiting { name: "3".into(), answer, until: Instant::now() });
        waiting.push(receiver);
        let second = queue.next_batch();
        assert_eq!(second.len(), 4);
        queue.begin(second.len());
        // Two are under way: whoever comes waits for one of them.
        let (answer, _third) = oneshot::channel();
        queue.waiting.push_back(Waiting { name: "4".into(), answer, until: Instant::now() });
        assert!(queue.next_batch().is_empty());
        queue.end(4, None);
        assert!(queue.next_batch().is_empty());
        queue.end(4, None);
        assert_eq!(names(&queue.next_batch()), ["4"]);
    }

    #[test]
    fn while_many_are_under_way_the_others_go_when_half_as_many_again_wait() {
        let (mut queue, _waiting) = queue_of(35);
        queue.begin(24);
        assert!(queue.next_batch().is_empty());
        let (answer, _last) = oneshot::channel();
        queue.waiting.push_back(Waiting { name: "35".into(), answer, until: Instant::now() });
        assert_eq!(queue.next_batch().len(), 36);
    }

    #[test]
    fn large_values_go_by_themselves_until_they_have_become_small_again() {
        let (mut queue, _waiting) = queue_of(1_000);
        assert_eq!(next_after(&mut queue, Some(1_000_000)).len(), 1);
        assert_eq!(next_after(&mut queue, Some(64 * 1024)).len(), 1);
        let sizes: Vec<_> =
            (0..40).map(|_| next_after(&mut queue, Some(64 * 1024)).len()).collect();
        assert_eq!(sizes.last(), Some(&4));
        // Of what was not there nothing is learnt.
        assert_eq!(next_after(&mut queue, None).len(), 4);
    }
}
