//! Several tabs, a browser and a server in one small world, where messages are late or lost, tabs crash, freeze and come
//! back, and the server goes and forgets. Whatever happens in whatever order, no tab believes that it has come further than
//! it has heard; and when all is well again, one tab has the connection and each knows of every change.
//!
//! The host is played as `pkg-template/src/live` plays it.

use std::collections::{BTreeSet, VecDeque};

use proptest::prelude::*;
use samekey::engine::Moment;
use samekey::engine::live::{Link, LinkFault, LinkStatus, Since, Steps};

const START: f64 = 1_700_000_000_000.0;
const BEAT: f64 = 15_000.0;
const TABS: usize = 3;

/// A frame: how far it brings who takes it, and what it is.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Frame(u64, Kind);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Change,
    Beat,
    Reset,
}

#[derive(Debug, Clone)]
enum Message {
    Ask { last: Option<u64>, since: f64 },
    Welcome { to: u64, told: f64, missed: Option<Vec<Frame>>, last: Option<u64> },
    Trying,
    Open,
    Lives(f64),
    Passed(f64, Frame),
}

#[derive(Debug, Clone, Copy)]
enum FromServer {
    Hello { place: u64, looked_back: Option<f64>, resumed: bool },
    Frame(Frame),
    Heartbeat,
    Broken,
}

#[derive(Debug)]
struct Tab {
    /// Among all that ever were.
    id: u64,
    link: Link,
    focused: bool,
    /// Stands still without being told: nothing reaches it.
    frozen: bool,
    connected: bool,
    last: Option<u64>,
    seen: Option<u64>,
    memory: Vec<(Frame, f64)>,
    reach: f64,
    told: f64,
    leader: Option<u64>,
    /// The changes that it was told of, or that were there before its data.
    knows: BTreeSet<u64>,
    server: VecDeque<FromServer>,
    channel: VecDeque<(u64, Message)>,
    /// Whether the lock came or went.
    lock: VecDeque<bool>,
}

struct World {
    now: f64,
    tabs: Vec<Tab>,
    next_id: u64,
    holder: Option<u64>,
    queue: VecDeque<u64>,
    /// When each change happened; its number is its place, from 1 on.
    log: Vec<f64>,
    forgotten: u64,
    looks_back: bool,
    is_up: bool,
}

impl World {
    fn new() -> Self {
        let mut world = World {
            now: START,
            tabs: Vec::new(),
            next_id: 1,
            holder: None,
            queue: VecDeque::new(),
            log: Vec::new(),
            forgotten: 0,
            looks_back: true,
            is_up: true,
        };
        for _ in 0..TABS {
            let tab = world.opened();
            world.tabs.push(tab);
        }
        (0..TABS).for_each(|tab| world.start(tab));
        world
    }

    fn opened(&mut self) -> Tab {
        self.next_id += 1;
        Tab {
            id: self.next_id,
            link: Link::new(false, true, self.next_id as u32 * 7919),
            focused: true,
            frozen: false,
            connected: false,
            last: None,
            seen: None,
            memory: Vec::new(),
            reach: f64::INFINITY,
            told: 0.0,
            leader: None,
            knows: (1..=self.log.len() as u64).collect(),
            server: VecDeque::new(),
            channel: VecDeque::new(),
            lock: VecDeque::new(),
        }
    }

    fn start(&mut self, tab: usize) {
        self.tell(tab, Link::start);
    }

    fn at(&self, tab: usize) -> Moment {
        Moment { focused: self.tabs[tab].focused, ..Moment::at(self.now) }
    }

    fn place(&self) -> u64 {
        self.log.len() as u64
    }

    fn since(&self, tab: usize) -> f64 {
        self.now - self.tabs[tab].link.look_back(f64::INFINITY, self.at(tab))
    }

    fn tell(&mut self, tab: usize, act: impl FnOnce(&mut Link, Moment) -> Steps) {
        let _ = self.steps_of(tab, act);
    }

    /// Tells a tab's link, and takes the steps that follow.
    fn steps_of(&mut self, tab: usize, act: impl FnOnce(&mut Link, Moment) -> Steps) -> Steps {
        let at = self.at(tab);
        let steps = act(&mut self.tabs[tab].link, at);
        let has = |step| steps.contains(step);
        if has(Steps::DISCONNECT) {
            self.tabs[tab].connected = false;
            self.tabs[tab].server.clear();
        }
        if has(Steps::ADOPT) {
            self.tabs[tab].last = self.tabs[tab].seen;
        }
        if has(Steps::ANNOUNCE) {
            let is_open = self.tabs[tab].link.status() == LinkStatus::Open;
            self.post(tab, if is_open { Message::Open } else { Message::Trying });
        }
        if has(Steps::LEAVE) {
            self.leave(tab);
        }
        if has(Steps::ENTER) {
            self.leave(tab);
            self.queue.push_back(self.tabs[tab].id);
            self.grant();
            self.tell(tab, Link::entered);
        }
        if has(Steps::ASK) {
            let (last, since) = (self.tabs[tab].last, self.since(tab));
            self.post(tab, Message::Ask { last, since });
        }
        if has(Steps::SEIZE) {
            self.seize(tab);
        }
        if has(Steps::CONNECT) {
            self.connect(tab);
        }
        if has(Steps::RESET) {
            let place = self.place();
            self.tabs[tab].knows.extend(1..=place);
        }
        steps
    }

