//! What befalls a story: done to the real parts.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use redis::cmd;
use tokio::task::block_in_place;
use tokio::time::sleep;

use super::folder::Folder;
use super::node::Node;
use super::stage::Stage;
use super::story::{Fault, Lines};
use crate::fault_proxy::FaultProxy;
use crate::redis_server::RedisServer;

pub(super) struct Misfortune<'a> {
    pub(super) stage: &'a Arc<Stage>,
    pub(super) nodes: &'a [Node],
    pub(super) server: &'a mut RedisServer,
    pub(super) folder: &'a Folder,
}

impl Misfortune<'_> {
    /// What befalls lines and nodes, and beside it what befalls Redis.
    pub(super) async fn run(self) {
        let Self { stage, nodes, server, folder } = self;
        let faults = stage.story.faults.iter();
        let (of_nodes, of_redis): (Vec<_>, Vec<_>) =
            faults.partition(|(_, fault)| fault.node().is_some());
        let of_nodes = async {
            for (pause, fault) in of_nodes {
                sleep(*pause).await;
                let _striking = stage.strike();
                strike_node(nodes, fault).await;
            }
        };
        let of_redis = async {
            for (pause, fault) in of_redis {
                sleep(*pause).await;
                let _striking = stage.strike();
                strike_redis(stage, server, folder, fault).await;
            }
        };
        tokio::join!(of_nodes, of_redis);
        stage.curtain.store(stage.story.ends_with_faults, SeqCst);
    }
}

async fn strike_node(nodes: &[Node], fault: &Fault) {
    match fault {
        Fault::Cut(node, lines, time) => {
            nodes[*node].each(*lines, FaultProxy::outage);
            clear_up(&nodes[*node], *time).await;
        }
        Fault::Hold(node, lines, time) => {
            nodes[*node].each(*lines, FaultProxy::hold);
            clear_up(&nodes[*node], *time).await;
        }
        Fault::HoldAnswers(node, lines, time) => {
            nodes[*node].each(*lines, FaultProxy::hold_answers);
            clear_up(&nodes[*node], *time).await;
        }
        Fault::LoseAnswers(node, lines, time) => {
            nodes[*node].each(*lines, FaultProxy::hold_answers);
            sleep(*time).await;
            nodes[*node].each(*lines, FaultProxy::outage);
            clear_up(&nodes[*node], Duration::from_millis(5)).await;
        }
        Fault::Pause(node, time) => nodes[*node].stand_still(*time).await,
        _ => unreachable!("it is Redis's"),
    }
}

async fn strike_redis(stage: &Stage, server: &mut RedisServer, folder: &Folder, fault: &Fault) {
    match fault {
        Fault::KillClients => {
            tell(stage, cmd("CLIENT").arg(&["KILL", "TYPE", "normal", "SKIPME", "yes"])).await;
        }
        Fault::KillTracking => kill_tracking(stage).await,
        Fault::FlushAll => tell(stage, &cmd("FLUSHALL")).await,
        Fault::Freeze(time) => {
            server.freeze();
            sleep(*time).await;
            server.thaw();
        }
        Fault::Restart { keeps } => block_in_place(|| {
            server.kill();
            if !keeps {
                folder.empty();
            }
            server.restart();
        }),
        _ => unreachable!("it is a node's"),
    }
}

async fn clear_up(node: &Node, after: Duration) {
    sleep(after).await;
    node.each(Lines::Both, FaultProxy::clear_up);
}

async fn tell(stage: &Stage, command: &redis::Cmd) {
    let mut client = stage.direct().await.expect("Redis is up between its misfortunes");
    let _: redis::Value = command.query_async(&mut client).await.expect("it answers");
}

async fn kill_tracking(stage: &Stage) {
    let mut client = stage.direct().await.expect("Redis is up between its misfortunes");
    let list = cmd("CLIENT").arg("LIST").query_async::<String>(&mut client).await;
    let list = list.expect("it answers");
    let tracked = list.lines().find(|line| line.contains(" flags=tB"));
    let id = tracked.and_then(|line| line.strip_prefix("id=")?.split(' ').next());
    if let Some(id) = id {
        let kill = cmd("CLIENT").arg(&["KILL", "ID", id]).take();
        // It may have gone meanwhile.
        let _ = kill.query_async::<redis::Value>(&mut client).await;
    }
}
