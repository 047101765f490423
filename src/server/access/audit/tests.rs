use std::sync::{Condvar, Mutex};

use serde_json::Value;

use super::*;

/// A writer that the test can read, and hold up.
#[derive(Clone, Default)]
struct Paper {
    written: Arc<Mutex<Written>>,
    released: Arc<Condvar>,
}

#[derive(Default)]
struct Written {
    bytes: Vec<u8>,
    held: bool,
}

impl Paper {
    fn lines(&self) -> Vec<Value> {
        let text = String::from_utf8(self.written.lock().unwrap().bytes.clone()).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'), "only whole lines");
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn hold(&self, held: bool) {
        self.written.lock().unwrap().held = held;
        self.released.notify_all();
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.written.lock().unwrap();
        let mut written = self.released.wait_while(written, |written| written.held).unwrap();
        written.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn refused(code: &'static str) -> AuditRecord {
    AuditRecord::refused("POST", "/api/v1/cache/invalidate", code)
}

#[tokio::test]
async fn a_record_is_a_line_with_time_principal_and_what_it_was() {
    let paper = Paper::default();
    let audit = AuditLog::to(paper.clone()).unwrap();
    let alice = Principal::named("alice\n\"evil\"");
    audit.record(&alice, AuditRecord::read("revenue", "exec:revenue:ws1:7d", "HIT"));
    audit.record(&alice, AuditRecord::event("boom", Outcome::failed("E_EVENT_UNKNOWN")));
    audit.flush().await;
    let lines = paper.lines();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["principal"], "alice\n\"evil\"", "nobody's name makes a line");
    assert_eq!(lines[0]["action"], "read");
    assert_eq!(lines[0]["key"], "exec:revenue:ws1:7d");
    assert_eq!(lines[1]["outcome"], "failed");
    assert_eq!(lines[1]["code"], "E_EVENT_UNKNOWN");
    let at = lines[0]["at"].as_str().unwrap();
    assert!(at.ends_with('Z') && at.len() == "2026-11-22T09:30:00.123Z".len(), "{at}");
    assert!(at.parse::<jiff::Timestamp>().is_ok());
}

#[tokio::test]
async fn a_flood_of_refusals_is_a_line_and_a_count() {
    let paper = Paper::default();
    let audit = AuditLog::to(paper.clone()).unwrap();
    let mallory = Principal::named("mallory");
    for _ in 0..1_000 {
        audit.record(&mallory, refused("E_RATE_LIMITED"));
    }
    audit.record(&Principal::Unknown, refused("E_RATE_LIMITED"));
    audit.flush().await;
    let lines = paper.lines();
    let told = |of: &str| {
        let of = lines.iter().filter(|line| line["principal"] == of);
        of.map(|line| line["times"].as_u64().unwrap_or(1)).sum::<u64>()
    };
    assert_eq!((told("mallory"), told("unknown")), (1_000, 1));
    // On a machine so slow that a second passes meanwhile, there is a line more.
    assert!(lines.len() < 20, "{}", lines.len());
}

#[tokio::test]
async fn what_is_done_is_never_gathered() {
    let paper = Paper::default();
    let audit = AuditLog::to(paper.clone()).unwrap();
    for _ in 0..50 {
        let done = Outcome::done(&["exec:kpis:ws1".to_owned()], 0);
        audit.record(&Principal::Unknown, AuditRecord::invalidate("workspace", "ws1", done));
    }
    audit.flush().await;
    assert_eq!(paper.lines().len(), 50);
}

#[tokio::test]
async fn a_disk_that_hangs_holds_nobody_up_and_the_loss_is_written_down() {
    let paper = Paper::default();
    let audit = AuditLog::to(paper.clone()).unwrap();
    paper.hold(true);
    let started = std::time::Instant::now();
    let records = 3 * QUEUE as u64;
    for n in 0..records {
        let key = format!("exec:revenue:ws{n}:7d");
        audit.record(&Principal::Unknown, AuditRecord::read("revenue", &key, "HIT"));
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(60), "{:?}", started.elapsed());
    paper.hold(false);
    audit.flush().await;
    // The line about the loss comes after the lines before it, at the next turn.
    audit.flush().await;
    let lines = paper.lines();
    let lost: u64 = lines.iter().filter_map(|line| line["records"].as_u64()).sum();
    let read = lines.iter().filter(|line| line["action"] == "read").count() as u64;
    assert!(lost > 0);
    assert_eq!(read + lost, records);
}

#[tokio::test]
async fn a_text_without_end_is_cut() {
    let paper = Paper::default();
    let audit = AuditLog::to(paper.clone()).unwrap();
    let endless = "ü".repeat(60_000);
    let failed = Outcome::failed("E_PATTERN_OUTSIDE_SCHEMA");
    audit.record(&Principal::Unknown, AuditRecord::invalidate("pattern", &endless, failed));
    audit.flush().await;
    assert_eq!(paper.lines()[0]["value"].as_str().unwrap().chars().count(), 513);
}

#[cfg(unix)]
#[tokio::test]
async fn a_log_file_is_its_owners_and_is_appended_to() {
    use std::os::unix::fs::PermissionsExt;

    let path = std::env::temp_dir().join(format!("samekey-audit-own-{}.jsonl", std::process::id()));
    drop(std::fs::remove_file(&path));
    for _ in 0..2 {
        let audit = AuditLog::to_file(&path).unwrap();
        audit.record(&Principal::Unknown, refused("E_ACCESS_SCOPE"));
        audit.flush().await;
    }
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
    std::fs::remove_file(&path).unwrap();
}

/// A disk that is full for a while, in the middle of a line.
struct Full {
    paper: Paper,
    /// How many bytes there is room for.
    room: Arc<AtomicU64>,
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.room.load(Relaxed);
        match bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX)) {
            0 => Err(io::ErrorKind::StorageFull.into()),
            taken => {
                self.room.store(room - taken as u64, Relaxed);
                self.paper.write(&bytes[..taken])
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn on_a_full_disk(room: u64) -> (AuditLog, Paper, Arc<AtomicU64>) {
    let (paper, room) = (Paper::default(), Arc::new(AtomicU64::new(room)));
    let audit = AuditLog::to(Full { paper: paper.clone(), room: room.clone() }).unwrap();
    (audit, paper, room)
}

#[tokio::test]
async fn what_a_full_disk_cut_off_is_written_when_it_has_room_again() {
    let (audit, paper, room) = on_a_full_disk(20);
    let event = |name: &str| AuditRecord::event(name, Outcome::failed("E_EVENT_UNKNOWN"));
    audit.record(&Principal::Unknown, event("first"));
    audit.flush().await;
    assert_eq!(paper.written.lock().unwrap().bytes.len(), 20);
    room.store(u64::MAX, Relaxed);
    audit.record(&Principal::Unknown, event("second"));
    audit.flush().await;
    let names: Vec<_> = paper.lines().iter().map(|line| line["event"].clone()).collect();
    assert_eq!(names, ["first", "second"]);
}

#[tokio::test]
async fn what_a_disk_that_stays_full_costs_is_bounded_and_counted() {
    let (audit, paper, room) = on_a_full_disk(20);
    let long = "x".repeat(500);
    for _ in 0..40 {
        for _ in 0..1_000 {
            audit.record(&Principal::Unknown, AuditRecord::event(&long, Outcome::failed("E_X")));
        }
        audit.flush().await;
    }
    room.store(u64::MAX, Relaxed);
    audit.flush().await;
    audit.flush().await;
    let lines = paper.lines();
    let written = lines.iter().filter(|line| line["action"] == "event").count() as u64;
    let lost = lines.iter().filter_map(|line| line["records"].as_u64()).sum::<u64>();
    assert_eq!(written + lost, 40_000);
    assert!(written * 500 < 16 * 1024 * 1024, "{written}");
}
