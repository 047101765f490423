//! What no step looks at any more is forgotten.
//!
//! A field is *live* while some step that can still come reads it before it is written. Two worlds that differ in dead
//! fields alone go on alike for ever, so one is enough. The questions below say, for each thing, who may still look at it;
//! each can only turn from yes to no, as a reader never goes back further than to [`At::AskAgain`], and once.

use super::Reduced;
use crate::scenario::Safeguard;
use crate::world::{At, Count, Hears, Reader, World};

impl Reader {
    /// Whether it may yet be told that a flight's answer is not for it.
    fn may_ask_again(&self) -> bool {
        self.at <= At::Wait && !self.again
    }

    /// Whether it may still take off, if it asks for a value.
    fn may_take_off(&self) -> bool {
        self.at <= At::Board || self.at == At::Wait && !self.again
    }

    /// Whether it has its value and carries it on: it serves it to itself and perhaps to others.
    pub(super) fn has_value(&self) -> bool {
        self.at > At::Compute && self.at < At::Done
    }

    /// Whether it is among those who sampled the generation and have yet to look at it.
    fn has_sample(&self) -> bool {
        use At::{Check, EndWrite, Insert, Recheck, SetLeased};
        matches!(self.at, Check | Insert | Recheck | SetLeased | EndWrite)
    }
}

/// Who may still look at what.
impl Reduced<'_> {
    fn readers_on<'w>(
        &self,
        world: &'w World,
        node: usize,
    ) -> impl Iterator<Item = (usize, &'w Reader)> {
        let scenario = self.rules.scenario;
        let count = scenario.readers.len();
        let on_node = move |reader: &(usize, &Reader)| scenario.node_of(reader.0) == node;
        world.readers[..count].iter().enumerate().filter(on_node)
    }

    fn uses(&self, reader: usize) -> bool {
        !self.rules.scenario.refreshes(reader)
    }

    /// Whether a reader may still look for a copy in this node.
    pub(super) fn l1_is_live(&self, world: &World, node: usize) -> bool {
        self.readers_on(world, node).any(|(reader, state)| {
            let looks = matches!(state.at, At::Ask | At::AskAgain) || state.may_ask_again();
            looks && self.uses(reader)
        })
    }

    /// Whether a reader may still board a flight of this node.
    pub(super) fn flight_is_live(&self, world: &World, node: usize) -> bool {
        self.readers_on(world, node)
            .any(|(reader, state)| state.may_take_off() && self.uses(reader))
    }

    /// Whether what this node knows to be invalidated is still asked for.
    pub(super) fn knows_is_live(&self, world: &World, node: usize) -> bool {
        self.readers_on(world, node).any(|(reader, state)| state.at == At::Ask && self.uses(reader))
    }

    fn may_ask_for_lease(&self, reader: &Reader) -> bool {
        reader.may_take_off() || reader.at == At::Lease
    }

    pub(super) fn data_is_live(&self, world: &World) -> bool {
        (0..self.rules.scenario.readers.len())
            .any(|reader| self.uses(reader) && self.may_ask_for_lease(&world.readers[reader]))
    }

    pub(super) fn lease_is_live(&self, world: &World) -> bool {
        world.readers.iter().any(|reader| {
            let may_write = matches!(reader.at, At::BeginWrite | At::SetLeased)
                || reader.at == At::Compute && reader.holds_lease;
            may_write || self.may_ask_for_lease(reader)
        })
    }

    pub(super) fn database_is_live(&self, world: &World) -> bool {
        let may_compute =
            |reader: &Reader| self.may_ask_for_lease(reader) || reader.at == At::Compute;
        world.readers.iter().any(may_compute)
    }

    /// Whether what this reader's next step in the store meets is already certain: its lease is gone, and nobody else can
    /// give it back.
    pub(super) fn lost_lease(&self, world: &World, me: usize) -> bool {
        self.rules.scenario.has(Safeguard::LeaseOnWrite) && world.lease != Some(me as u8)
    }

    /// Whether somebody may still be served what this reader has in hand, or has to be told that it is too old.
    pub(super) fn value_is_live(&self, world: &World, me: usize) -> bool {
        let reader = &world.readers[me];
        let is_written = reader.at < At::Recheck;
        reader.has_value()
            && (is_written
                || reader.value < reader.returned
                || self.may_have_passengers(world, me)
                || self.rules.tells_its_node(me, reader.good_for))
    }

    /// Whether somebody has yet to ask.
    pub(super) fn somebody_asks(&self, world: &World) -> bool {
        world.readers.iter().any(|reader| reader.at == At::Ask)
    }
}

