//! The protocol of leases, fences and tickets, searched to the end: every order in which the steps of three readers and
//! two invalidations on two nodes can come, with values that expire and leases and copies that are evicted.
//!
//! A step here is what the program does at once: one command of the store, one look or change under one lock, one
//! atomic counter. The names of the steps are those of the sources (`compute/task.rs`, `service/values.rs`,
//! `service/overtake.rs`, `l1/fence.rs`). What is abstracted is not in the program's favour: a generation is not a number
//! but whether somebody bumped it since it was sampled; messages between nodes arrive in any order and as late as they
//! like; what the store pushes of changes, which drops copies sooner, never comes; the first look at the fence, which
//! only saves work, is left out. And a step that only makes a later check
//! stricter when something comes between is one with the step behind it: a sample and its question to the store, a count
//! of seats and what it is the count for, the end of a write and the insert.
//!
//! What must hold: who asks after an invalidation has returned is served nothing from before it. A copy on another node
//! may be served until the notice is there, as nobody can drop what he has not heard of.
//!
//! And each safeguard is needed: without it, the same search finds an order of steps that serves something stale.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

const READERS: usize = 3;

/// What the protocol consists of; one can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Safeguard {
    /// A compute's answer is stored only while its lease is its own.
    LeaseOnWrite,
    /// An invalidation deletes leases.
    LeasesDeleted,
    /// It deletes them before the data.
    LeasesFirst,
    /// What was overtaken on its way is not put into L1.
    FenceOnInsert,
    /// And is served only after another look, when it is in.
    RecheckOnInsert,
    /// Copies are dropped again after the store has deleted.
    SecondDrop,
    /// A passenger does not take an answer that may be older than his question.
    Tickets,
    /// A write that is not put into the process drops what it wrote over.
    DropWrittenOver,
    /// A write overtakes the reads during it.
    WriteEnds,
    /// Copies are dropped before the store deletes.
    FirstDrop,
    /// Nobody boards a flight that was invalidated here.
    Voiding,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    /// `Lookup::Use`.
    Use,
    /// `Lookup::Refresh`.
    Refresh,
}

/// What happens in one search.
#[derive(Clone, Copy)]
struct Scenario {
    readers: &'static [(usize, Asks)],
    /// The nodes that invalidate, each after a commit to the database.
    invalidations: &'static [usize],
    /// Commits that nobody announces.
    silent_commits: u8,
    /// How often something expires or is evicted.
    losses: u8,
    without: Option<Safeguard>,
}

/// Versions of the value are counted from 0 by the commits to the database.
type Version = u8;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct World {
    database: Version,
    /// The store.
    data: Option<Version>,
    lease: Option<u8>,
    nodes: [Node; 2],
    readers: [Reader; READERS],
    invalidations: [Invalidation; 2],
    /// The newest version whose invalidation has returned.
    returned: Version,
    silent_commits: u8,
    losses: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Node {
    l1: Option<Held>,
    /// The pilot of the flight that can be boarded.
    flight: Option<u8>,
    /// The newest version that this node knows to be invalidated, or has refreshed itself.
    knows: Version,
    /// Notices of the log on their way, by version.
    notices: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Held {
    version: Version,
    /// Who put it there.
    by: u8,
    /// Whether it may be served: not before its second look at the fence.
    confirmed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum At {
    Ask,
    AskAgain,
    Get,
    Board,
    Wait,
    Lease,
    Compute,
    BeginWrite,
    SetLeased,
    EndWrite,
    Check,
    Insert,
    Recheck,
    Land,
    Done,
}

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
            Self::EndWrite => "ends the write, and puts a copy into the process",
            Self::Check => "checks the generation",
            Self::Insert => "puts a copy into the process",
            Self::Recheck => "checks the generation again",
            Self::Land => "lands",
            Self::Wait | Self::Done => "does nothing",
        }
    }
}

