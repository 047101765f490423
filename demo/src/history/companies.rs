//! The twenty workspaces of the platform: who they are and how much they work.

/// What a workspace pays for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// No subscription.
    Free,
    /// 20 a seat.
    Team,
    /// 45 a seat.
    Business,
    /// 6,000 flat and 30 a seat.
    Enterprise,
}

impl Plan {
    /// The plan's name as the database and the API write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Team => "team",
            Self::Business => "business",
            Self::Enterprise => "enterprise",
        }
    }

    /// What so many seats cost a month, in cents.
    pub fn monthly_cents(self, seats: i64) -> i64 {
        match self {
            Self::Free => 0,
            Self::Team => 2_000 * seats,
            Self::Business => 4_500 * seats,
            Self::Enterprise => 600_000 + 3_000 * seats,
        }
    }

    /// Credits granted on the first of each month.
    pub fn monthly_grant(self) -> i64 {
        match self {
            Self::Free => 1_000,
            Self::Team => 10_000,
            Self::Business => 50_000,
            Self::Enterprise => 200_000,
        }
    }

    /// What a top-up buys: credits and their price in cents.
    pub fn pack(self) -> (i64, i64) {
        match self {
            Self::Free => (1_000, 2_000),
            Self::Team => (10_000, 16_000),
            Self::Business => (50_000, 70_000),
            Self::Enterprise => (250_000, 300_000),
        }
    }
}

/// One customer of the platform.
#[derive(Debug)]
pub struct Company {
    /// The workspace's public identifier.
    pub id: &'static str,
    /// Its display name.
    pub name: &'static str,
    /// The plan it is on today.
    pub plan: Plan,
    /// The plan it was on before, and how many days before the end it changed.
    pub upgraded: Option<(Plan, i64)>,
    /// Paid seats.
    pub seats: i64,
    /// Its share of all runs, relative to the others.
    pub share: f64,
    /// Its agents.
    pub agents: usize,
    /// Its users by the end of the history.
    pub users: usize,
    /// Hours its working day runs ahead of UTC.
    pub utc_offset: i64,
    /// Growth of its runs in a week (0.05 is 5 %); some shrink.
    pub weekly_growth: f64,
    /// Its weekend's traffic relative to everyone else's weekend.
    pub weekend: f64,
}

macro_rules! companies {
    ($($id:literal $name:literal $plan:ident $upgraded:expr, $seats:literal, $share:literal, $agents:literal, $users:literal, $offset:literal, $growth:literal, $weekend:literal;)*) => {
        &[$(Company {
            id: $id, name: $name, plan: Plan::$plan, upgraded: $upgraded, seats: $seats, share: $share, agents: $agents,
            users: $users, utc_offset: $offset, weekly_growth: $growth, weekend: $weekend,
        }),*]
    };
}

/// Every workspace, largest first. The sizes fall off as customers' sizes do:
/// the first has as many runs as the last fifteen together.
#[rustfmt::skip]
pub const COMPANIES: &[Company] = companies! {
    // id            name                   plan        upgraded                     seats share  agents users  utc growth weekend
    "ws-meridian"    "Meridian Logistics"   Enterprise  None,                         900, 0.280,  64, 2400,   1, 0.045, 1.0;
    "ws-halcyon"     "Halcyon Health"       Enterprise  None,                         640, 0.170,  52, 1600,  -5, 0.040, 1.6;
    "ws-brightfold"  "Brightfold Retail"    Enterprise  Some((Plan::Business, 41)),   410, 0.120,  44, 1100,  -8, 0.070, 2.4;
    "ws-kestrel"     "Kestrel Insurance"    Business    None,                         260, 0.090,  38,  760,   0, 0.020, 0.6;
    "ws-northlight"  "Northlight Energy"    Business    None,                         190, 0.070,  30,  520,   2, 0.035, 1.0;
    "ws-cobalt"      "Cobalt Software"      Business    None,                         150, 0.055,  34,  440,  -7, 0.060, 0.9;
    "ws-fjord"       "Fjord Seafood"        Business    Some((Plan::Team, 19)),       110, 0.045,  22,  300,   1, 0.090, 1.2;
    "ws-lantern"     "Lantern Media"        Business    None,                          95, 0.035,  24,  280,   9, 0.025, 1.5;
    "ws-quarry"      "Quarry Legal"         Team        None,                          60, 0.028,  16,  180,  -5, 0.015, 0.4;
    "ws-saffron"     "Saffron Travel"       Team        None,                          48, 0.022,  14,  150,   5, 0.055, 2.8;
    "ws-tidewater"   "Tidewater Marine"     Team        None,                          40, 0.018,  12,  120,  -4, 0.010, 1.0;
    "ws-juniper"     "Juniper Schools"      Team        None,                          36, 0.015,  12,  110,   0, 0.030, 0.2;
    "ws-ironbark"    "Ironbark Mining"      Team        None,                          30, 0.013,  10,   90,  10, -0.02, 1.3;
    "ws-paperkite"   "Paperkite Design"     Team        Some((Plan::Free, 66)),        18, 0.010,   9,   60,  -6, 0.110, 0.8;
    "ws-orchard"     "Orchard Foods"        Team        None,                          16, 0.008,   8,   48,   1, 0.020, 1.1;
    "ws-vela"        "Vela Robotics"        Team        None,                          12, 0.007,  10,   36,   8, 0.080, 1.4;
    "ws-moss"        "Moss and Finch"       Free        None,                           5, 0.005,   6,   20,   0, 0.000, 0.9;
    "ws-pixelbarn"   "Pixelbarn"            Free        None,                           4, 0.004,   5,   14,  -8, 0.050, 2.0;
    "ws-tern"        "Tern Collective"      Free        None,                           3, 0.003,   4,    9,   2, -0.05, 1.0;
    "ws-hobbyhorse"  "Hobbyhorse Lab"       Free        None,                           2, 0.002,   3,    5,  -5, 0.010, 3.0;
};
