//! How soon the program is there: the real binary in a pseudo-terminal and as a command, with a
//! cache of its own, before and after it has read a file of 2,161,698 models (or of as many as the
//! first argument says). The page cache is warm.

mod hubs;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use hubscope::present::format;
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use vt100::Parser;

const PROGRAM: &str = env!("CARGO_BIN_EXE_hubscope");

/// Each start is measured so often.
const TIMES: usize = 15;

/// Nothing takes longer.
const PATIENCE: Duration = Duration::from_mins(2);

fn main() {
    let rows = std::env::args().find_map(|argument| argument.parse().ok());
    let rows = rows.unwrap_or(2_161_698);
    let bench = Bench {
        file: hubs::file(rows),
        cache: Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-cache"),
    };
    bench.warm();
    println!("{} models, on a terminal of 120x40\n", format::count(rows));
    first_time(&bench);
    kept(&bench, rows);
    opened_before(&bench);
    commands(&bench);
}

struct Bench {
    file: PathBuf,
    cache: PathBuf,
}

impl Bench {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).env("HUBSCOPE_DATA", &self.file);
        command
            .env("XDG_CACHE_HOME", &self.cache)
            .env_remove("HUBSCOPE_NO_CACHE");
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn output(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    fn forget(&self) {
        let _ = std::fs::remove_dir_all(&self.cache);
    }

    /// Reads the file once, so that it is in memory.
    fn warm(&self) {
        std::io::copy(
            &mut std::fs::File::open(&self.file).unwrap(),
            &mut std::io::sink(),
        )
        .unwrap();
    }
}

/// The explorer in a terminal.
struct Session {
    started: Instant,
    terminal: Parser,
    output: Receiver<Vec<u8>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
}

impl Session {
    fn start(bench: &Bench) -> Session {
        let size = PtySize {
            rows: 40,
            cols: 120,
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(PROGRAM);
        command.env("HUBSCOPE_DATA", &bench.file);
        command.env("XDG_CACHE_HOME", &bench.cache);
        command.env("XDG_STATE_HOME", &bench.cache);
        command.env("TERM", "xterm-256color");
        command.env_remove("HUBSCOPE_NO_CACHE");
        let mut from = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        let (to, output) = channel();
        std::thread::spawn(move || {
            let mut chunk = [0; 65_536];
            while let Ok(len @ 1..) = from.read(&mut chunk) {
                if to.send(chunk[..len].to_vec()).is_err() {
                    return;
                }
            }
            drop(pair);
        });
        let terminal = Parser::new(40.try_into().unwrap(), 120.try_into().unwrap(), 0);
        Session {
            started,
            terminal,
            output,
            keys,
            child,
        }
    }

    fn lines(&self) -> Vec<String> {
        let rows = self.terminal.screen().rows(0, 120);
        rows.map(|row| row.trim_end().to_owned()).collect()
    }

    /// Reads until the screen is so; how long after the start that is.
    fn until(&mut self, what: &str, holds: impl Fn(&[String]) -> bool) -> Duration {
        loop {
            if holds(&self.lines()) {
                return self.started.elapsed();
            }
            let left = PATIENCE.saturating_sub(self.started.elapsed());
            let Ok(bytes) = self.output.recv_timeout(left) else {
                panic!("waited in vain for {what}:\n{}", self.lines().join("\n"));
            };
            self.terminal.process(&bytes);
        }
    }

    /// A figure that the system keeps of the process, in MB.
    fn memory(&self, name: &str) -> f64 {
        let status = format!("/proc/{}/status", self.child.process_id().unwrap());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap();
        let kilobytes: f64 = line
            .trim_start_matches(':')
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .unwrap();
        kilobytes * 1.024 / 1_000.0
    }

    fn end(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Nothing is kept yet: how soon the list is there, a query answered, all loaded.
fn first_time(bench: &Bench) {
    let first = bench.output(&["search", "", "--limit", "1", "--ids", "--no-cache"]);
    let (mut lists, mut answers, mut wholes, mut peaks) = (vec![], vec![], vec![], vec![]);
    for _ in 0..5 {
        bench.forget();
        let mut session = Session::start(bench);
        lists.push(session.until("the list", |lines| {
            lines[3..].iter().any(|line| line.contains(first.trim()))
        }));
        session.keys.write_all(b"/llama 8b\r").unwrap();
        session.keys.flush().unwrap();
        answers.push(session.until("an answer", |lines| lines[2].contains(" exact ")));
        wholes.push(session.until("all", |lines| !lines[0].contains("loading")));
        peaks.push(session.memory("VmHWM"));
        session.end();
    }
    tell("first time: the list", &mut lists);
    tell("first time: a query typed then and answered", &mut answers);
    tell("first time: everything", &mut wholes);
    println!("{:50} {:9.0} MB", "first time: peak", largest(&peaks));
}

/// What is kept.
fn kept(bench: &Bench, rows: usize) {
    bench.forget();
    bench.output(&["cache", "keep"]);
    let kept: serde_json::Value =
        serde_json::from_str(&bench.output(&["cache", "--json"])).unwrap();
    let bytes = kept["hubs"][0]["bytes"].as_i64().unwrap();
    #[expect(clippy::cast_precision_loss, reason = "a figure to be read")]
    let each = bytes as f64 / rows as f64;
    println!("{:50} {each:9.1} bytes a model\n", "kept");
}

/// What is kept is there: how soon the screen is what it is without a terminal.
fn opened_before(bench: &Bench) {
    let drawn = bench.output(&["screen", "--size", "120x40"]);
    let drawn: Vec<&str> = drawn.lines().map(str::trim_end).collect();
    let (mut screens, mut resident) = (vec![], vec![]);
    for _ in 0..TIMES {
        let mut session = Session::start(bench);
        // The first line tells the age, too.
        screens.push(session.until("the whole screen", |lines| lines[1..] == drawn[1..]));
        resident.push(session.memory("VmRSS"));
        session.end();
    }
    tell("opened before: the whole first screen", &mut screens);
    println!(
        "{:50} {:9.0} MB\n",
        "opened before: resident then",
        largest(&resident)
    );
}

/// Whole processes.
fn commands(bench: &Bench) {
    let root = bench.output(&["roots", "--limit", "1", "--ids"]);
    let commands: [&[&str]; 6] = [
        &["show", root.trim()],
        &["tree", root.trim()],
        &["search", "llama", "task:text-generation", "params:7B..9B"],
        &["search", "mistral instruct"],
        &["hist", "params"],
        &["stats"],
    ];
    for command in commands {
        let run = |_| {
            let start = Instant::now();
            assert!(!bench.output(command).is_empty());
            start.elapsed()
        };
        let mut times: Vec<Duration> = (0..TIMES).map(run).collect();
        tell(
            &format!("opened before: hubscope {}", command.join(" ")),
            &mut times,
        );
    }
}

fn tell(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let middle = times[times.len() / 2].as_secs_f64() * 1e3;
    let most = times[times.len() - 1].as_secs_f64() * 1e3;
    println!("{what:50} {middle:9.1} ms, most {most:.1}");
}

fn largest(figures: &[f64]) -> f64 {
    figures.iter().copied().fold(0.0, f64::max)
}
