//! The trie's nodes, and the lists in which they hang.

use super::{ElementId, Index, NONE, NodeId};

/// A link of the trie. Children and queries hang in lists whose links are in the members themselves: nearly every
/// node has one of either, for which a list on the heap would be larger than the node.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) parent: NodeId,
    pub(super) element: ElementId,
    /// Those whose elements are objects or arrays come first: a filter by subset looks at no others.
    pub(super) first_child: u32,
    pub(super) last_child: u32,
    /// Its neighbours among its parent's children.
    pub(super) previous: u32,
    pub(super) next: u32,
    /// The queries whose keys end here; more than one where a `queryKeyHashFn` tells equal keys apart.
    pub(super) first_query: u32,
}

impl Node {
    pub(super) fn new(parent: NodeId, element: ElementId) -> Self {
        Self {
            parent,
            element,
            first_child: NONE,
            last_child: NONE,
            previous: NONE,
            next: NONE,
            first_query: NONE,
        }
    }
}

impl Index {
    /// Adds a child before the others if it is composite, else behind them.
    pub(super) fn attach(&mut self, parent: NodeId, child: NodeId, first: bool) {
        let Node { first_child, last_child, .. } = *self.node(parent);
        let (previous, next) = if first { (NONE, first_child) } else { (last_child, NONE) };
        let record = self.node_mut(child);
        record.previous = previous;
        record.next = next;
        self.link(parent, previous, next, child, child);
    }

    /// The reverse of [`Index::attach`].
    pub(super) fn detach(&mut self, child: NodeId) {
        let Node { parent, previous, next, .. } = *self.node(child);
        self.link(parent, previous, next, next, previous);
    }

    /// Makes `after` follow on `previous` and `before` precede `next`, among the children of `parent`.
    fn link(&mut self, parent: NodeId, previous: u32, next: u32, after: u32, before: u32) {
        match previous {
            NONE => self.node_mut(parent).first_child = after,
            previous => self.node_mut(previous).next = after,
        }
        match next {
            NONE => self.node_mut(parent).last_child = before,
            next => self.node_mut(next).previous = before,
        }
    }
}