impl Reduced<'_> {
    pub(super) fn forget(&self, world: &mut World) {
        if !self.somebody_asks(world) {
            world.returned = 0;
        }
        for node in 0..2 {
            self.forget_of_node(world, node);
        }
        if !self.data_is_live(world) {
            world.data = None;
        }
        if !self.lease_is_live(world) {
            world.lease = None;
        }
        for reader in 0..self.rules.scenario.readers.len() {
            self.forget_of_reader(world, reader);
        }
        if self.may_round() {
            self.round_versions(world);
        }
    }

    fn forget_of_node(&self, world: &mut World, node: usize) {
        let l1_is_live = self.l1_is_live(world, node);
        let flight_is_live = self.flight_is_live(world, node);
        let knows_is_live = self.knows_is_live(world, node);
        let fenced = self.rules.scenario.has(Safeguard::FenceOnInsert);
        let of_overtaken = |reader: u8| {
            let state = &world.readers[usize::from(reader)];
            fenced && state.overtaken && state.at == At::Recheck
        };
        // A copy that will never be confirmed is served to nobody.
        let lost =
            world.nodes[node].l1.is_some_and(|held| held.unconfirmed.is_some_and(of_overtaken));
        let state = &mut world.nodes[node];
        if !l1_is_live || lost {
            state.l1 = None;
        }
        if !flight_is_live {
            state.flight = None;
        }
        if !knows_is_live {
            state.knows = 0;
        }
        if !l1_is_live && !flight_is_live && !knows_is_live {
            state.notices = 0;
            state.hears = Hears::default();
        }
    }

    fn forget_of_reader(&self, world: &mut World, me: usize) {
        if world.readers[me].at == At::Done {
            world.readers[me] = Reader::DONE;
            return;
        }
        let l1_is_live = self.l1_is_live(world, self.rules.scenario.node_of(me));
        let lost_lease = self.lost_lease(world, me);
        let live_counts = world.readers[me].pilot.map(|pilot| self.live_counts(world, pilot));
        let has_passengers = self.may_have_passengers(world, me);
        let reader = &mut world.readers[me];
        // What it does on its way into a process where nobody looks is nothing.
        if !l1_is_live && (At::EndWrite..At::Land).contains(&reader.at) {
            reader.at = if reader.is_pilot { At::Land } else { At::Confirm };
        }
        reader.holds_lease &= reader.at == At::Compute;
        let write_is_lost = reader.at == At::SetLeased && lost_lease;
        reader.overtaken &= reader.has_sample() && l1_is_live && !write_is_lost;
        match live_counts {
            Some(live) if !reader.again => {
                for (counted, live) in reader.counted.iter_mut().zip(live) {
                    *counted &= live;
                }
            }
            _ => reader.counted = [false; 3],
        }
        reader.again &= reader.at <= At::Wait;
        let looks_again = reader.at == At::AskAgain || reader.may_ask_again();
        if !(looks_again && self.uses(me)) {
            reader.knew = 0;
        }
        if !reader.has_value() {
            return;
        }
        let writes_over = reader.good_for == Count::Write && reader.at <= At::Recheck && l1_is_live;
        let tells = self.rules.tells_its_node(me, Count::Write);
        if !has_passengers && !writes_over && !tells {
            reader.good_for = Count::Lease;
        }
        // Its value is as new as its question wants: that was the only use of the question's time.
        if reader.value >= reader.returned {
            reader.returned = 0;
        }
        if !self.value_is_live(world, me) {
            world.readers[me].value = 0;
        }
    }

    /// Which of the pilot's counts may still decide for whom its answer is good.
    fn live_counts(&self, world: &World, pilot: u8) -> [bool; 3] {
        let state = &world.readers[usize::from(pilot)];
        let may_write = state.at == At::SetLeased && !self.lost_lease(world, usize::from(pilot));
        let good_for = |count| state.has_value() && state.good_for == count;
        [good_for(Count::Lease), good_for(Count::Compute), good_for(Count::Write) || may_write]
    }

    /// Whether somebody waits for this reader's flight, or may yet.
    pub(super) fn may_have_passengers(&self, world: &World, me: usize) -> bool {
        let who = Some(me as u8);
        let waits = |reader: &Reader| reader.at == At::Wait && reader.pilot == who;
        world.nodes.iter().any(|node| node.flight == who) || world.readers.iter().any(waits)
    }
}
