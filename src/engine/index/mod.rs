//! Which queries a key, a prefix or a pattern means, at a cost that follows the matches.
//!
//! Queries hang in a trie by the elements of their keys. Elements are interned, so that a step is one lookup
//! of two integers. Elements that are objects or arrays match by subset: a filter's element of that kind
//! narrows to the node's children of that kind, and each of those is verified.

mod find;
mod links;

use slab::Slab;

use super::id_table::{IdTable, hash_pair, hash_text};
use super::key::{Key, Value};
use links::Node;

type NodeId = u32;
type ElementId = u32;

const ROOT: NodeId = 0;

/// The keys of the cache's queries.
#[derive(Debug)]
pub(super) struct Index {
    nodes: Slab<Node>,
    /// Nodes by their parents and elements.
    edges: IdTable,
    elements: Slab<Element>,
    /// Elements by their texts.
    element_ids: IdTable,
    /// By query, the next one whose key ends at the same node.
    next_queries: Vec<u32>,
}

/// A key element, shared by all keys that have it.
#[derive(Debug)]
struct Element {
    text: Box<str>,
    /// What to match a filter with, of objects and arrays; of all others, the text is that.
    composite: Option<Box<Value>>,
    /// Nodes that carry it.
    uses: u32,
}

/// No node, no query.
const NONE: u32 = u32::MAX;

/// Where a query hangs in the index, to take it out again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place(NodeId);

impl Index {
    pub(super) fn new() -> Self {
        let mut nodes = Slab::new();
        nodes.insert(Node::new(NONE, NONE));
        Self {
            nodes,
            edges: IdTable::default(),
            elements: Slab::new(),
            element_ids: IdTable::default(),
            next_queries: Vec::new(),
        }
    }

    pub(super) fn insert(&mut self, key: Key, query: u32) -> Place {
        let mut node = ROOT;
        let mut text = String::new();
        for value in key.elements {
            text.clear();
            value.write_raw(&mut text);
            node = self.child(node, &text, value);
        }
        let next = std::mem::replace(&mut self.node_mut(node).first_query, query);
        let slot = query as usize;
        if slot >= self.next_queries.len() {
            self.next_queries.resize(slot + 1, NONE);
        }
        self.next_queries[slot] = next;
        Place(node)
    }

    pub(super) fn remove(&mut self, place: Place, query: u32) {
        let next = self.next_query(query);
        let mut candidate = self.node(place.0).first_query;
        if candidate == query {
            self.node_mut(place.0).first_query = next;
        }
        while candidate != NONE {
            let after = self.next_query(candidate);
            if after == query {
                self.next_queries[candidate as usize] = next;
            }
            candidate = after;
        }
        self.prune(place.0);
    }

    fn child(&mut self, parent: NodeId, text: &str, value: Value) -> NodeId {
        let is_composite = !value.is_primitive();
        let element = self.element(text.as_bytes()).unwrap_or_else(|| {
            let composite = is_composite.then(|| Box::new(value));
            let element = Element { text: text.into(), composite, uses: 0 };
            let id = self.elements.insert(element) as ElementId;
            self.element_ids.insert(hash_text(text.as_bytes()), id);
            id
        });
        if let Some(node) = self.edge(parent, element) {
            return node;
        }
        self.elements[element as usize].uses += 1;
        let node = self.nodes.insert(Node::new(parent, element)) as NodeId;
        self.attach(parent, node, is_composite);
        self.edges.insert(hash_pair(parent, element), node);
        node
    }

    /// Drops a node that leads nowhere, and its ancestors that then do not either.
    fn prune(&mut self, mut node: NodeId) {
        while node != ROOT {
            let Node { parent, element, first_child, first_query, .. } = *self.node(node);
            if first_child != NONE || first_query != NONE {
                return;
            }
            self.detach(node);
            self.edges.remove(hash_pair(parent, element), node);
            self.nodes.try_remove(node as usize);
            self.release_element(element);
            node = parent;
        }
    }

    fn release_element(&mut self, id: ElementId) {
        let element = &mut self.elements[id as usize];
        element.uses -= 1;
        if element.uses == 0 {
            self.element_ids.remove(hash_text(element.text.as_bytes()), id);
            self.elements.try_remove(id as usize);
        }
    }

    #[inline(never)]
    fn element(&self, text: &[u8]) -> Option<ElementId> {
        self.element_ids
            .find(hash_text(text), |id| self.elements[id as usize].text.as_bytes() == text)
    }

    #[inline(never)]
    fn edge(&self, parent: NodeId, element: ElementId) -> Option<NodeId> {
        self.edges.find(hash_pair(parent, element), |id| {
            let node = self.node(id);
            node.parent == parent && node.element == element
        })
    }

    fn next_query(&self, query: u32) -> u32 {
        self.next_queries.get(query as usize).copied().unwrap_or(NONE)
    }

    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id as usize]
    }
}
