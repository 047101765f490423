//! What is cached: executive dashboards of about a kilobyte, ten to a workspace.

use samekey::schema::TypedKey;
use samekey::shadower::{self, ExecutiveDashboard};
use serde_json::json;

/// Keys of one workspace.
pub(crate) const PER_WORKSPACE: usize = 10;

/// Whom and what row `index` is about.
pub(crate) fn identifiers(index: usize) -> (String, String) {
    (format!("ws{}", index / PER_WORKSPACE), format!("{}d", index % PER_WORKSPACE))
}

/// The key of these.
pub(crate) fn key_of((workspace, timeframe): &(String, String)) -> TypedKey<ExecutiveDashboard> {
    shadower::executive(workspace, timeframe).expect("both are identifiers")
}

/// The key of row `index`.
pub(crate) fn key(index: usize) -> TypedKey<ExecutiveDashboard> {
    key_of(&identifiers(index))
}

/// A dashboard of a week: about a kilobyte of JSON.
pub(crate) fn dashboard() -> ExecutiveDashboard {
    let day = |day: u32| json!({ "at": format!("2026-11-{day:02}T00:00:00Z"), "runs": 4_211 + day, "failed": 17, "credits": 1_204.5, "active_users": 87 });
    let agent = |index: u32| json!({ "agent_id": format!("agent{index}"), "name": "Support", "runs": 911, "success_rate": 0.985, "credits": 231.25, "avg_duration_ms": 1_820.0 });
    let period =
        json!({ "runs": 29_000, "success_rate": 0.981, "credits": 8_431.5, "active_users": 180 });
    let built = json!({
        "workspace_id": "ws1", "timeframe": "7d", "current": period, "previous": period,
        "kpis": {
            "workspace_id": "ws1", "mrr": 12_400.0, "credits_used": 8_431.5, "credits_remaining": 1_568.5, "dau": 87, "wau": 180, "mau": 311,
            "total_runs": 29_000, "success_rate": 0.981, "avg_duration_ms": 1_903.5, "active_agents": 14, "computed_at": "2026-11-22T12:00:00Z",
        },
        "trend": (16..20).map(day).collect::<Vec<_>>(), "top_agents": (0..2).map(agent).collect::<Vec<_>>(), "computed_at": "2026-11-22T12:00:00Z",
    });
    serde_json::from_value(built).expect("it has the type's fields")
}

/// The same as it stands in Redis.
pub(crate) fn dashboard_json() -> String {
    serde_json::to_string(&dashboard()).expect("it is JSON")
}