    fn has_entered(&self, tab: &Tab) -> bool {
        self.holder == Some(tab.id) || self.queue.contains(&tab.id)
    }

    fn post(&mut self, from: usize, message: Message) {
        let id = self.tabs[from].id;
        for to in (0..TABS).filter(|to| *to != from) {
            if self.has_entered(&self.tabs[to]) {
                self.tabs[to].channel.push_back((id, message.clone()));
            }
        }
    }

    fn leave(&mut self, tab: usize) {
        let id = self.tabs[tab].id;
        self.queue.retain(|queued| *queued != id);
        self.tabs[tab].channel.clear();
        self.tabs[tab].lock.clear();
        if self.holder == Some(id) {
            self.holder = None;
            self.grant();
        }
    }

    fn seize(&mut self, tab: usize) {
        if let Some(holder) = self.holder.replace(self.tabs[tab].id)
            && let Some(deposed) = self.tabs.iter_mut().find(|tab| tab.id == holder)
        {
            deposed.lock.push_back(false);
        }
        let id = self.tabs[tab].id;
        self.queue.retain(|queued| *queued != id);
        self.tabs[tab].lock.push_back(true);
    }

    fn grant(&mut self) {
        if self.holder.is_none()
            && let Some(next) = self.queue.pop_front()
        {
            self.holder = Some(next);
            let tab = self.tabs.iter_mut().find(|tab| tab.id == next).expect("it has not crashed");
            tab.lock.push_back(true);
        }
    }

    fn connect(&mut self, tab: usize) {
        let look_back = self.now - self.since(tab);
        let (log, place) = (self.log.clone(), self.place());
        let of = &mut self.tabs[tab];
        of.server.clear();
        of.connected = self.is_up;
        if !self.is_up {
            of.server.push_back(FromServer::Broken);
            return;
        }
        let hello = |place, looked_back| FromServer::Hello {
            place,
            looked_back,
            resumed: of.last.is_some(),
        };
        let from = match of.last {
            Some(last) if last < self.forgotten => {
                of.server.push_back(hello(last, None));
                of.server.push_back(FromServer::Frame(Frame(place, Kind::Reset)));
                return;
            }
            Some(last) => last,
            None if !self.looks_back => place,
            None => {
                let then = self.now - look_back;
                log.partition_point(|happened| *happened < then) as u64
            }
        };
        let looked_back = self.looks_back.then_some(self.now - look_back);
        of.server.push_back(hello(from, looked_back));
        of.server.extend((from + 1..=place).map(|id| FromServer::Frame(Frame(id, Kind::Change))));
    }

    fn change(&mut self) {
        self.log.push(self.now);
        let frame = FromServer::Frame(Frame(self.place(), Kind::Change));
        self.tabs
            .iter_mut()
            .filter(|tab| tab.connected)
            .for_each(|tab| tab.server.push_back(frame));
    }

    fn server_goes(&mut self) {
        self.is_up = false;
        for tab in self.tabs.iter_mut().filter(|tab| tab.connected) {
            tab.connected = false;
            tab.server.push_back(FromServer::Broken);
        }
    }

    fn take(&mut self, tab: usize, frame: Frame) {
        let now = self.now;
        let of = &mut self.tabs[tab];
        let Frame(id, kind) = frame;
        of.seen = Some(id);
        if kind == Kind::Reset {
            of.memory.clear();
            of.reach = now;
            of.memory.push((Frame(id, Kind::Beat), now));
            self.tell(tab, |link, _| link.reset());
            return;
        }
        of.memory.push((frame, now));
        if kind == Kind::Change {
            of.knows.insert(id);
            self.tell(tab, Link::invalidated);
        } else {
            self.tell(tab, |link, _| link.moved_on());
        }
    }

