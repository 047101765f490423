//! Which queries a key, a prefix or a pattern means, at a cost that follows the matches.
//!
//! Queries hang in a trie by the elements of their keys. Elements are interned, so that a step is one lookup
//! of two integers. Elements that are objects or arrays match by subset: a filter's element of that kind
//! narrows to the node's children of that kind, and each of those is verified.

use slab::Slab;

use super::id_table::{IdTable, hash_pair, hash_text};
use super::key::{Key, Value};
use crate::schema::{Pattern, PatternSegment};

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
}

#[derive(Debug)]
struct Node {
    parent: NodeId,
    element: ElementId,
    /// Where this node stands in its parent's `children`.
    position: u32,
    /// Those whose elements are objects or arrays come first: a filter by subset looks at no others.
    children: Vec<NodeId>,
    /// How many those are.
    composite_children: u32,
    /// The queries whose keys end here; more than one where a `queryKeyHashFn` tells equal keys apart.
    queries: Vec<u32>,
}

/// A key element, shared by all keys that have it.
#[derive(Debug)]
struct Element {
    text: Box<str>,
    value: Value,
    /// Nodes that carry it.
    uses: u32,
}

/// Where a query hangs in the index, to take it out again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place(NodeId);

impl Index {
    pub(super) fn new() -> Self {
        let mut nodes = Slab::new();
        nodes.insert(Node {
            parent: ROOT,
            element: ElementId::MAX,
            position: 0,
            children: Vec::new(),
            composite_children: 0,
            queries: Vec::new(),
        });
        Self {
            nodes,
            edges: IdTable::default(),
            elements: Slab::new(),
            element_ids: IdTable::default(),
        }
    }

    pub(super) fn insert(&mut self, key: &Key, query: u32) -> Place {
        let mut node = ROOT;
        let mut text = String::new();
        for value in &key.elements {
            text.clear();
            value.write_raw(&mut text);
            node = self.child(node, &text, value);
        }
        self.nodes[node as usize].queries.push(query);
        Place(node)
    }

    pub(super) fn remove(&mut self, place: Place, query: u32) {
        let queries = &mut self.nodes[place.0 as usize].queries;
        queries.retain(|&candidate| candidate != query);
        self.prune(place.0);
    }

    /// Calls `found` for each query whose key starts with the elements of `prefix`.
    pub(super) fn each_with_prefix(&self, prefix: &Key, found: &mut impl FnMut(u32)) {
        // Not recursive, here and below: a key may have any number of elements, and the stack may not.
        let mut pending = vec![(ROOT, &prefix.elements[..])];
        while let Some((node, filters)) = pending.pop() {
            let Some((filter, rest)) = filters.split_first() else {
                self.subtree(node, found);
                continue;
            };
            match filter {
                Value::Primitive(text) => {
                    // A missing element reads as `undefined`: a filter of only that matches what ends here.
                    if &**text == "undefined" && rest.iter().all(|value| value == filter) {
                        self.nodes[node as usize].queries.iter().copied().for_each(&mut *found);
                    }
                    pending.extend(self.step(node, text.as_bytes()).map(|next| (next, rest)));
                }
                _ => {
                    pending.extend(self.composite_children(node, filter).map(|child| (child, rest)))
                }
            }
        }
    }

    /// Calls `found` for each query whose key, as segments of text, is matched by `pattern`.
    pub(super) fn each_matching(&self, pattern: &Pattern, found: &mut impl FnMut(u32)) {
        let mut pending = vec![(ROOT, pattern.segments())];
        while let Some((node, segments)) = pending.pop() {
            let children = &self.nodes[node as usize].children;
            match segments.split_first() {
                None => self.nodes[node as usize].queries.iter().copied().for_each(&mut *found),
                Some((PatternSegment::Rest, _)) => {
                    children.iter().for_each(|&child| self.subtree(child, found));
                }
                Some((PatternSegment::One, rest)) => {
                    pending.extend(children.iter().map(|&child| (child, rest)));
                }
                Some((PatternSegment::Literal(literal), rest)) => {
                    pending.extend(self.step(node, &quote(literal)).map(|next| (next, rest)));
                    // A number in a key is the same segment as its text: `limit` 10 and "10". (A literal that
                    // looks like the JSON of something else is not that.)
                    if !matches!(literal.as_bytes().first(), Some(b'"' | b'[' | b'{')) {
                        pending
                            .extend(self.step(node, literal.as_bytes()).map(|next| (next, rest)));
                    }
                }
            }
        }
    }

    /// Calls `found` for every query.
    pub(super) fn each(&self, found: &mut impl FnMut(u32)) {
        self.subtree(ROOT, found);
    }

