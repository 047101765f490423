//! What befalls a story: done to the real parts.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use redis::cmd;
use tokio::task::block_in_place;
use tokio::time::sleep;

use super::node::Node;
use super::stage::{Folder, Stage};
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
    pub(super) async fn run(mut self) {
        let stage = self.stage;
        for (pause, fault) in &stage.story.faults {
            sleep(*pause).await;
            stage.strike();
            self.strike(fault).await;
            stage.striking.store(false, SeqCst);
        }
        stage.curtain.store(stage.story.ends_with_faults, SeqCst);
    }

    async fn strike(&mut self, fault: &Fault) {
        match fault {
            Fault::Cut(node, lines, time) => {
                self.nodes[*node].each(*lines, FaultProxy::outage);
                self.clear_up(*node, *time).await;
            }
            Fault::Hold(node, lines, time) => {
                self.nodes[*node].each(*lines, FaultProxy::hold);
                self.clear_up(*node, *time).await;
            }
            Fault::HoldAnswers(node, lines, time) => {
                self.nodes[*node].each(*lines, FaultProxy::hold_answers);
                self.clear_up(*node, *time).await;
            }
            Fault::LoseAnswers(node, lines, time) => {
                self.nodes[*node].each(*lines, FaultProxy::hold_answers);
                sleep(*time).await;
                self.nodes[*node].each(*lines, FaultProxy::outage);
                self.clear_up(*node, Duration::from_millis(5)).await;
            }
            Fault::Pause(node, time) => self.nodes[*node].stand_still(*time).await,
            Fault::KillClients => {
                self.tell(cmd("CLIENT").arg(&["KILL", "TYPE", "normal", "SKIPME", "yes"])).await;
            }
            Fault::KillTracking => self.kill_tracking().await,
            Fault::FlushAll => self.tell(&cmd("FLUSHALL")).await,
            Fault::Freeze(time) => {
                self.server.freeze();
                sleep(*time).await;
                self.server.thaw();
            }
            Fault::Restart { keeps } => block_in_place(|| {
                self.server.kill();
                if !keeps {
                    self.folder.empty();
                }
                self.server.restart();
            }),
        }
    }

    async fn clear_up(&self, node: usize, after: Duration) {
        sleep(after).await;
        self.nodes[node].each(Lines::Both, FaultProxy::clear_up);
    }

    async fn tell(&self, command: &redis::Cmd) {
        let mut client = self.stage.direct().await.expect("Redis is up between its misfortunes");
        let _: redis::Value = command.query_async(&mut client).await.expect("it answers");
    }

    async fn kill_tracking(&self) {
        let mut client = self.stage.direct().await.expect("Redis is up between its misfortunes");
        let list: String =
            cmd("CLIENT").arg("LIST").query_async(&mut client).await.expect("it answers");
        let tracked = list.lines().find(|line| line.contains(" flags=tB"));
        let id = tracked.and_then(|line| line.strip_prefix("id=")?.split(' ').next());
        if let Some(id) = id {
            let kill = cmd("CLIENT").arg(&["KILL", "ID", id]).take();
            // It may have gone meanwhile.
            let _ = kill.query_async::<redis::Value>(&mut client).await;
        }
    }
}
