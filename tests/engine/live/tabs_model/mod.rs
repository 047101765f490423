//! Several tabs, a browser and a server in one small world, where messages are late or lost, tabs crash, freeze and come
//! back, and the server goes and forgets. Whatever happens in whatever order, no tab believes that it has come further than
//! it has heard; and when all is well again, one tab has the connection and each knows of every change.

mod browser;
mod host;
mod server;
mod world;

use proptest::prelude::*;
use samekey::engine::live::{Link, LinkStatus};

use self::world::{TABS, World};

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
