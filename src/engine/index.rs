//! Which queries a key, a prefix or a pattern means, at a cost that follows the matches.
//!
//! Queries hang in a trie by the elements of their keys. Elements are interned, so that a step is one lookup
//! of two integers. Elements that are objects or arrays match by subset: a filter's element of that kind
//! narrows to the node's children that are not primitive, and each of those is verified.

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
    children: Vec<NodeId>,
    /// How many children's elements are not primitive: most nodes have none, and need not be searched.
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
        self.walk_prefix(ROOT, &prefix.elements, found);
    }

    /// Calls `found` for each query whose key, as segments of text, is matched by `pattern`.
    pub(super) fn each_matching(&self, pattern: &Pattern, found: &mut impl FnMut(u32)) {
        self.walk_pattern(ROOT, pattern.segments(), found);
    }

    /// Calls `found` for every query.
    pub(super) fn each(&self, found: &mut impl FnMut(u32)) {
        self.subtree(ROOT, found);
    }

    fn child(&mut self, parent: NodeId, text: &str, value: &Value) -> NodeId {
        let known = self.element(text);
        if let Some(node) = known.and_then(|element| self.edge(parent, element)) {
            return node;
        }
        let element = known.unwrap_or_else(|| {
            let element = Element { text: text.into(), value: value.clone(), uses: 0 };
            let id = self.elements.insert(element) as ElementId;
            self.element_ids.insert(hash_text(text), id);
            id
        });
        self.elements[element as usize].uses += 1;
        let position = self.nodes[parent as usize].children.len() as u32;
        let node = self.nodes.insert(Node {
            parent,
            element,
            position,
            children: Vec::new(),
            composite_children: 0,
            queries: Vec::new(),
        }) as NodeId;
        let parent_node = &mut self.nodes[parent as usize];
        parent_node.children.push(node);
        parent_node.composite_children += u32::from(!value.is_primitive());
        self.edges.insert(hash_pair(parent, element), node);
        node
    }

    /// Drops a node that leads nowhere, and its ancestors that then do not either.
    fn prune(&mut self, mut node: NodeId) {
        while node != ROOT {
            let Node { parent, element, position, ref children, ref queries, .. } =
                self.nodes[node as usize];
            if !children.is_empty() || !queries.is_empty() {
                return;
            }
            self.nodes.remove(node as usize);
            self.edges.remove(hash_pair(parent, element), node);
            let composite = !self.elements[element as usize].value.is_primitive();
            let parent_node = &mut self.nodes[parent as usize];
            parent_node.composite_children -= u32::from(composite);
            parent_node.children.swap_remove(position as usize);
            if let Some(&moved) = parent_node.children.get(position as usize) {
                self.nodes[moved as usize].position = position;
            }
            self.release_element(element);
            node = parent;
        }
    }

    fn release_element(&mut self, id: ElementId) {
        let element = &mut self.elements[id as usize];
        element.uses -= 1;
        if element.uses == 0 {
            let element = self.elements.remove(id as usize);
            self.element_ids.remove(hash_text(&element.text), id);
        }
    }

    fn walk_prefix(&self, mut node: NodeId, mut prefix: &[Value], found: &mut impl FnMut(u32)) {
        while let Some((first, rest)) = prefix.split_first() {
            let Value::Primitive(text) = first else {
                return self.walk_composite(node, first, rest, found);
            };
            // A missing element reads as `undefined`: a filter of only that matches what ends here.
            if &**text == "undefined" && rest.iter().all(|value| value == first) {
                self.nodes[node as usize].queries.iter().copied().for_each(&mut *found);
            }
            let Some(next) = self.step(node, text) else { return };
            node = next;
            prefix = rest;
        }
        self.subtree(node, found);
    }

    fn walk_composite(
        &self,
        node: NodeId,
        filter: &Value,
        rest: &[Value],
        found: &mut impl FnMut(u32),
    ) {
        let node = &self.nodes[node as usize];
        if node.composite_children == 0 {
            return;
        }
        for &child in &node.children {
            let element = self.nodes[child as usize].element;
            if self.elements[element as usize].value.matches(filter) {
                self.walk_prefix(child, rest, found);
            }
        }
    }

    fn walk_pattern(&self, node: NodeId, segments: &[PatternSegment], found: &mut impl FnMut(u32)) {
        let Some((first, rest)) = segments.split_first() else {
            return self.nodes[node as usize].queries.iter().copied().for_each(found);
        };
        match first {
            PatternSegment::Rest => {
                for &child in &self.nodes[node as usize].children {
                    self.subtree(child, found);
                }
            }
            PatternSegment::One => {
                for &child in &self.nodes[node as usize].children {
                    self.walk_pattern(child, rest, found);
                }
            }
            PatternSegment::Literal(literal) => {
                if let Some(next) = self.step(node, &quote(literal)) {
                    self.walk_pattern(next, rest, found);
                }
                // A number in a key is the same segment as its text: `limit` 10 and "10". (A literal that
                // looks like the JSON of something else is not that.)
                if !literal.starts_with(['"', '[', '{'])
                    && let Some(next) = self.step(node, literal)
                {
                    self.walk_pattern(next, rest, found);
                }
            }
        }
    }

    fn step(&self, node: NodeId, text: &str) -> Option<NodeId> {
        self.edge(node, self.element(text)?)
    }

    fn element(&self, text: &str) -> Option<ElementId> {
        self.element_ids.find(hash_text(text), |id| *self.elements[id as usize].text == *text)
    }

    fn edge(&self, parent: NodeId, element: ElementId) -> Option<NodeId> {
        self.edges.find(hash_pair(parent, element), |id| {
            let node = &self.nodes[id as usize];
            node.parent == parent && node.element == element
        })
    }

    /// Not recursive: a key may have any number of elements, and the stack may not.
    fn subtree(&self, top: NodeId, found: &mut impl FnMut(u32)) {
        let mut pending = vec![top];
        while let Some(node) = pending.pop() {
            let node = &self.nodes[node as usize];
            node.queries.iter().copied().for_each(&mut *found);
            pending.extend(node.children.iter().rev());
        }
    }
}

/// A segment as the JSON text of a string.
fn quote(literal: &str) -> String {
    let mut text = String::with_capacity(literal.len() + 2);
    text.push('"');
    for character in literal.chars() {
        match character {
            '"' | '\\' => {
                text.push('\\');
                text.push(character);
            }
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            control if control < ' ' => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                text.push_str("\\u00");
                text.push(HEX[(control as usize) >> 4] as char);
                text.push(HEX[(control as usize) & 15] as char);
            }
            other => text.push(other),
        }
    }
    text.push('"');
    text
}
