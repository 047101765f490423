//! The steps of a reader: into the process, to the store, aboard a flight or at its controls.

use super::{Next, Rules, Stale, Step, Who};
use crate::scenario::Safeguard;
use crate::world::{At, Count, Held, Reader, World};

impl At {
    /// What a reader does there.
    fn name(self) -> &'static str {
        match self {
            Self::Ask | Self::AskAgain => "looks into the process",
            Self::Get => "samples the generation and asks the store",
            Self::Board => "boards a flight",
            Self::Lease => "asks for the lease",
            Self::Compute => "reads the database",
            Self::BeginWrite => "samples the generation and counts the seats",
            Self::SetLeased => "writes under the lease",
            Self::EndWrite => "ends the write",
            Self::Check => "checks the generation",
            Self::Insert => "puts a copy into the process",
            Self::Recheck => "checks the generation again",
            Self::Confirm => "confirms its copy",
            Self::RemoveWrittenOver => "drops the copy here",
            Self::Land => "lands",
            Self::Wait | Self::Done => "does nothing",
        }
    }
}

impl Rules<'_> {
    pub(crate) fn reader(
        &self,
        world: &World,
        me: usize,
        all: &mut Vec<Next>,
    ) -> Result<(), Stale> {
        if matches!(world.readers[me].at, At::Done | At::Wait) {
            return Ok(());
        }
        self.step(world, me, "", all)?;
        if self.late_losses {
            for (world, lost) in self.just_lost(world, me) {
                self.step(&world, me, lost, all)?;
            }
        }
        Ok(())
    }

    fn step(
        &self,
        world: &World,
        me: usize,
        lost: &'static str,
        all: &mut Vec<Next>,
    ) -> Result<(), Stale> {
        let (mut next, node) = (*world, self.scenario.node_of(me));
        let refreshes = self.scenario.refreshes(me);
        let who = me as u8;
        let reader = &mut next.readers[me];
        let mut what = Step { who: Who::Reader(me), what: reader.at.name(), lost };
        match reader.at {
            At::Done | At::Wait => return Ok(()),
            At::Ask | At::AskAgain => {
                if reader.at == At::Ask {
                    (reader.returned, reader.knew) = (world.returned, world.nodes[node].knows);
                }
                match world.nodes[node].l1 {
                    _ if refreshes => reader.at = At::Board,
                    Some(Held { version, unconfirmed: None }) => {
                        if version < reader.knew {
                            return Err(Stale(Step { what: "is served a copy", ..what }, version));
                        }
                        *reader = Reader::DONE;
                    }
                    _ => reader.at = At::Get,
                }
            }
            At::Get => match world.data {
                Some(version) => {
                    (reader.value, reader.overtaken) = (version, false);
                    reader.at = self.insert();
                }
                None => reader.at = At::Board,
            },
            At::Board => match world.nodes[node].flight {
                Some(pilot) if !refreshes => {
                    reader.pilot = Some(pilot);
                    (reader.counted, reader.at) = ([false; 3], At::Wait);
                }
                _ => {
                    (reader.is_pilot, reader.at) = (true, At::Lease);
                    next.nodes[node].flight = Some(who);
                }
            },
            At::Lease => {
                reader.overtaken = false;
                next.count_seats(who, Count::Lease);
                let reader = &mut next.readers[me];
                match (world.data, world.lease) {
                    (Some(version), _) if !refreshes => {
                        (reader.value, reader.good_for) = (version, Count::Lease);
                        reader.at = self.insert();
                    }
                    (_, Some(_)) if !refreshes => {
                        // It asks again a little later, or has waited long enough.
                        let told = Step { what: "is told to wait for the lease", ..what };
                        all.push((next, told));
                        next.readers[me].at = At::Compute;
                        what.what = "has waited long enough for the lease";
                    }
                    _ => {
                        (reader.holds_lease, reader.at) = (true, At::Compute);
                        next.lease = Some(who);
                    }
                }
            }
            At::Compute => {
                (reader.good_for, reader.value) = (Count::Compute, world.database);
                reader.at = if reader.holds_lease { At::BeginWrite } else { At::Land };
                next.count_seats(who, Count::Compute);
            }
            At::BeginWrite => {
                (reader.overtaken, reader.at) = (false, At::SetLeased);
                next.count_seats(who, Count::Write);
            }
            At::SetLeased => {
                let mine = world.lease == Some(who);
                if mine || !self.has(Safeguard::LeaseOnWrite) {
                    (reader.good_for, reader.at) = (Count::Write, At::EndWrite);
                    next.data = Some(reader.value);
                    next.lease = if mine { None } else { world.lease };
                } else {
                    reader.at = At::Land;
                }
            }
            // What it wrote is not put here, and what it wrote over must not stay here.
            At::EndWrite if reader.overtaken => self.drop_written_over(&mut next, me, node),
            At::EndWrite => {
                reader.at = self.insert();
                if self.has(Safeguard::WriteEnds) {
                    self.bump(&mut next, node, Some(me));
                }
            }
            At::Check if !(reader.overtaken && self.has(Safeguard::FenceOnInsert)) => {
                reader.at = At::Insert;
            }
            At::Check => leave(reader, what)?,
            At::Insert => self.put(&mut next, me, node),
            At::Recheck => self.recheck(&mut next, me, node, what)?,
            At::Confirm => {
                if let Some(held) = &mut next.nodes[node].l1
                    && held.unconfirmed == Some(who)
                {
                    held.unconfirmed = None;
                }
                leave(&mut next.readers[me], what)?;
            }
            At::RemoveWrittenOver => {
                reader.at = At::Land;
                next.nodes[node].l1 = None;
            }
            At::Land => self.land(&mut next, me, node, what)?,
        }
        all.push((next, what));
        Ok(())
    }

    /// Where an insert begins: the look at the fence is behind it, and before it only where that is what is tried.
    fn insert(&self) -> At {
        if self.has(Safeguard::RecheckOnInsert) { At::Insert } else { At::Check }
    }

    fn put(&self, next: &mut World, me: usize, node: usize) {
        let Reader { value: version, .. } = next.readers[me];
        let unconfirmed = self.has(Safeguard::RecheckOnInsert).then_some(me as u8);
        next.nodes[node].l1 = Some(Held { version, unconfirmed });
        next.readers[me].at = At::Recheck;
    }

    /// Who was overtaken stays it, so what he does then is one with the look; else something may come between.
    fn recheck(&self, next: &mut World, me: usize, node: usize, what: Step) -> Result<(), Stale> {
        let Reader { overtaken, good_for, .. } = next.readers[me];
        if !overtaken || !self.has(Safeguard::FenceOnInsert) {
            next.readers[me].at = At::Confirm;
            return Ok(());
        }
        if next.nodes[node].l1.is_some_and(|held| held.unconfirmed == Some(me as u8)) {
            next.nodes[node].l1 = None;
        }
        if good_for == Count::Write {
            self.drop_written_over(next, me, node);
            return Ok(());
        }
        leave(&mut next.readers[me], what)
    }

    /// The first half: `L1::drop_key` bumps, and removes then.
    fn drop_written_over(&self, next: &mut World, me: usize, node: usize) {
        next.readers[me].at = At::Land;
        if self.has(Safeguard::DropWrittenOver) {
            self.bump(next, node, None);
            next.readers[me].at = At::RemoveWrittenOver;
        }
    }

    fn land(&self, next: &mut World, me: usize, node: usize, what: Step) -> Result<(), Stale> {
        let who = me as u8;
        if next.nodes[node].flight == Some(who) {
            next.nodes[node].flight = None;
        }
        let Reader { value, good_for, .. } = next.readers[me];
        if self.tells_its_node(me, good_for) {
            // Who asks after a refresh has returned, on the same node, gets nothing older.
            next.nodes[node].knows = next.nodes[node].knows.max(value);
        }
        serve(&mut next.readers[me], what)?;
        for passenger in &mut next.readers {
            if passenger.at != At::Wait || passenger.pilot != Some(who) {
                continue;
            }
            let in_time = passenger.again || passenger.counted[good_for as usize];
            if in_time || !self.has(Safeguard::Tickets) {
                passenger.value = value;
                serve(passenger, Step { what: "lands with a passenger", ..what })?;
            } else {
                (passenger.at, passenger.again, passenger.pilot) = (At::AskAgain, true, None);
            }
        }
        Ok(())
    }

    /// Whether the end of this reader's flight is a promise to those who ask after it.
    pub(crate) fn tells_its_node(&self, me: usize, good_for: Count) -> bool {
        self.scenario.refreshes(me)
            && good_for == Count::Write
            && self.scenario.invalidations.is_empty()
    }
}

/// A pilot goes on to land; whoever came for himself is served.
fn leave(reader: &mut Reader, what: Step) -> Result<(), Stale> {
    if reader.is_pilot {
        reader.at = At::Land;
        return Ok(());
    }
    serve(reader, what)
}

/// What comes from the store or a compute must be as new as what had returned anywhere.
fn serve(reader: &mut Reader, what: Step) -> Result<(), Stale> {
    if reader.value < reader.returned {
        return Err(Stale(what, reader.value));
    }
    *reader = Reader::DONE;
    Ok(())
}
