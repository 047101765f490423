//! The browser: a lock, and a channel.

use super::world::{Message, TABS, Tab, World};

impl World {
    pub(super) fn has_entered(&self, tab: &Tab) -> bool {
        self.holder == Some(tab.id) || self.queue.contains(&tab.id)
    }

    pub(super) fn post(&mut self, from: usize, message: Message) {
        let id = self.tabs[from].id;
        for to in (0..TABS).filter(|to| *to != from) {
            if self.has_entered(&self.tabs[to]) {
                self.tabs[to].channel.push_back((id, message.clone()));
            }
        }
    }

    pub(super) fn leave(&mut self, tab: usize) {
        let id = self.tabs[tab].id;
        self.queue.retain(|queued| *queued != id);
        self.tabs[tab].channel.clear();
        self.tabs[tab].lock.clear();
        if self.holder == Some(id) {
            self.holder = None;
            self.grant();
        }
    }

    pub(super) fn seize(&mut self, tab: usize) {
        if let Some(holder) = self.holder.replace(self.tabs[tab].id)
            && let Some(deposed) = self.tabs.iter_mut().find(|tab| tab.id == holder)
        {
            deposed.lock.push_back(false);
        }
        let id = self.tabs[tab].id;
        self.queue.retain(|queued| *queued != id);
        self.tabs[tab].lock.push_back(true);
    }

    pub(super) fn grant(&mut self) {
        if self.holder.is_none()
            && let Some(next) = self.queue.pop_front()
        {
            self.holder = Some(next);
            let tab = self.tabs.iter_mut().find(|tab| tab.id == next).expect("it has not crashed");
            tab.lock.push_back(true);
        }
    }
}
