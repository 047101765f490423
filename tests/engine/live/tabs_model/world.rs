//! The tabs, and time.

use std::collections::{BTreeSet, VecDeque};

use samekey::engine::Moment;
use samekey::engine::live::Link;

pub(super) const START: f64 = 1_700_000_000_000.0;
pub(super) const BEAT: f64 = 15_000.0;
pub(super) const TABS: usize = 3;

/// A frame: how far it brings who takes it, and what it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame(pub(super) u64, pub(super) Kind);

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Change,
    Beat,
    Reset,
}

#[derive(Debug, Clone)]
pub(super) enum Message {
    Ask { last: Option<u64>, since: f64 },
    Welcome { to: u64, told: f64, missed: Option<Vec<Frame>>, last: Option<u64> },
    Trying,
    Open,
    Lives(f64),
    Passed(f64, Frame),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum FromServer {
    Hello { place: u64, looked_back: Option<f64>, resumed: bool },
    Frame(Frame),
    Heartbeat,
    Broken,
}

#[derive(Debug)]
pub(super) struct Tab {
    /// Among all that ever were.
    pub(super) id: u64,
    pub(super) link: Link,
    pub(super) focused: bool,
    /// Stands still without being told: nothing reaches it.
    pub(super) frozen: bool,
    pub(super) connected: bool,
    pub(super) last: Option<u64>,
    pub(super) seen: Option<u64>,
    pub(super) memory: Vec<(Frame, f64)>,
    pub(super) reach: f64,
    pub(super) told: f64,
    pub(super) leader: Option<u64>,
    /// The changes that it was told of, or that were there before its data.
    pub(super) knows: BTreeSet<u64>,
    pub(super) server: VecDeque<FromServer>,
    pub(super) channel: VecDeque<(u64, Message)>,
    /// Whether the lock came or went.
    pub(super) lock: VecDeque<bool>,
}

pub(super) struct World {
    pub(super) now: f64,
    pub(super) tabs: Vec<Tab>,
    pub(super) next_id: u64,
    pub(super) holder: Option<u64>,
    pub(super) queue: VecDeque<u64>,
    /// When each change happened; its number is its place, from 1 on.
    pub(super) log: Vec<f64>,
    pub(super) forgotten: u64,
    pub(super) looks_back: bool,
    pub(super) is_up: bool,
}

impl World {
    pub(super) fn new() -> Self {
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

    pub(super) fn opened(&mut self) -> Tab {
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

    pub(super) fn start(&mut self, tab: usize) {
        self.tell(tab, Link::start);
    }

    pub(super) fn at(&self, tab: usize) -> Moment {
        Moment { focused: self.tabs[tab].focused, ..Moment::at(self.now) }
    }

    pub(super) fn place(&self) -> u64 {
        self.log.len() as u64
    }

    pub(super) fn since(&self, tab: usize) -> f64 {
        self.now - self.tabs[tab].link.look_back(f64::INFINITY, self.at(tab))
    }

    /// Crashes, and is opened anew.
    pub(super) fn crash(&mut self, tab: usize) {
        self.leave(tab);
        self.tabs[tab] = self.opened();
        self.start(tab);
    }

    pub(super) fn look(&mut self, tab: usize, focused: bool) {
        self.tabs[tab].focused = focused;
        if !self.tabs[tab].frozen {
            self.tell(tab, Link::surroundings_changed);
        }
    }

    pub(super) fn wake(&mut self, tab: usize) {
        if self.tabs[tab].link.next_deadline().is_some_and(|due| due <= self.now) {
            self.tell(tab, Link::wake);
        }
    }

    /// All that is on its way arrives.
    pub(super) fn settle(&mut self) {
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
    pub(super) fn calm(&mut self, seconds: u32) {
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
