//! What is wrong with a request is said by code and field.

use serde_json::json;

use crate::server::Server;
use crate::small_history::fresh_path;

#[test]
fn each_bad_request_gets_a_problem_that_names_its_field() {
    let server = Server::still(&fresh_path("problems"));
    let cases = [
        ("/api/v1/executive/kpis?workspace_id=ws-nobody", 404, "E_NOT_FOUND", "workspace_id"),
        ("/api/v1/workspaces/ws-nobody/overview", 404, "E_NOT_FOUND", "workspace_id"),
        ("/api/v1/agents/ag-9999/analytics?timeframe=7d", 404, "E_NOT_FOUND", "agent_id"),
        ("/api/v1/users/u-99999/metrics?timeframe=7d", 404, "E_NOT_FOUND", "user_id"),
        (
            "/api/v1/executive/dashboard?workspace_id=ws-tern&timeframe=2h",
            400,
            "E_BAD_PARAMETER",
            "timeframe",
        ),
        ("/api/v1/executive/dashboard?workspace_id=ws-tern", 400, "E_FIELD_MISSING", "timeframe"),
        ("/api/v1/executive/dashboard?timeframe=7d", 400, "E_FIELD_MISSING", "workspace_id"),
        ("/api/v1/executive/kpis?workspace_id=", 400, "E_FIELD_MISSING", "workspace_id"),
        (
            "/api/v1/agents/top?workspace_id=ws-tern&timeframe=7d&limit=0",
            400,
            "E_BAD_PARAMETER",
            "limit",
        ),
        (
            "/api/v1/agents/top?workspace_id=ws-tern&timeframe=7d&limit=many",
            400,
            "E_BAD_PARAMETER",
            "limit",
        ),
        (
            "/api/v1/users/analytics?workspace_id=ws-tern&timeframe=7d&segment=vip",
            400,
            "E_BAD_PARAMETER",
            "segment",
        ),
        (
            "/api/v1/users/retention?workspace_id=ws-tern&cohort_date=tomorrow",
            400,
            "E_BAD_PARAMETER",
            "cohort_date",
        ),
        ("/api/v1/users/u-00001/activity?date=2026-02-30", 400, "E_BAD_PARAMETER", "date"),
        (
            "/api/v1/metrics/runs?workspace_id=ws-tern&period=yearly",
            400,
            "E_BAD_PARAMETER",
            "period",
        ),
        (
            "/api/v1/metrics/realtime?workspace_id=ws-tern&metric=joy",
            400,
            "E_BAD_PARAMETER",
            "metric",
        ),
        (
            "/api/v1/metrics/active-users?workspace_id=ws-tern&window=90d",
            400,
            "E_BAD_PARAMETER",
            "window",
        ),
        (
            "/api/v1/executive/kpis?workspace_id=ws-tern&skip_cache=maybe",
            400,
            "E_FIELD_TYPE",
            "skip_cache",
        ),
        ("/api/v1/executive/nonsense", 404, "E_NO_ROUTE", ""),
    ];
    for (path, status, code, field) in cases {
        let problem = server.get(path).problem();
        assert_eq!(problem, (status, code.to_owned(), field.to_owned()), "{path}");
    }
    let stats = server.get("/api/v1/cache/stats").json();
    assert_eq!(stats["sets"], 0, "no problem is cached");
}

#[test]
fn a_wish_that_cannot_be_simulated_changes_nothing() {
    let server = Server::still(&fresh_path("wishes"));
    let rows = "SELECT COUNT(*) AS n FROM runs";
    let before = server.sql(rows);
    let cases = [
        (json!({ "workspace_id": "ws-nobody", "kind": "run" }), 404, "E_NOT_FOUND", "workspace_id"),
        (json!({ "workspace_id": "ws-tern", "kind": "party" }), 400, "E_BAD_PARAMETER", "kind"),
        (
            json!({ "workspace_id": "ws-tern", "kind": "run", "count": 0 }),
            400,
            "E_BAD_PARAMETER",
            "count",
        ),
        (
            json!({ "workspace_id": "ws-tern", "kind": "run", "count": 5000 }),
            400,
            "E_BAD_PARAMETER",
            "count",
        ),
        (json!({ "kind": "run" }), 400, "E_BODY_INVALID", ""),
    ];
    for (body, status, code, field) in cases {
        let problem = server.post("/api/v1/demo/simulate", body.clone()).problem();
        assert_eq!(problem, (status, code.to_owned(), field.to_owned()), "{body}");
    }
    assert_eq!(server.sql(rows), before);
}
