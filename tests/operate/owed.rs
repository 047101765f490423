//! A node that dies during an outage: the removals that it owes.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::command::{eventually, exists, fill, run, samekey};
use crate::redis_server::RedisServer;

/// A node of the program's own. Dropped, it is killed as by a crash: SIGKILL.
struct Node {
    child: Child,
    url: String,
}

impl Node {
    fn start(redis: &RedisServer, file: Option<&Path>) -> Self {
        let mut serve = serve(redis);
        serve.envs(file.map(|file| ("SAMEKEY_RECOVERY_FILE", file)));
        Self::of(serve)
    }

    fn of(mut serve: Command) -> Self {
        let mut child = serve.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("it is piped");
        BufReader::new(out).read_line(&mut line).expect("it says where");
        let url = line.split_whitespace().next().expect("its address").to_owned();
        Self { child, url }
    }

    /// Says that something happened to a workspace; the answer's status and code.
    fn post(&self, workspace: &str) -> (u16, String) {
        post(&self.url, workspace).unwrap()
    }

    fn figure(&self, name: &str) -> f64 {
        let metrics = ureq::get(format!("{}/metrics", self.url)).call().unwrap();
        let metrics = metrics.into_body().read_to_string().unwrap();
        let figure = metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        figure.unwrap_or_else(|| panic!("{name} in {metrics}"))
    }
}

/// A node of the program's own, which soon gives up a Redis that does not answer.
fn serve(redis: &RedisServer) -> Command {
    let mut serve = samekey();
    serve.args(["serve", "--port", "0", "--redis", &redis.url()]);
    serve.env_remove("REDIS_CONNECT_TIMEOUT_MS").env_remove("REDIS_RESPONSE_TIMEOUT_MS");
    serve
}

