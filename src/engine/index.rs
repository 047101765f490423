//! Which queries a key, a prefix or a pattern means, at a cost that follows the matches.
//!
//! Queries hang in a trie by the elements of their keys. Elements are interned, so that a step is one lookup
//! of two integers. Elements that are objects or arrays match by subset: a filter's element of that kind
//! narrows to the node's children of that kind, and each of those is verified.

use slab::Slab;

use super::id_table::{IdTable, hash_pair, hash_text};
use super::key::{Key, Value};

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

/// A link of the trie. Children and queries hang in lists whose links are in the members themselves: nearly every
/// node has one of either, for which a list on the heap would be larger than the node.
#[derive(Debug)]
struct Node {
    parent: NodeId,
    element: ElementId,
    /// Those whose elements are objects or arrays come first: a filter by subset looks at no others.
    first_child: u32,
    last_child: u32,
    /// Its neighbours among its parent's children.
    previous: u32,
    next: u32,
    /// The queries whose keys end here; more than one where a `queryKeyHashFn` tells equal keys apart.
    first_query: u32,
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

    /// Adds to `found` each query whose key starts with the elements of `prefix`.
    pub(super) fn with_prefix(&self, prefix: &Key, found: &mut Vec<u32>) {
        let mut nodes = vec![ROOT];
        for (depth, filter) in prefix.elements.iter().enumerate() {
            let mut next = Vec::new();
            for &node in &nodes {
                if let Value::Primitive(text) = filter {
                    // A missing element reads as `undefined`: a filter of only that matches what ends here.
                    if prefix.elements.iter().skip(depth).all(Value::is_undefined) {
                        self.queries_at(node, found);
                    }
                    self.step(node, text.as_bytes(), &mut next);
                } else {
                    self.composite_children(node, filter, &mut next);
                }
            }
            nodes = next;
        }
        self.subtrees(nodes, found);
    }

    /// Adds to `found` each query whose key, as segments of text, `pattern` matches; see
    /// [`KeyFilter::Pattern`](super::KeyFilter::Pattern).
    pub(super) fn matching(&self, pattern: &Key, found: &mut Vec<u32>) {
        let mut nodes = vec![ROOT];
        let mut open = false;
        for segment in &pattern.elements {
            let mut next = Vec::new();
            open = segment.is("null");
            for &node in &nodes {
                if open {
                    self.children(node, &mut next);
                } else if let Value::Primitive(text) = segment {
                    self.step(node, text.as_bytes(), &mut next);
                    // A number in a key is the same segment as its text: `limit` 10 and "10". (A text that looks
                    // like the JSON of something else is not that.)
                    if let [b'"', plain @ .., b'"'] = text.as_bytes()
                        && !matches!(plain.first(), Some(b'[' | b'{'))
                    {
                        self.step(node, plain, &mut next);
                    }
                }
            }
            nodes = next;
        }
        if open {
            self.subtrees(nodes, found);
        } else {
            for node in nodes {
                self.queries_at(node, found);
            }
        }
    }

    /// Adds every query to `found`.
    pub(super) fn all(&self, found: &mut Vec<u32>) {
        self.subtrees(vec![ROOT], found);
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

    /// Adds a child before the others if it is composite, else behind them.
    fn attach(&mut self, parent: NodeId, child: NodeId, first: bool) {
        let Node { first_child, last_child, .. } = *self.node(parent);
        let (previous, next) = if first { (NONE, first_child) } else { (last_child, NONE) };
        let record = self.node_mut(child);
        record.previous = previous;
        record.next = next;
        self.link(parent, previous, next, child, child);
    }

    /// The reverse of [`Index::attach`].
    fn detach(&mut self, child: NodeId) {
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

    /// The children whose elements are objects or arrays that `filter` matches.
    fn composite_children(&self, node: NodeId, filter: &Value, children: &mut Vec<NodeId>) {
        let mut child = self.node(node).first_child;
        while child != NONE {
            let Node { element, next, .. } = *self.node(child);
            let Some(value) = &self.elements[element as usize].composite else { return };
            if value.matches(filter) {
                children.push(child);
            }
            child = next;
        }
    }

    fn children(&self, node: NodeId, children: &mut Vec<NodeId>) {
        let mut child = self.node(node).first_child;
        while child != NONE {
            children.push(child);
            child = self.node(child).next;
        }
    }

    /// The child whose element has this text, if there is one.
    fn step(&self, node: NodeId, text: &[u8], children: &mut Vec<NodeId>) {
        if let Some(element) = self.element(text)
            && let Some(child) = self.edge(node, element)
        {
            children.push(child);
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

    /// The queries at and below these nodes. Not recursive: a key may have any number of elements, and the stack
    /// may not.
    fn subtrees(&self, mut nodes: Vec<NodeId>, found: &mut Vec<u32>) {
        nodes.reverse();
        while let Some(node) = nodes.pop() {
            self.queries_at(node, found);
            let mut child = self.node(node).last_child;
            while child != NONE {
                nodes.push(child);
                child = self.node(child).previous;
            }
        }
    }

    #[inline(never)]
    fn queries_at(&self, node: NodeId, found: &mut Vec<u32>) {
        let mut query = self.node(node).first_query;
        while query != NONE {
            found.push(query);
            query = self.next_query(query);
        }
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

impl Node {
    fn new(parent: NodeId, element: ElementId) -> Self {
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
