//! What a pickle builds: values that may be mentioned more than once.

use std::rc::Rc;

/// A place in the heap.
pub(super) type Place = usize;

/// A value. Lists and dicts are places, because a pickle may go on filling one that it has put into another.
#[derive(Clone, Debug)]
pub(super) enum Value {
    None,
    Bool(bool),
    Integer(i128),
    Float(f64),
    /// Shared: a pickle may fetch one long text a hundred thousand times.
    Text(Rc<str>),
    List(Place),
    Dict(Place),
}

#[derive(Debug, Default)]
pub(super) struct Heap {
    lists: Vec<Vec<Value>>,
    dicts: Vec<Vec<(Value, Value)>>,
}

impl Heap {
    pub(super) fn new_list(&mut self, items: Vec<Value>) -> Value {
        self.lists.push(items);
        Value::List(self.lists.len() - 1)
    }

    pub(super) fn new_dict(&mut self) -> Place {
        self.dicts.push(Vec::new());
        self.dicts.len() - 1
    }

    pub(super) fn list(&self, place: Place) -> &[Value] {
        &self.lists[place]
    }

    pub(super) fn dict(&self, place: Place) -> &[(Value, Value)] {
        &self.dicts[place]
    }

    pub(super) fn extend_list(&mut self, place: Place, items: impl Iterator<Item = Value>) {
        self.lists[place].extend(items);
    }

    pub(super) fn extend_dict(
        &mut self,
        place: Place,
        entries: impl Iterator<Item = (Value, Value)>,
    ) {
        self.dicts[place].extend(entries);
    }
}