fn post(url: &str, workspace: &str) -> Result<(u16, String), ureq::Error> {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build();
    let mut answer = ureq::Agent::new_with_config(agent)
        .post(format!("{url}/api/v1/events"))
        .send_json(json!({ "event": "workspace_updated", "workspace_id": workspace }))?;
    let body: Value = answer.body_mut().read_json()?;
    Ok((answer.status().as_u16(), body["code"].as_str().unwrap_or_default().to_owned()))
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where a node writes down what it owes; gone when dropped.
struct Disk(PathBuf);

impl Disk {
    fn new(of: &str) -> Self {
        let folder = format!("owed-{of}-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("recovery")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Redis is away with its memory, an event comes, the node is killed, Redis is back, and another node is started in the
/// place of the first.
fn crash(file: Option<&Path>) -> (RedisServer, Node) {
    let redis = RedisServer::start();
    fill(&redis.url(), &["exec:kpis:ws1", "exec:kpis:ws2"], false);
    let node = Node::start(&redis, file);
    redis.freeze();
    assert_eq!(node.post("ws1"), (503, "E_STORE_QUEUED".to_owned()));
    drop(node);
    redis.thaw();
    assert!(exists(&redis.url(), "exec:kpis:ws1"), "nobody has removed it");

    let node = Node::start(&redis, file);
    eventually("it works with this Redis", || node.post("ws3").0 == 200);
    assert!(exists(&redis.url(), "exec:kpis:ws2"));
    (redis, node)
}

#[test]
fn a_node_that_is_killed_in_an_outage_leaves_an_old_value_behind_unless_it_has_a_recovery_file() {
    let (redis, _node) = crash(None);
    assert!(exists(&redis.url(), "exec:kpis:ws1"), "this is what the file is for");
    let disk = Disk::new("killed");
    let (redis, _node) = crash(Some(&disk.file()));
    eventually("it is removed", || !exists(&redis.url(), "exec:kpis:ws1"));
    eventually("nothing is owed any more", || {
        std::fs::read_to_string(disk.file()).unwrap().lines().count() == 1
    });
}

/// Eight callers at once, and the node is killed in the middle of it, perhaps in the middle of a line.
#[test]
fn at_whatever_moment_a_node_is_killed_what_it_has_promised_is_carried_out() {
    let redis = RedisServer::start();
    let mut kept = 0;
    // How many have been promised something at least, and how many milliseconds after that it is killed.
    for (round, (least, millis)) in
        [(1, 0), (1, 7), (1, 40), (1, 150), (20, 0)].into_iter().enumerate()
    {
        let disk = Disk::new(&format!("moment{round}"));
        // Of more, the queue makes their families, and then every key may go.
        let workspaces: Vec<_> = (0..40).map(|n| format!("r{round}w{n}")).collect();
        let keys: Vec<_> = workspaces.iter().map(|it| format!("exec:kpis:{it}")).collect();
        fill(&redis.url(), &keys.iter().map(String::as_str).collect::<Vec<_>>(), false);
        let mut serve = serve(&redis);
        serve.args(["--rate-limit", "100000"]).env("SAMEKEY_RECOVERY_FILE", disk.file());
        fill(&redis.url(), &["exec:kpis:of nobody"], false);
        let node = Node::of(serve);
        let url = node.url.clone();
        redis.freeze();
        let count = AtomicUsize::new(0);
        let promised = std::thread::scope(|threads| {
            let callers = workspaces.chunks(5).map(|own| {
                let (url, count) = (&url, &count);
                threads.spawn(move || {
                    let answered = own.iter().map_while(|it| Some((it, post(url, it).ok()?)));
                    let promised = answered.filter(|(_, (_, code))| code == "E_STORE_QUEUED");
                    let noted = promised.inspect(|_| _ = count.fetch_add(1, Ordering::SeqCst));
                    noted.map(|(workspace, _)| workspace).collect::<Vec<_>>()
                })
            });
            let callers = callers.collect::<Vec<_>>();
            eventually("so much is promised", || count.load(Ordering::SeqCst) >= least);
            std::thread::sleep(Duration::from_millis(millis));
            drop(node);
            let promised = callers.into_iter().flat_map(|caller| caller.join().unwrap());
            promised.collect::<Vec<_>>()
        });
        redis.thaw();
        let node = Node::start(&redis, Some(&disk.file()));
        eventually("all is carried out", || node.figure("samekey_removals_pending ") == 0.0);
        kept += promised.len();
        assert!(
            exists(&redis.url(), "exec:kpis:of nobody"),
            "nothing else goes, and no time is over"
        );
        for workspace in promised {
            assert!(!exists(&redis.url(), &format!("exec:kpis:{workspace}")), "{workspace}");
        }
    }
    assert!(kept >= 24, "{kept}");
    eprintln!("{kept} promises kept");
}

#[test]
fn two_nodes_have_not_one_file_and_a_strangers_file_is_left_alone() {
    let disk = Disk::new("shared");
    let file = disk.file();
    let file = file.to_str().unwrap();
    let redis = RedisServer::start();
    let first = Node::start(&redis, Some(Path::new(file)));
    let second = run(&["serve", "--port", "0", "--recovery-file", file]);
    assert_eq!(second.code, 2);
    assert!(
        second.err.contains("E_RECOVERY_LOCKED") && second.err.contains(file),
        "{}",
        second.err
    );
    // However it ended, the next one may have it at once.
    drop(first);
    drop(Node::start(&redis, Some(Path::new(file))));

    std::fs::write(file, "somebody's notes\n").unwrap();
    let refused = run(&["serve", "--port", "0", "--recovery-file", file]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("E_RECOVERY_FOREIGN"), "{}", refused.err);
    assert_eq!(std::fs::read_to_string(file).unwrap(), "somebody's notes\n");
}

/// A disk that takes no more: a file may have 8 KiB, said by the system, and more is an error of the write.
#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_a_node_goes_on_and_says_what_it_would_lose() {
    let disk = Disk::new("full");
    let redis = RedisServer::start();
    let mut serve = Command::new("bash");
    let limited = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    let program = samekey();
    serve.args(["-c", limited]).arg(program.get_program());
    serve.args(["serve", "--port", "0", "--redis", &redis.url(), "--rate-limit", "100000"]);
    for (name, _) in program.get_envs() {
        serve.env_remove(name);
    }
    serve.env("SAMEKEY_RECOVERY_FILE", disk.file());
    let node = Node::of(serve);
    redis.freeze();
    let mut workspace = 0;
    while node.figure("samekey_removals_unsaved ") == 0.0 {
        assert_eq!(node.post(&format!("ws{workspace}")), (503, "E_STORE_QUEUED".to_owned()));
        workspace += 1;
        assert!(workspace < 100, "the disk is never full");
    }
    assert!(workspace > 1, "there was room for some");
    redis.thaw();
    eventually("all is carried out, and the file has room again", || {
        node.figure("samekey_removals_pending ") == 0.0
            && node.figure("samekey_removals_unsaved ") == 0.0
            && std::fs::read_to_string(disk.file()).unwrap().lines().count() == 1
    });
}
