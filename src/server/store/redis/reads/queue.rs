//! Who waits, and who of them go together.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::Answer;

/// Names in a batch at most.
const MOST_NAMES: usize = 128;

/// What a batch may bring at most, as far as can be foreseen: who waits for a small value waits for the large ones
/// before it.
const MOST_BYTES: usize = 256 * 1024;

#[derive(Default)]
pub(super) struct Queue {
    pub(super) waiting: VecDeque<Waiting>,
    pub(super) under_way: usize,
    /// Bytes of a value, of late.
    usual_size: usize,
}

pub(super) struct Waiting {
    pub(super) name: String,
    pub(super) answer: oneshot::Sender<Answer>,
}

impl Queue {
    /// Those who go next, in the order in which they came, but for those who have gone away. `size`: what a value
    /// took in the answer before.
    pub(super) fn next_batch(&mut self, size: Option<usize>) -> Vec<Waiting> {
        if let Some(size) = size {
            // Up at once and down slowly: too few names cost little.
            self.usual_size = size.max(self.usual_size - self.usual_size / 8);
        }
        let most = (MOST_BYTES / self.usual_size.max(1)).clamp(1, MOST_NAMES);
        let mut batch = Vec::with_capacity(most.min(self.waiting.len()));
        while batch.len() < most
            && let Some(waiting) = self.waiting.pop_front()
        {
            if !waiting.answer.is_closed() {
                batch.push(waiting);
            }
        }
        batch
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
            queue.waiting.push_back(Waiting { name: place.to_string(), answer });
            receiver
        });
        let receivers = receivers.collect();
        (queue, receivers)
    }

    fn names(batch: &[Waiting]) -> Vec<&str> {
        batch.iter().map(|waiting| waiting.name.as_str()).collect()
    }

    #[test]
    fn they_go_in_the_order_in_which_they_came() {
        let (mut queue, _waiting) = queue_of(MOST_NAMES + 2);
        let first = queue.next_batch(Some(100));
        assert_eq!((names(&first)[0], first.len()), ("0", MOST_NAMES));
        assert_eq!(names(&queue.next_batch(Some(100))), ["128", "129"]);
        assert!(queue.next_batch(Some(100)).is_empty());
    }

    #[test]
    fn large_values_go_by_themselves_until_they_have_become_small_again() {
        let (mut queue, _waiting) = queue_of(1_000);
        assert_eq!(queue.next_batch(Some(1_000_000)).len(), 1);
        assert_eq!(queue.next_batch(Some(64 * 1024)).len(), 1);
        let sizes: Vec<_> = (0..40).map(|_| queue.next_batch(Some(64 * 1024)).len()).collect();
        assert_eq!(sizes.last(), Some(&4));
        // Of what was not there nothing is learnt.
        assert_eq!(queue.next_batch(None).len(), 4);
    }

    #[test]
    fn who_has_gone_away_is_not_asked_for() {
        let (mut queue, mut waiting) = queue_of(5);
        waiting.truncate(4);
        drop(waiting.remove(0));
        assert_eq!(names(&queue.next_batch(None)), ["1", "2", "3"]);
    }
}
