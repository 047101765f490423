//! How long a process has had a processor: what a figure costs, however busy the machine is otherwise.

use std::time::Duration;

/// Ticks a second, as Linux tells all programs since long ago.
const TICKS: f64 = 100.0;

/// Of all threads of a process, in itself and in the system for it; zero where there is no `/proc`.
pub(crate) fn cpu_time(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // After the name, which may hold spaces: the state is the third field, `utime` and `stime` are 14 and 15.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    Duration::from_secs_f64(ticks / TICKS)
}
