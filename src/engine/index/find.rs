//! What a prefix, a pattern or nothing finds.

use super::links::Node;
use super::{Index, NONE, NodeId, ROOT};
use crate::engine::key::{Key, Value};

impl Index {
    /// Adds to `found` each query whose key starts with the elements of `prefix`.
    pub(in crate::engine) fn with_prefix(&self, prefix: &Key, found: &mut Vec<u32>) {
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
    /// [`KeyFilter::Pattern`](crate::engine::KeyFilter::Pattern).
    pub(in crate::engine) fn matching(&self, pattern: &Key, found: &mut Vec<u32>) {
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
    pub(in crate::engine) fn all(&self, found: &mut Vec<u32>) {
        self.subtrees(vec![ROOT], found);
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
}
