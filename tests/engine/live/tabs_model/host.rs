//! What a tab does, as `pkg-template/src/live` does it.

use samekey::engine::Moment;
use samekey::engine::live::{Link, LinkFault, LinkStatus, Since, Steps};

use super::world::{BEAT, Frame, FromServer, Kind, Message, Tab, World};

impl World {
    pub(super) fn tell(&mut self, tab: usize, act: impl FnOnce(&mut Link, Moment) -> Steps) {
        let _ = self.steps_of(tab, act);
    }

    /// Tells a tab's link, and takes the steps that follow.
    pub(super) fn steps_of(
        &mut self,
        tab: usize,
        act: impl FnOnce(&mut Link, Moment) -> Steps,
    ) -> Steps {
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

    pub(super) fn take(&mut self, tab: usize, frame: Frame) {
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

    pub(super) fn hear_server(&mut self, tab: usize) {
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
        if self.tabs[tab].link.status() == LinkStatus::Open {
            self.post(tab, Message::Lives(self.tabs[tab].told));
        }
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

    pub(super) fn hear_channel(&mut self, tab: usize) {
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

    pub(super) fn hear_lock(&mut self, tab: usize) {
        let Some(is_ours) = self.tabs[tab].lock.pop_front() else { return };
        self.tell(tab, if is_ours { Link::elected } else { Link::deposed });
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
