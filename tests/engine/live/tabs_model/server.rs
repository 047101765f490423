//! The server: a log of changes, and those who listen.

use super::world::{Frame, FromServer, Kind, World};

impl World {
    pub(super) fn connect(&mut self, tab: usize) {
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

    pub(super) fn change(&mut self) {
        self.log.push(self.now);
        let frame = FromServer::Frame(Frame(self.place(), Kind::Change));
        self.tabs
            .iter_mut()
            .filter(|tab| tab.connected)
            .for_each(|tab| tab.server.push_back(frame));
    }

    pub(super) fn server_goes(&mut self) {
        self.is_up = false;
        for tab in self.tabs.iter_mut().filter(|tab| tab.connected) {
            tab.connected = false;
            tab.server.push_back(FromServer::Broken);
        }
    }
}
