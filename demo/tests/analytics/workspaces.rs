//! A workspace today, the lists, and what is not there.

use samekey_demo::analytics::AnalyticsError;
use samekey_demo::timeframe::{Timeframe, Window};

use crate::lived_in::ask_each;
use crate::plain::{credits, success_rate};
use crate::small_history::NOW;

#[test]
fn the_overview_is_today_since_midnight() {
    ask_each(|analyst, id, row, plain| {
        let (found, today) = (
            analyst.workspace_overview(id).expect("an overview"),
            plain.runs_in(row, Window::day_of(NOW)),
        );
        let workspace =
            plain.workspaces.iter().find(|workspace| workspace.0 == row).expect("a workspace");
        assert_eq!((&found.name, &found.plan), (&workspace.2, &workspace.3));
        assert_eq!(
            found.agents as usize,
            plain.agents.iter().filter(|agent| agent.2 == row).count()
        );
        assert_eq!(
            found.users as usize,
            plain.people.iter().filter(|person| person.workspace == row).count()
        );
        assert_eq!((found.runs_today, found.credits_today), (today.len() as i64, credits(&today)));
        assert_eq!(found.success_rate_today, success_rate(&today));
    });
}

#[test]
fn the_lists_name_everyone_and_the_unknown_are_not_found() {
    ask_each(|analyst, id, row, plain| {
        assert_eq!(analyst.workspaces().expect("workspaces").workspaces.len(), 20);
        assert_eq!(
            analyst.agents(id).expect("agents").agents.len(),
            plain.agents.iter().filter(|agent| agent.2 == row).count()
        );
        let people = plain.people.iter().filter(|person| person.workspace == row).count();
        assert_eq!(analyst.users(id, 10_000).expect("users").users.len(), people);
        assert_eq!(analyst.users(id, 3).expect("users").users.len(), people.min(3));
        let code = |result: Result<(), AnalyticsError>| result.expect_err("an error").code();
        assert_eq!(code(analyst.kpis("ws-nobody").map(drop)), "E_NOT_FOUND");
        assert_eq!(
            code(analyst.agent_analytics("ag-9999", Timeframe::Day).map(drop)),
            "E_NOT_FOUND"
        );
        assert_eq!(
            code(analyst.user_metrics("u-99999'; DROP TABLE users; --", Timeframe::Day).map(drop)),
            "E_NOT_FOUND"
        );
        assert_eq!(code(analyst.user_activity("u-00001", "today").map(drop)), "E_BAD_PARAMETER");
        assert_eq!(
            code(analyst.user_analytics(id, Timeframe::Day, Some("vip")).map(drop)),
            "E_BAD_PARAMETER"
        );
        assert_eq!(
            code(analyst.retention_curve(id, "2026-11-22", 366).map(drop)),
            "E_BAD_PARAMETER"
        );
    });
}