    fn hear_server(&mut self, tab: usize) {
        let Some(word) = self.tabs[tab].server.pop_front() else { return };
        if let FromServer::Broken = word {
            self.tabs[tab].connected = false;
            self.tell(tab, |link, at| link.ended(LinkFault::Network, at));
            return;
        }
        self.tell(tab, |link, at| {
            link.heard(at);
            Steps::NONE
        });
        self.post(tab, Message::Lives(self.tabs[tab].told));
        match word {
            FromServer::Hello { place, looked_back, resumed } => {
                let now = self.now;
                let of = &mut self.tabs[tab];
                of.seen = Some(place);
                if !resumed {
                    of.reach = looked_back.unwrap_or(now);
                    of.memory = vec![(Frame(place, Kind::Beat), now)];
                }
                let since = match (resumed, looked_back) {
                    (true, _) => Since::LastId,
                    (false, Some(_)) => Since::LookBack,
                    (false, None) => Since::Now,
                };
                self.tell(tab, |link, at| link.greeted(BEAT, since, at));
            }
            FromServer::Frame(frame) => {
                self.tabs[tab].told += 1.0;
                self.post(tab, Message::Passed(self.tabs[tab].told, frame));
                self.take(tab, frame);
            }
            FromServer::Heartbeat | FromServer::Broken => {}
        }
    }

    fn hear_channel(&mut self, tab: usize) {
        let Some((from, message)) = self.tabs[tab].channel.pop_front() else { return };
        let is_ours = self.tabs[tab].leader == Some(from);
        match message {
            Message::Ask { last, since } => {
                if self.steps_of(tab, |link, _| link.asked()).contains(Steps::WELCOME) {
                    let of = &self.tabs[tab];
                    let missed = missed(of, last, since);
                    self.post(
                        tab,
                        Message::Welcome { to: from, told: of.told, missed, last: of.last },
                    );
                }
            }
            Message::Welcome { to, told, missed, last } if to == self.tabs[tab].id => {
                let had_place = self.tabs[tab].last.is_some();
                let since = self.since(tab);
                let steps = self.steps_of(tab, |link, at| link.welcomed(BEAT, told, at));
                if !steps.contains(Steps::TAKE) {
                    return;
                }
                self.tabs[tab].leader = Some(from);
                let place = last.expect("who is open has a place");
                let Some(missed) = missed else {
                    return self.take(tab, Frame(place, Kind::Reset));
                };
                if !had_place {
                    self.tabs[tab].memory.clear();
                    self.tabs[tab].reach = since;
                }
                for frame in missed {
                    self.take(tab, frame);
                }
                self.take(tab, Frame(place, Kind::Beat));
            }
            Message::Welcome { .. } if is_ours => {}
            Message::Trying => {
                self.tell(tab, |link, at| link.leader_tries(LinkFault::Network, is_ours, at));
            }
            Message::Open => {
                self.tell(tab, |link, at| link.leader_changed(true, at));
            }
            Message::Lives(told) if is_ours => {
                self.tell(tab, |link, at| link.relayed(told, false, at));
            }
            Message::Passed(told, frame) if is_ours => {
                let steps = self.steps_of(tab, |link, at| link.relayed(told, true, at));
                if steps.contains(Steps::TAKE) {
                    self.take(tab, frame);
                }
            }
            _ => {
                self.tell(tab, |link, at| link.leader_changed(false, at));
            }
        }
    }

    fn hear_lock(&mut self, tab: usize) {
        let Some(is_ours) = self.tabs[tab].lock.pop_front() else { return };
        self.tell(tab, if is_ours { Link::elected } else { Link::deposed });
    }

    fn wake(&mut self, tab: usize) {
        if self.tabs[tab].link.next_deadline().is_some_and(|due| due <= self.now) {
            self.tell(tab, Link::wake);
        }
    }

    /// Crashes, and is opened anew.
    fn crash(&mut self, tab: usize) {
        self.leave(tab);
        self.tabs[tab] = self.opened();
        self.start(tab);
    }

    fn look(&mut self, tab: usize, focused: bool) {
        self.tabs[tab].focused = focused;
        if !self.tabs[tab].frozen {
            self.tell(tab, Link::surroundings_changed);
        }
    }

    /// All that is on its way arrives.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            let busy = |tab: &Tab| {
                !tab.server.is_empty() || !tab.channel.is_empty() || !tab.lock.is_empty()
            };
            let Some(tab) = self.tabs.iter().position(busy) else { return };
            self.hear_lock(tab);
            self.hear_channel(tab);
            self.hear_server(tab);
        }
        panic!("the tabs do not stop talking");
    }

    /// A calm time: everything arrives, and the server beats.
    fn calm(&mut self, seconds: u32) {
        for second in 0..seconds {
            self.now += 1_000.0;
            if second % 15 == 0 {
                let connected = self.tabs.iter_mut().filter(|tab| tab.connected);
                connected.for_each(|tab| tab.server.push_back(FromServer::Heartbeat));
            }
            (0..TABS).for_each(|tab| self.wake(tab));
            self.settle();
        }
    }
}

