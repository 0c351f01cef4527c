//! The real program, away from the user's own files and settings.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// No run of the program on so small a hub takes longer, on however slow a machine.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// What came of a run.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// The program with these arguments, without a data file and with an empty Hugging Face cache.
pub fn hubscope(arguments: &[&str]) -> Command {
    clear(Command::new(env!("CARGO_BIN_EXE_hubscope")), arguments)
}

/// The same with no more than 8 GB of memory to ask for, where the shell can see to that.
pub fn hubscope_bounded(arguments: &[&str]) -> Command {
    if !cfg!(target_os = "linux") {
        return hubscope(arguments);
    }
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        "ulimit -v 8000000 && exec \"$0\" \"$@\"",
        env!("CARGO_BIN_EXE_hubscope"),
    ]);
    clear(shell, arguments)
}

fn clear(mut command: Command, arguments: &[&str]) -> Command {
    command.args(arguments).env(
        "HF_HOME",
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-cache"),
    );
    for name in [
        "HUBSCOPE_DATA",
        "HUBSCOPE_THEME",
        "HF_HUB_CACHE",
        "RUST_BACKTRACE",
    ] {
        command.env_remove(name);
    }
    // Files that were fetched by columns lie here.
    command.env(
        "XDG_CACHE_HOME",
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-cache"),
    );
    // Whoever wants to see the cache work takes this away.
    command.env("HUBSCOPE_NO_CACHE", "1");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs it to its end.
pub fn run(command: Command) -> Ran {
    run_within(PATIENCE, command)
}

/// The same on a hub that takes longer.
pub fn run_within(patience: Duration, mut command: Command) -> Ran {
    let mut child = command.spawn().unwrap();
    let out = all_of(child.stdout.take().unwrap());
    let err = all_of(child.stderr.take().unwrap());
    if let (Ok(out), Ok(err)) = (out.recv_timeout(patience), err.recv_timeout(patience)) {
        Ran {
            code: ended(child).code(),
            out,
            err,
        }
    } else {
        child.kill().unwrap();
        child.wait().unwrap();
        panic!("{command:?} hangs");
    }
}

/// Waits for a child whose output has ended.
pub fn ended(mut child: Child) -> ExitStatus {
    child.wait().unwrap()
}

fn all_of(mut stream: impl Read + Send + 'static) -> Receiver<String> {
    let (to, from) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let _ = to.send(String::from_utf8(bytes).unwrap());
    });
    from
}
