//! A rollout in which a later version tells the log what this one cannot read.

use tracing::level_filters::LevelFilter;

use super::capture::Spans;
use crate::redis_server::RedisServer;
use crate::stream_later::append_later;
use crate::stream_node::Node;

#[tokio::test]
async fn it_is_said_once_and_not_with_each_notice() {
    let server = RedisServer::start();
    let node = Node::redis(&server).await;
    let mut sse = node.stream().await;
    let (spans, _guard) = Spans::capture(LevelFilter::WARN);
    for _ in 0..3 {
        append_later(&server).await;
        sse.expect("reset").await;
    }
    let said = spans.said();
    let told = said.iter().filter(|text| text.contains("E_NOTICE_VERSION")).count();
    assert_eq!(told, 1, "{said:?}");
}