/// As `memory.ts` answers.
fn missed(of: &Tab, last: Option<u64>, since: f64) -> Option<Vec<Frame>> {
    let frames = of.memory.iter();
    match last {
        None if since < of.reach => None,
        None => Some(frames.filter(|(_, at)| *at >= since).map(|(frame, _)| *frame).collect()),
        Some(last) => {
            let place = of.memory.iter().rposition(|(Frame(id, _), _)| *id == last)?;
            Some(frames.skip(place + 1).map(|(frame, _)| *frame).collect())
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Change,
    HearServer(usize),
    HearChannel(usize),
    HearLock(usize),
    /// A message to a tab is lost.
    Lose(usize),
    /// All that is on its way arrives.
    Settle,
    Crash(usize),
    Freeze(usize, bool),
    Suspend(usize, bool),
    Look(usize, bool),
    Server(bool),
    Forget,
    LookBack(bool),
    Pass(u32),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let tab = || 0..TABS;
    let event = prop_oneof![
        4 => Just(Event::Change),
        6 => tab().prop_map(Event::HearServer),
        6 => tab().prop_map(Event::HearChannel),
        6 => tab().prop_map(Event::HearLock),
        2 => tab().prop_map(Event::Lose),
        1 => Just(Event::Settle),
        1 => tab().prop_map(Event::Crash),
        1 => (tab(), any::<bool>()).prop_map(|(tab, on)| Event::Freeze(tab, on)),
        1 => (tab(), any::<bool>()).prop_map(|(tab, on)| Event::Suspend(tab, on)),
        1 => (tab(), any::<bool>()).prop_map(|(tab, on)| Event::Look(tab, on)),
        1 => any::<bool>().prop_map(Event::Server),
        1 => Just(Event::Forget),
        1 => any::<bool>().prop_map(Event::LookBack),
        3 => (0u32..40_000).prop_map(Event::Pass),
    ];
    prop::collection::vec(event, 0..200)
}

fn happen(world: &mut World, event: Event) {
    let can = |world: &World, tab: usize| !world.tabs[tab].frozen;
    match event {
        Event::Change => world.change(),
        Event::HearServer(tab) if can(world, tab) => world.hear_server(tab),
        Event::HearChannel(tab) if can(world, tab) => world.hear_channel(tab),
        Event::HearLock(tab) if can(world, tab) => world.hear_lock(tab),
        Event::HearServer(_) | Event::HearChannel(_) | Event::HearLock(_) => {}
        Event::Lose(tab) => drop(world.tabs[tab].channel.pop_front()),
        Event::Settle if (0..TABS).all(|tab| can(world, tab)) => world.settle(),
        Event::Settle => {}
        Event::Crash(tab) => world.crash(tab),
        Event::Freeze(tab, on) => world.tabs[tab].frozen = on,
        Event::Suspend(tab, true) if can(world, tab) => world.tell(tab, |link, _| link.suspend()),
        Event::Suspend(tab, false) if can(world, tab) => world.tell(tab, Link::resume),
        Event::Suspend(..) => {}
        Event::Look(tab, focused) => world.look(tab, focused),
        Event::Server(true) => world.is_up = true,
        Event::Server(false) => world.server_goes(),
        Event::Forget => world.forgotten = world.place(),
        Event::LookBack(on) => world.looks_back = on,
        Event::Pass(millis) => {
            world.now += f64::from(millis);
            for tab in 0..TABS {
                if can(world, tab) {
                    world.wake(tab);
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn nothing_is_lost(events in events(), begins_calm: bool) {
        let mut world = World::new();
        if begins_calm {
            world.settle();
        }
        for event in events {
            happen(&mut world, event);
            for tab in &world.tabs {
                let unknown = (1..=tab.last.unwrap_or(0)).find(|id| !tab.knows.contains(id));
                prop_assert_eq!(unknown, None, "after {:?}, tab {}, at {:?}", event, tab.id, tab.last);
            }
        }
        world.is_up = true;
        for tab in 0..TABS {
            world.tabs[tab].frozen = false;
            world.tell(tab, Link::resume);
            world.look(tab, true);
        }
        world.calm(120);
        world.change();
        world.calm(1);
        let place = world.place();
        for tab in &world.tabs {
            prop_assert_eq!(tab.link.status(), LinkStatus::Open);
            prop_assert_eq!(tab.last, Some(place));
            prop_assert!((1..=place).all(|id| tab.knows.contains(&id)), "tab {} has missed some", tab.id);
        }
        prop_assert_eq!(world.tabs.iter().filter(|tab| tab.connected).count(), 1);
    }
}
