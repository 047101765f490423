//! What a person sees who runs it in a terminal: eighty columns, twenty-four lines, and a keyboard.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::command::samekey;
use crate::serve::Node;
use crate::warm::{application, application_that_goes_on};

/// A terminal, of which Rust's own library has none: what is typed comes in, what is shown goes out.
const TERMINAL: &str = r"
import fcntl, os, pty, signal, struct, sys, termios, threading
child, terminal = pty.fork()
if child == 0:
    # Whoever runs the tests in the background has Ctrl-C ignored, and what they start inherits that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
def typed():
    while keys := os.read(0, 64):
        os.write(terminal, keys)
threading.Thread(target=typed, daemon=True).start()
try:
    while shown := os.read(terminal, 65536):
        os.write(1, shown)
except OSError:
    pass  # It has ended.
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 255)
";

const CTRL_C: &[u8] = b"\x03";

struct Terminal {
    child: Child,
    keyboard: ChildStdin,
    shown: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
}

impl Terminal {
    fn of(arguments: &[&str], no_color: bool) -> Self {
        let program = samekey();
        let mut command = Command::new("python3");
        command.args(["-c", TERMINAL]).arg(program.get_program()).args(arguments);
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.env("TERM", "xterm").envs(no_color.then_some(("NO_COLOR", "1")));
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python3");
        let (keyboard, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let shown = Arc::new(Mutex::new(String::new()));
        let kept = shown.clone();
        let reader = std::thread::spawn(move || {
            let mut some = [0; 65536];
            while let Ok(read @ 1..) = screen.read(&mut some) {
                kept.lock().unwrap().push_str(&String::from_utf8_lossy(&some[..read]));
            }
        });
        Self { child, keyboard, shown, reader }
    }

    /// All that was shown so far.
    fn shown(&self) -> String {
        self.shown.lock().unwrap().clone()
    }

    fn until(&self, words: &str) {
        let started = Instant::now();
        while !self.shown().contains(words) {
            assert!(started.elapsed() < Duration::from_secs(120), "{words}: {}", self.shown());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn ended(mut self) -> (i32, String) {
        let started = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            if started.elapsed() > Duration::from_secs(120) {
                self.child.kill().unwrap();
                panic!("it goes on: {}", self.shown());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let code = self.child.wait().unwrap().code().expect("no signal ended the terminal");
        // What was shown last may still be on its way here.
        self.reader.join().expect("all is read");
        let shown = self.shown.lock().unwrap().clone();
        (code, shown)
    }
}

#[test]
fn the_table_of_figures_is_drawn_over_itself_until_ctrl_c_and_outlives_its_node() {
    let mut node = Node::start(&[]);
    let mut terminal = Terminal::of(&["stats", "--every", "0.1", "--url", &node.url], false);
    terminal.until("Ctrl-C ends this");
    // Three looks: home, the page, what is left of the one before wiped away.
    let started = Instant::now();
    while terminal.shown().matches("\x1b[H").count() < 3 {
        assert!(started.elapsed() < Duration::from_secs(120), "{}", terminal.shown());
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(terminal.shown().contains("\x1b[32mmemory answers\x1b[0m"), "{}", terminal.shown());

    node.child.kill().unwrap();
    node.child.wait().unwrap();
    terminal.until("as it was");
    terminal.keyboard.write_all(CTRL_C).unwrap();
    let (code, shown) = terminal.ended();
    assert_eq!(code, 256 - 2, "ended by SIGINT: {shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warm_up_is_a_bar_that_grows_and_a_line_at_its_end() {
    let go = Arc::new(Notify::new());
    let (address, _jobs) = application_that_goes_on(300, &go).await;
    let url = format!("http://{address}");
    let (code, shown) = tokio::task::spawn_blocking(move || {
        let terminal = Terminal::of(&["warm", "--url", &url], false);
        terminal.until("/300 keys");
        go.notify_one();
        terminal.ended()
    })
    .await
    .unwrap();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("/300 keys"), "{shown}");
    assert!(shown.contains("warmup: 300 computed, 0 there already, 0 failed"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_grow_as_they_are_looked_at() {
    let (address, jobs) = application(40, 0).await;
    let url = format!("http://{address}");
    let terminal = Terminal::of(&["stats", "--every", "0.1", "--url", &url], true);
    let began = move || {
        terminal.until("nothing has been asked for yet");
        terminal
    };
    let mut terminal = tokio::task::spawn_blocking(began).await.unwrap();
    jobs.begin("warmup").await.unwrap();
    let (code, shown) = tokio::task::spawn_blocking(move || {
        terminal.until("query_result");
        terminal.keyboard.write_all(CTRL_C).unwrap();
        terminal.ended()
    })
    .await
    .unwrap();
    assert_eq!(code, 256 - 2, "{shown}");
    assert!(!shown.contains("\x1b[3") && !shown.contains("\x1b[2m"), "NO_COLOR: {shown}");
    let widest = shown.split(['\n', '\r']).map(|line| line.chars().count()).max();
    assert!(widest <= Some(80 + "\x1b[K\x1b[J\x1b[H\x1b[K".len()), "{widest:?}: {shown}");
}
