//! A batch of a hundred in Redis, beside the bare client.

use std::hint::black_box;
use std::time::Instant;

use redis::AsyncCommands;
use samekey::shadower::ExecutiveDashboard;

use crate::redis_child::{RedisChild, across_cores};
use crate::report::{Report, median};
use crate::sides;
use crate::subject::key;

const BATCH: usize = 100;
const ROUNDS: usize = 501;
const BAR: f64 = 1.3;

pub(crate) fn measure(report: &mut Report) {
    let redis = RedisChild::start();
    across_cores(async {
        let (service, mut raw) = sides::over(&redis, BATCH).await;
        let keys: Vec<_> = (0..BATCH).map(key).collect();
        let names: Vec<_> = keys.iter().map(|key| key.as_str()).collect();
        let (mut ours, mut raws) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let found = service.get_many(&keys).await.expect("Redis answers");
            assert!(black_box(&found).iter().all(Option::is_some));
            drop(found);
            ours.push(started.elapsed());
            let started = Instant::now();
            let texts: Vec<Vec<u8>> = raw.mget(&names).await.expect("they are there");
            let decoded: Vec<ExecutiveDashboard> = texts
                .iter()
                .map(|text| serde_json::from_slice(text).expect("a dashboard"))
                .collect();
            drop(black_box(decoded));
            raws.push(started.elapsed());
        }
        report.against(
            "batch of 100 in Redis, decoded",
            median(ours),
            ("MGET + decode", median(raws)),
            Some(BAR),
        );
    });
}
