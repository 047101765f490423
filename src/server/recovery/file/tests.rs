use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::*;
use crate::schema::Pattern;

/// A folder of the test's own, gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(of: &str) -> Self {
        let name = format!("samekey-recovery-{of}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("owed")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// What is owed, as a queue has it, and the number of the last note.
#[derive(Clone, Default)]
struct Owes(Arc<Mutex<(Vec<Owed>, u64)>>);

impl Owes {
    /// Notes it while the queue is locked.
    fn owe(&self, file: &RecoveryFile, owed: impl IntoIterator<Item = Owed>) -> u64 {
        let (owed, mut queue) = (owed.into_iter().collect::<Vec<_>>(), self.0.lock().unwrap());
        queue.0.extend(owed.clone());
        queue.1 = file.note(owed);
        queue.1
    }

    fn owe_nothing(&self, file: &RecoveryFile) {
        self.0.lock().unwrap().0.clear();
        file.look();
    }
}

impl Owing for Owes {
    fn count(&self) -> usize {
        self.0.lock().unwrap().0.len()
    }

    fn all(&self) -> Option<(Vec<Owed>, u64)> {
        Some(self.0.lock().unwrap().clone())
    }
}

fn head() -> Head {
    Head::new("shadower", "prod:")
}

fn key(key: &str) -> Owed {
    Owed::new(OwedOf::Key(key.to_owned()), Duration::from_secs(5))
}

fn pattern(text: &str) -> Owed {
    Owed::new(OwedOf::Pattern(Pattern::parse(text).unwrap()), Duration::ZERO)
}

fn text(owed: &[Owed]) -> String {
    let lines = owed.iter().map(Owed::to_line);
    std::iter::once(head().to_line()).chain(lines).collect()
}

fn read(bytes: &[u8]) -> Result<Found, found::Unread> {
    Found::read(bytes, &head())
}

fn opened(folder: &Folder) -> (Opened, Found) {
    // The thread of the one before it ends when it has written.
    let started = Instant::now();
    loop {
        match Opened::open(&folder.file(), head()) {
            Err(RecoveryFileError::Locked { .. })
                if started.elapsed() < Duration::from_secs(10) =>
            {
                thread::sleep(Duration::from_millis(5));
            }
            opened => return opened.unwrap(),
        }
    }
}

/// In use, and on the disk.
fn begun(folder: &Folder, owes: &Owes) -> RecoveryFile {
    let file = opened(folder).0.begin(owes.clone()).unwrap();
    eventually(|| folder.file().exists());
    file
}

#[test]
fn what_is_written_is_read_with_its_age() {
    let owed = [key("exec:kpis:ws \"1\"\n"), pattern("agent:*:a7:*"), key("exec:kpis:ws2")];
    let found = read(text(&owed).as_bytes()).unwrap();
    assert_eq!(found, Found { owed: owed.to_vec(), spoilt: 0, torn: false });
    assert!((5..60).contains(&found.owed[0].age().as_secs()));
    assert_eq!(read(b"").unwrap(), Found::default(), "as `touch` leaves it");
}

#[test]
fn wherever_a_write_is_cut_off_the_lines_before_are_read() {
    let owed = [key("exec:kpis:ws1"), pattern("agent:*:a7:*")];
    let text = text(&owed);
    let head = head().to_line().len();
    for cut in head..text.len() {
        let found = read(&text.as_bytes()[..cut]).unwrap();
        let whole = text[head..cut].matches('\n').count();
        assert_eq!(found.owed, owed[..whole], "cut at {cut}");
        assert_eq!(found.torn, !text[..cut].ends_with('\n'), "cut at {cut}");
        assert_eq!(found.spoilt, 0);
    }
}

#[test]
fn no_changed_byte_takes_a_line_away_unseen() {
    let owed = [key("exec:kpis:ws1"), pattern("agent:*:a7:*")];
    let bytes = text(&owed).into_bytes();
    // Of the very last byte it cannot be told whether it was ever written.
    for at in 0..bytes.len() - 1 {
        for change in [0x01, 0x20, 0x80] {
            let mut bytes = bytes.clone();
            bytes[at] ^= change;
            match read(&bytes) {
                Ok(found) => assert!(found.spoilt > 0 || found.owed == owed, "{at} {found:?}"),
                Err(found::Unread::Foreign(_)) => assert!(at < head().to_line().len()),
                Err(error) => panic!("{at}: {error:?}"),
            }
        }
    }
}

#[test]
fn a_line_without_end_takes_no_more_memory_than_a_line() {
    let mut bytes = text(&[key("exec:kpis:ws1")]).into_bytes();
    bytes.extend(std::iter::repeat_n(b'x', 5 << 20));
    bytes.push(b'\n');
    let found = read(&bytes).unwrap();
    assert_eq!((found.owed.len(), found.spoilt), (1, 1));
}

#[test]
fn a_file_of_others_is_refused_and_left_as_it_is() {
    let folder = Folder::new("foreign");
    let other_version = r#"{"samekey_recovery":2,"schema":"shadower","namespace":"prod:"}"#;
    let checksum = xxhash_rust::xxh3::xxh3_64(other_version.as_bytes());
    for (content, why) in [
        (Head::new("other", "prod:").to_line(), "schema `other`"),
        (Head::new("shadower", "test:").to_line(), "namespace `test:`"),
        (format!("{checksum:016x} {other_version}\n"), "another version"),
        ("root:x:0:0\n".to_owned(), "not that of a recovery file"),
    ] {
        std::fs::write(folder.file(), &content).unwrap();
        let error = Opened::open(&folder.file(), head()).unwrap_err();
        assert_eq!(error.code(), "E_RECOVERY_FOREIGN");
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(std::fs::read_to_string(folder.file()).unwrap(), content);
    }
}

#[test]
fn one_at_a_time_has_it_and_what_cannot_be_read_is_said() {
    let folder = Folder::new("locked");
    let first = opened(&folder);
    let error = Opened::open(&folder.file(), head()).unwrap_err();
    assert_eq!(error.code(), "E_RECOVERY_LOCKED");
    assert!(error.to_string().contains("owed"), "{error}");
    drop(first);
    Opened::open(&folder.file(), head()).unwrap();
    for (nowhere, code) in [
        (folder.0.join("no/such/folder"), "E_RECOVERY_FILE"),
        (folder.0.clone(), "E_RECOVERY_FOREIGN"),
        (PathBuf::from("/dev/null"), "E_RECOVERY_FOREIGN"),
    ] {
        let error = Opened::open(&nowhere, head()).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}

#[tokio::test]
async fn what_is_noted_is_there_when_it_is_said_to_be_saved_and_goes_when_nothing_is_owed() {
    let folder = Folder::new("noted");
    let (owes, all) = (Owes::default(), [key("exec:kpis:ws1"), pattern("exec:*")]);
    let file = begun(&folder, &owes);
    file.saved(owes.owe(&file, all.clone())).await.unwrap();
    // As a process that dies now leaves it.
    assert_eq!(read(&std::fs::read(folder.file()).unwrap()).unwrap().owed, all);
    assert_eq!(file.unsaved(), 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.file()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    owes.owe_nothing(&file);
    eventually(|| std::fs::read_to_string(folder.file()).unwrap() == head().to_line());
}

#[tokio::test]
async fn a_file_that_somebody_removes_or_cuts_off_is_written_anew() {
    let folder = Folder::new("removed");
    let owes = Owes::default();
    let file = begun(&folder, &owes);
    for spoil in [|path: &Path| std::fs::remove_file(path), |path: &Path| std::fs::write(path, "")]
    {
        let owed = key(&format!("exec:kpis:ws{}", owes.count()));
        file.saved(owes.owe(&file, [owed])).await.unwrap();
        spoil(&folder.file()).unwrap();
    }
    file.saved(owes.owe(&file, [key("exec:kpis:last")])).await.unwrap();
    assert_eq!(read(&std::fs::read(folder.file()).unwrap()).unwrap().owed.len(), 3);
}

#[tokio::test]
async fn a_long_outage_does_not_fill_the_disk() {
    let folder = Folder::new("long");
    let owes = Owes::default();
    let file = begun(&folder, &owes);
    for _ in 0..50 {
        file.saved(owes.owe(&file, (0..100).map(|_| key("exec:kpis:ws1")))).await.unwrap();
        // The same again and again: the queue has it once.
        owes.0.lock().unwrap().0.truncate(1);
        let lines = std::fs::read_to_string(folder.file()).unwrap().lines().count();
        assert!(lines <= 1_250, "{lines}");
    }
}

#[tokio::test]
async fn what_cannot_be_written_is_told_to_who_waits_and_is_written_when_it_can_be() {
    let folder = Folder::new("unwritable");
    let owes = Owes::default();
    let file = begun(&folder, &owes);
    let moved = folder.0.with_extension("moved");
    std::fs::rename(&folder.0, &moved).unwrap();
    let owed = key("exec:kpis:ws1");
    let why = file.saved(owes.owe(&file, [owed.clone()])).await.unwrap_err();
    assert!(!why.is_empty());
    assert_eq!(file.unsaved(), 1);
    std::fs::rename(&moved, &folder.0).unwrap();
    eventually(|| file.unsaved() == 0);
    drop(file);
    assert_eq!(opened(&folder).1.owed, [owed]);
}

fn eventually(holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(120), "it never does");
        thread::sleep(Duration::from_millis(5));
    }
}