/// Which of the pilot's counts of seats an answer is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Count {
    Lease,
    Compute,
    Write,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Reader {
    at: At,
    /// What had returned, and what its node knew, when it asked.
    returned: Version,
    knew: Version,
    value: Version,
    /// Whether the generation moved since it was sampled.
    overtaken: bool,
    is_pilot: bool,
    holds_lease: bool,
    good_for: Count,
    again: bool,
    /// As a passenger: of whom, and which counts it is among.
    pilot: Option<u8>,
    counted: [bool; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Invalidation {
    /// The next of its steps.
    step: u8,
    version: Version,
}

/// The steps of an invalidation: commit, first drop, leases, data, second drop, notice.
const STEPS: u8 = 6;

impl World {
    fn new(scenario: &Scenario, data: bool, copies: bool) -> Self {
        let node = Node {
            l1: copies.then_some(Held { version: 0, by: u8::MAX, confirmed: true }),
            ..Node::default()
        };
        let mut readers = [Reader { at: At::Done, ..Reader::NEW }; READERS];
        readers[..scenario.readers.len()].fill(Reader::NEW);
        Self {
            database: 0,
            data: data.then_some(0),
            lease: None,
            nodes: [node; 2],
            readers,
            invalidations: [Invalidation { step: 0, version: 0 }; 2],
            returned: 0,
            silent_commits: scenario.silent_commits,
            losses: scenario.losses,
        }
    }
}

impl World {
    /// The same without what no step looks at any more, and with like readers in one order: fewer worlds to search, and
    /// none that differs in what can happen.
    fn without_the_past(mut self, scenario: &Scenario) -> Self {
        for reader in &mut self.readers {
            let sampled = matches!(
                reader.at,
                At::Check | At::Insert | At::Recheck | At::SetLeased | At::EndWrite
            );
            reader.overtaken &= sampled;
            if reader.at == At::Done {
                *reader = Reader { at: At::Done, ..Reader::NEW };
            }
        }
        for invalidation in &mut self.invalidations {
            if invalidation.step == STEPS {
                invalidation.version = 0;
            }
        }
        for node in &mut self.nodes {
            if let Some(held) = &mut node.l1
                && held.confirmed
            {
                held.by = u8::MAX;
            }
        }
        if scenario.readers[0] == scenario.readers[1] && self.readers[1] < self.readers[0] {
            self.readers.swap(0, 1);
            let swap = |reader: &mut u8| {
                *reader = match *reader {
                    0 => 1,
                    1 => 0,
                    other => other,
                }
            };
            self.lease.iter_mut().for_each(swap);
            self.readers.iter_mut().filter_map(|reader| reader.pilot.as_mut()).for_each(swap);
            for node in &mut self.nodes {
                node.flight.iter_mut().for_each(swap);
                node.l1.iter_mut().for_each(|held| swap(&mut held.by));
            }
        }
        self
    }
}

impl Reader {
    const NEW: Self = Self {
        at: At::Ask,
        returned: 0,
        knew: 0,
        value: 0,
        overtaken: false,
        is_pilot: false,
        holds_lease: false,
        good_for: Count::Lease,
        again: false,
        pilot: None,
        counted: [false; 3],
    };
}

/// A world and the rules in force: what can happen next.
struct Search<'a> {
    scenario: &'a Scenario,
}

type Next = (World, Step);

/// Who did what: told when it went wrong.
#[derive(Clone, Copy)]
struct Step(Who, &'static str);

#[derive(Clone, Copy)]
enum Who {
    Reader(usize),
    Invalidation(usize),
    Node(usize),
    Chance,
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(who, what) = self;
        match who {
            Who::Reader(reader) => write!(f, "reader {reader} {what}"),
            Who::Invalidation(invalidation) => write!(f, "invalidation {invalidation} {what}"),
            Who::Node(node) => write!(f, "node {node} {what}"),
            Who::Chance => f.write_str(what),
        }
    }
}

/// Something stale was served.
struct Stale(Step, Version);

impl Search<'_> {
    fn has(&self, safeguard: Safeguard) -> bool {
        self.scenario.without != Some(safeguard)
    }

    fn node_of(&self, reader: usize) -> usize {
        self.scenario.readers[reader].0
    }

    /// Everything that can happen next.
    fn next(&self, world: &World) -> Result<Vec<Next>, Stale> {
        let mut all = Vec::new();
        for reader in 0..self.scenario.readers.len() {
            self.reader(world, reader, &mut all)?;
        }
        for (index, &node) in self.scenario.invalidations.iter().enumerate() {
            self.invalidation(world, index, node, &mut all);
        }
        self.surroundings(world, &mut all);
        Ok(all)
    }

    /// Whoever sampled the generation of `node` has been overtaken.
    fn bump(&self, world: &mut World, node: usize, except: Option<usize>) {
        for reader in 0..self.scenario.readers.len() {
            if self.node_of(reader) == node && Some(reader) != except {
                world.readers[reader].overtaken = true;
            }
        }
    }

    fn drop_copies(&self, world: &mut World, node: usize) {
        self.bump(world, node, None);
        world.nodes[node].l1 = None;
    }

    fn void(&self, world: &mut World, node: usize) {
        if self.has(Safeguard::Voiding) {
            world.nodes[node].flight = None;
        }
    }

    fn invalidation(&self, world: &World, index: usize, node: usize, all: &mut Vec<Next>) {
        let mut next = *world;
        let Invalidation { step, version } = world.invalidations[index];
        if step == STEPS {
            return;
        }
        let leases_first = self.has(Safeguard::LeasesFirst);
        let what = match (step, leases_first) {
            (0, _) => {
                next.database += 1;
                next.invalidations[index].version = next.database;
                "commits"
            }
            (1, _) => {
                if self.has(Safeguard::FirstDrop) {
                    self.drop_copies(&mut next, node);
                }
                self.void(&mut next, node);
                "drops the copies here"
            }
            (2, true) | (3, false) => {
                if self.has(Safeguard::LeasesDeleted) {
                    next.lease = None;
                }
                "deletes the leases"
            }
            (2 | 3, _) => {
                next.data = None;
                "deletes the data"
            }
            (4, _) => {
                if self.has(Safeguard::SecondDrop) {
                    self.drop_copies(&mut next, node);
                }
                "drops the copies here again"
            }
            _ => {
                next.nodes[1 - node].notices |= 1 << version;
                next.nodes[node].knows = next.nodes[node].knows.max(version);
                next.returned = next.returned.max(version);
                "gives notice and returns"
            }
        };
        next.invalidations[index].step += 1;
        all.push((next, Step(Who::Invalidation(index), what)));
    }

    /// Notices, expiry, eviction, silent commits.
    fn surroundings(&self, world: &World, all: &mut Vec<Next>) {
        for node in 0..2 {
            for version in 1..=2 {
                if world.nodes[node].notices & 1 << version != 0 {
                    let mut next = *world;
                    next.nodes[node].notices &= !(1 << version);
                    self.drop_copies(&mut next, node);
                    self.void(&mut next, node);
                    next.nodes[node].knows = next.nodes[node].knows.max(version);
                    all.push((next, Step(Who::Node(node), "hears a notice")));
                }
            }
        }
        if world.silent_commits > 0 {
            let mut next = *world;
            next.silent_commits -= 1;
            next.database += 1;
            all.push((next, Step(Who::Chance, "somebody commits")));
        }
        if world.losses == 0 {
            return;
        }
        let mut lose = |what: &'static str, change: &dyn Fn(&mut World)| {
            let mut next = *world;
            next.losses -= 1;
            change(&mut next);
            all.push((next, Step(Who::Chance, what)));
        };
        if world.data.is_some() {
            lose("the value expires", &|next| next.data = None);
        }
        if world.lease.is_some() {
            lose("the lease expires or is evicted", &|next| next.lease = None);
        }
        for node in 0..2 {
            if world.nodes[node].l1.is_some() {
                lose("a copy is evicted", &|next| next.nodes[node].l1 = None);
            }
        }
    }

    fn reader(&self, world: &World, me: usize, all: &mut Vec<Next>) -> Result<(), Stale> {
        let (mut next, node) = (*world, self.node_of(me));
        let refreshes = self.scenario.readers[me].1 == Asks::Refresh;
        let who = me as u8;
        let reader = &mut next.readers[me];
        let mut what = Step(Who::Reader(me), reader.at.name());
        match reader.at {
            At::Done | At::Wait => return Ok(()),
            At::Ask | At::AskAgain => {
                if reader.at == At::Ask {
                    (reader.returned, reader.knew) = (world.returned, world.nodes[node].knows);
                }
                match world.nodes[node].l1 {
                    _ if refreshes => reader.at = At::Board,
                    Some(Held { version, confirmed: true, .. }) => {
                        if version < reader.knew {
                            return Err(Stale(Step(what.0, "is served a copy"), version));
                        }
                        reader.at = At::Done;
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
                count_seats(&mut next, who, Count::Lease);
                let reader = &mut next.readers[me];
                match (world.data, world.lease) {
                    (Some(version), _) if !refreshes => {
                        (reader.value, reader.good_for) = (version, Count::Lease);
                        reader.at = self.insert();
                    }
                    (_, Some(_)) if !refreshes => {
                        // It asks again a little later, or has waited long enough.
                        all.push((next, Step(what.0, "is told to wait for the lease")));
                        next.readers[me].at = At::Compute;
                        what.1 = "has waited long enough for the lease";
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
                count_seats(&mut next, who, Count::Compute);
            }
            At::BeginWrite => {
                (reader.overtaken, reader.at) = (false, At::SetLeased);
                count_seats(&mut next, who, Count::Write);
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
            At::EndWrite if reader.overtaken => {
                // What it wrote is not put here, and what it wrote over must not stay here.
                reader.at = At::Land;
                if self.has(Safeguard::DropWrittenOver) {
                    self.drop_copies(&mut next, node);
                }
            }
            At::EndWrite => {
                reader.at = self.insert();
                if self.has(Safeguard::WriteEnds) {
                    self.bump(&mut next, node, Some(me));
                }
                if next.readers[me].at == At::Insert {
                    self.put(&mut next, me, node);
                }
            }
            At::Check if !(reader.overtaken && self.has(Safeguard::FenceOnInsert)) => {
                reader.at = At::Insert;
            }
            At::Check if reader.is_pilot => reader.at = At::Land,
            At::Check => serve(reader, what)?,
            At::Insert => self.put(&mut next, me, node),
            At::Recheck => {
                let fenced = reader.overtaken && self.has(Safeguard::FenceOnInsert);
                if let Some(held) = &mut next.nodes[node].l1
                    && held.by == who
                {
                    held.confirmed |= !fenced;
                }
                if fenced && reader.good_for == Count::Write && self.has(Safeguard::DropWrittenOver)
                {
                    self.drop_copies(&mut next, node);
                }
                let reader = &mut next.readers[me];
                if reader.is_pilot {
                    reader.at = At::Land;
                } else {
                    serve(reader, what)?;
                }
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
        let confirmed = !self.has(Safeguard::RecheckOnInsert);
        next.nodes[node].l1 = Some(Held { version, by: me as u8, confirmed });
        next.readers[me].at = At::Recheck;
    }

    fn land(&self, next: &mut World, me: usize, node: usize, what: Step) -> Result<(), Stale> {
        let who = me as u8;
        if next.nodes[node].flight == Some(who) {
            next.nodes[node].flight = None;
        }
        let Reader { value, good_for, .. } = next.readers[me];
        let refreshed = self.scenario.readers[me].1 == Asks::Refresh && good_for == Count::Write;
        if refreshed && self.scenario.invalidations.is_empty() {
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
                serve(passenger, Step(what.0, "lands with a passenger"))?;
            } else {
                (passenger.at, passenger.again, passenger.pilot) = (At::AskAgain, true, None);
            }
        }
        Ok(())
    }
}

fn count_seats(world: &mut World, pilot: u8, count: Count) {
    for passenger in &mut world.readers {
        if passenger.at == At::Wait && passenger.pilot == Some(pilot) {
            passenger.counted[count as usize] = true;
        }
    }
}

/// What comes from the store or a compute must be as new as what had returned anywhere.
fn serve(reader: &mut Reader, what: Step) -> Result<(), Stale> {
    if reader.value < reader.returned {
        return Err(Stale(what, reader.value));
    }
    reader.at = At::Done;
    Ok(())
}

const BEGINNINGS: [(bool, bool, &str); 3] = [
    (false, false, "nothing is there"),
    (true, false, "the store has version 0"),
    (true, true, "the store and both nodes have version 0"),
];

/// Searches all orders, the shortest first; how many worlds there are, or the steps to one that serves something stale.
///
/// Of a world that was seen, 64 bits are kept, as TLC does: among ten million, that two are taken for one has a chance
/// of three in a million.
fn search(scenario: &Scenario) -> Result<usize, Vec<String>> {
    let rules = Search { scenario };
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let mut known: HashSet<u64> = HashSet::new();
    // How each world was reached, to tell the story of a mistake: from which, and by which of its steps.
    let mut reached: Vec<(u32, u8)> = Vec::new();
    let mut open: VecDeque<(u32, World)> = VecDeque::new();
    for (index, (data, copies, _)) in BEGINNINGS.into_iter().enumerate() {
        let first = World::new(scenario, data, copies);
        known.insert(hasher.hash_one(first));
        reached.push((u32::MAX, index as u8));
        open.push_back((index as u32, first));
    }
    while let Some((at, world)) = open.pop_front() {
        let next = match rules.next(&world) {
            Ok(next) => next,
            Err(Stale(end, version)) => {
                let mut steps = story(&rules, &reached, at);
                steps.push(format!("{end}: version {version}"));
                return Err(steps);
            }
        };
        for (step, (next, _)) in next.into_iter().enumerate() {
            let next = next.without_the_past(scenario);
            if known.insert(hasher.hash_one(next)) {
                open.push_back((reached.len() as u32, next));
                reached.push((at, step as u8));
            }
        }
    }
    Ok(known.len())
}

/// The steps from the beginning to a world.
fn story(rules: &Search<'_>, reached: &[(u32, u8)], mut at: u32) -> Vec<String> {
    let mut path = Vec::new();
    while let Some((from, step)) = reached.get(at as usize) {
        path.push(*step);
        at = *from;
    }
    let (data, copies, what) = BEGINNINGS[path.pop().expect("it has a beginning") as usize];
    let mut world = World::new(rules.scenario, data, copies);
    let mut steps = vec![what.to_owned()];
    while let Some(step) = path.pop() {
        let Ok(next) = rules.next(&world) else { break };
        let (next, what) = next[step as usize];
        steps.push(what.to_string());
        world = next.without_the_past(rules.scenario);
    }
    steps
}

const USE_A: (usize, Asks) = (0, Asks::Use);
const USE_B: (usize, Asks) = (1, Asks::Use);
const REFRESH_A: (usize, Asks) = (0, Asks::Refresh);

/// Two readers on the node that invalidates, one on another.
const ONE: Scenario = Scenario {
    readers: &[USE_A, USE_A, USE_B],
    invalidations: &[0],
    silent_commits: 0,
    losses: 1,
    without: None,
};

/// A reader on each node, and each node invalidates once.
const TWO: Scenario = Scenario { readers: &[USE_A, USE_B], invalidations: &[0, 1], ..ONE };

/// Three readers and two invalidations.
const ALL: Scenario = Scenario { invalidations: &[0, 1], losses: 0, ..ONE };

/// A reader on the node that refreshes, and one more.
const REFRESH: Scenario =
    Scenario { readers: &[USE_A, REFRESH_A, USE_A], invalidations: &[], silent_commits: 2, ..ONE };

const TWO_REFRESHES: Scenario = Scenario { readers: &[REFRESH_A, REFRESH_A, USE_A], ..REFRESH };

/// The search of `scenario` finds a mistake when `safeguard` is left out, and none with it.
fn is_needed(safeguard: Safeguard, scenario: Scenario) {
    let without = Scenario { without: Some(safeguard), ..scenario };
    let story = search(&without).expect_err("nothing stale is served without it either");
    assert!(story.len() > 3, "{story:#?}");
}

fn holds(scenario: Scenario) -> usize {
    match search(&scenario) {
        Ok(worlds) => worlds,
        Err(story) => panic!("{story:#?}"),
    }
}

#[test]
fn nothing_from_before_an_invalidation_is_served_after_it_in_any_order_of_steps() {
    let worlds = holds(ONE);
    eprintln!("{worlds} worlds");
    assert!(worlds > 100_000, "the search is much smaller than it was: {worlds}");
}

#[test]
fn nor_after_either_of_two_invalidations_by_different_nodes() {
    let worlds = holds(TWO);
    eprintln!("{worlds} worlds");
    assert!(worlds > 100_000, "the search is much smaller than it was: {worlds}");
}

/// Minutes, and gigabytes: by hand, `cargo test --test server … -- --ignored nor_with_three`.
#[test]
#[ignore = "minutes, and gigabytes"]
fn nor_with_three_readers_and_two_invalidations() {
    let worlds = holds(ALL);
    eprintln!("{worlds} worlds");
    assert!(worlds > 1_000_000, "the search is much smaller than it was: {worlds}");
}

#[test]
fn who_asks_after_a_refresh_gets_nothing_older_in_any_order_of_steps() {
    holds(REFRESH);
    holds(TWO_REFRESHES);
}

#[test]
fn without_the_lease_on_the_write_a_compute_from_before_is_stored_after() {
    is_needed(Safeguard::LeaseOnWrite, ONE);
}

#[test]
fn if_leases_outlived_an_invalidation_a_compute_from_before_would_be_stored() {
    is_needed(Safeguard::LeasesDeleted, ONE);
}

#[test]
fn if_the_data_went_before_the_leases_a_holder_could_store_in_between() {
    is_needed(Safeguard::LeasesFirst, ONE);
}

#[test]
fn without_the_fence_a_read_from_before_is_put_into_the_process_after() {
    is_needed(Safeguard::FenceOnInsert, ONE);
}

#[test]
fn without_the_second_look_at_the_fence_a_drop_can_come_between_look_and_insert() {
    is_needed(Safeguard::RecheckOnInsert, ONE);
}

#[test]
fn without_the_second_drop_a_read_during_the_deletion_stays() {
    is_needed(Safeguard::SecondDrop, ONE);
}

#[test]
fn without_tickets_a_passenger_is_served_what_another_node_has_invalidated() {
    is_needed(Safeguard::Tickets, ONE);
}

#[test]
fn if_a_write_that_is_not_kept_did_not_drop_what_it_wrote_over_that_could_stay() {
    is_needed(Safeguard::DropWrittenOver, TWO_REFRESHES);
}

#[test]
fn if_a_write_did_not_overtake_the_reads_during_it_they_could_put_back_the_old_value() {
    is_needed(Safeguard::WriteEnds, REFRESH);
}

#[test]
fn two_steps_make_things_sooner_and_not_safer() {
    // Said here so that nobody takes them for what holds the rest up.
    for safeguard in [Safeguard::FirstDrop, Safeguard::Voiding] {
        holds(Scenario { without: Some(safeguard), ..ONE });
    }
}