    fn child(&mut self, parent: NodeId, text: &str, value: &Value) -> NodeId {
        let known = self.element(text.as_bytes());
        if let Some(node) = known.and_then(|element| self.edge(parent, element)) {
            return node;
        }
        let element = known.unwrap_or_else(|| {
            let element = Element { text: text.into(), value: value.clone(), uses: 0 };
            let id = self.elements.insert(element) as ElementId;
            self.element_ids.insert(hash_text(text.as_bytes()), id);
            id
        });
        self.elements[element as usize].uses += 1;
        let node = self.nodes.insert(Node {
            parent,
            element,
            position: 0,
            children: Vec::new(),
            composite_children: 0,
            queries: Vec::new(),
        }) as NodeId;
        self.attach(parent, node, !value.is_primitive());
        self.edges.insert(hash_pair(parent, element), node);
        node
    }

    /// Adds a child behind the others, or behind the other composite ones.
    fn attach(&mut self, parent: NodeId, child: NodeId, composite: bool) {
        let Node { children, composite_children, .. } = &mut self.nodes[parent as usize];
        let last = children.len();
        children.push(child);
        if composite {
            let place = *composite_children as usize;
            children.swap(place, last);
            *composite_children += 1;
            self.note_position(parent, place);
        }
        self.note_position(parent, last);
    }

    /// The reverse of [`Index::attach`].
    fn detach(&mut self, parent: NodeId, position: u32, composite: bool) {
        let Node { children, composite_children, .. } = &mut self.nodes[parent as usize];
        let mut hole = position as usize;
        if composite {
            *composite_children -= 1;
            let last = *composite_children as usize;
            children.swap(hole, last);
            self.note_position(parent, hole);
            hole = last;
        }
        self.nodes[parent as usize].children.swap_remove(hole);
        self.note_position(parent, hole);
    }

    /// Writes down where a child stands, if there is one at this position.
    fn note_position(&mut self, parent: NodeId, position: usize) {
        if let Some(&child) = self.nodes[parent as usize].children.get(position) {
            self.nodes[child as usize].position = position as u32;
        }
    }

    /// Drops a node that leads nowhere, and its ancestors that then do not either.
    fn prune(&mut self, mut node: NodeId) {
        while node != ROOT {
            let Node { parent, element, position, ref children, ref queries, .. } =
                self.nodes[node as usize];
            if !children.is_empty() || !queries.is_empty() {
                return;
            }
            let composite = !self.elements[element as usize].value.is_primitive();
            self.detach(parent, position, composite);
            self.edges.remove(hash_pair(parent, element), node);
            self.nodes.remove(node as usize);
            self.release_element(element);
            node = parent;
        }
    }

    fn release_element(&mut self, id: ElementId) {
        let element = &mut self.elements[id as usize];
        element.uses -= 1;
        if element.uses == 0 {
            let element = self.elements.remove(id as usize);
            self.element_ids.remove(hash_text(element.text.as_bytes()), id);
        }
    }

    /// The children whose elements are objects or arrays that `filter` matches.
    fn composite_children(&self, node: NodeId, filter: &Value) -> impl Iterator<Item = NodeId> {
        let node = &self.nodes[node as usize];
        node.children[..node.composite_children as usize].iter().copied().filter(move |&child| {
            let element = self.nodes[child as usize].element;
            self.elements[element as usize].value.matches(filter)
        })
    }

    fn step(&self, node: NodeId, text: &[u8]) -> Option<NodeId> {
        self.edge(node, self.element(text)?)
    }

    fn element(&self, text: &[u8]) -> Option<ElementId> {
        self.element_ids
            .find(hash_text(text), |id| self.elements[id as usize].text.as_bytes() == text)
    }

    fn edge(&self, parent: NodeId, element: ElementId) -> Option<NodeId> {
        self.edges.find(hash_pair(parent, element), |id| {
            let node = &self.nodes[id as usize];
            node.parent == parent && node.element == element
        })
    }

    fn subtree(&self, top: NodeId, found: &mut impl FnMut(u32)) {
        let mut pending = vec![top];
        while let Some(node) = pending.pop() {
            let node = &self.nodes[node as usize];
            node.queries.iter().copied().for_each(&mut *found);
            pending.extend(node.children.iter().rev());
        }
    }
}

/// A segment as the JSON text of a string. Byte by byte: what JSON escapes is ASCII.
fn quote(literal: &str) -> Vec<u8> {
    let mut text = Vec::with_capacity(literal.len() + 2);
    text.push(b'"');
    for byte in literal.bytes() {
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            8 => b'b',
            12 => b'f',
            control if control < b' ' => {
                text.extend_from_slice(b"\\u00");
                text.push(b'0' + (control >> 4));
                text.push(b"0123456789abcdef"[usize::from(control & 15)]);
                continue;
            }
            plain => {
                text.push(plain);
                continue;
            }
        };
        text.push(b'\\');
        text.push(short);
    }
    text.push(b'"');
    text
}
