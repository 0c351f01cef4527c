//! The explorer, or a shell that starts it, in a pseudo-terminal: keys in, the terminal's screen out.
//! Tests read until a condition holds; they never sleep for a fixed time.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, LazyLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use hubscope::engine::Hub;
use hubscope::engine::source::Source;
use hubscope::tui::headless::Headless;
use hubscope::tui::theme::Palette;
use portable_pty::{
    Child, CommandBuilder, ExitStatus, MasterPty, PtySize, SlavePty, native_pty_system,
};
use rustix::process::{Pid, Signal, kill_process};

/// The longest wait for anything, on the slowest machine.
const DEADLINE: Duration = Duration::from_secs(20);

/// The program under test.
pub const HUBSCOPE: &str = env!("CARGO_BIN_EXE_hubscope");

/// The source that the program opens by default.
static SAMPLE: LazyLock<Hub> = LazyLock::new(|| Hub::open(&Source::Sample, &|_| ()).unwrap());

/// A pseudo-terminal, the process in it, and its screen.
pub struct Session {
    master: Box<dyn MasterPty + Send>,
    /// Kept open, since a terminal that no process has open loses its modes.
    slave: Option<Box<dyn SlavePty + Send>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    /// The thread that reads the output, and whether it ends after its next read.
    reader: JoinHandle<()>,
    enough: Arc<AtomicBool>,
    terminal: vt100::Parser,
    /// The bytes written since the last [`Session::forget`].
    pub bytes: Vec<u8>,
    modes_before: String,
    modes_after: String,
    /// An empty home, so that only the sample is found.
    _home: tempfile::TempDir,
}

impl Session {
    /// Starts the explorer at 120x40.
    pub fn explorer(arguments: &[&str]) -> Session {
        Session::start(HUBSCOPE, arguments, &[])
    }

    /// Starts the explorer on the sample, and waits until it is loaded.
    pub fn loaded() -> Session {
        let mut session = Session::explorer(&[]);
        session.wait_keys("");
        session
    }

    /// Starts a shell with job control, and waits for its prompt. With `--noediting` it does not
    /// change the terminal's modes.
    pub fn shell(more: &[&str]) -> Session {
        let arguments = [&["--norc", "--noprofile"], more, &["-i"]].concat();
        let mut session = Session::start("bash", &arguments, &[("PS1", "ready> ")]);
        session.wait_text("ready>");
        session
    }

    /// Starts a program with variables in its environment.
    pub fn start(program: &str, arguments: &[&str], env: &[(&str, &str)]) -> Session {
        let pair = native_pty_system().openpty(size(120, 40)).unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        for name in [
            "HUBSCOPE_DATA",
            "HUBSCOPE_THEME",
            "HF_HUB_CACHE",
            "NO_COLOR",
            "RUST_BACKTRACE",
            "DISPLAY",
            "WAYLAND_DISPLAY",
            "WSL_DISTRO_NAME",
            "SSH_TTY",
            "SSH_CONNECTION",
            "XDG_CONFIG_HOME",
            "XDG_STATE_HOME",
        ] {
            command.env_remove(name);
        }
        for name in ["HF_HOME", "HOME", "XDG_CACHE_HOME"] {
            command.env(name, home.path());
        }
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        command.env("HUBSCOPE", HUBSCOPE);
        env.iter()
            .for_each(|(name, value)| command.env(name, OsStr::new(value)));
        let modes_before = modes(&*pair.master);
        let keys = pair.master.take_writer().unwrap();
        let mut from = pair.master.try_clone_reader().unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        // Without a buffer, so that the terminal blocks while the test does not read.
        let (to, output) = sync_channel(0);
        let enough = Arc::new(AtomicBool::new(false));
        let end = enough.clone();
        let reader = thread::spawn(move || {
            let mut chunk = [0; 65_536];
            while let Ok(len) = from.read(&mut chunk) {
                if len == 0 || to.send(chunk[..len].to_vec()).is_err() || end.load(Ordering::SeqCst)
                {
                    return;
                }
            }
        });
        Session {
            master: pair.master,
            slave: Some(pair.slave),
            keys,
            child,
            output,
            reader,
            enough,
            terminal: vt100::Parser::new(cells(40), cells(120), 0),
            bytes: Vec::new(),
            modes_before,
            modes_after: String::new(),
            _home: home,
        }
    }

    /// Sends keys.
    pub fn send(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Resizes the terminal, as dragging its window does.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.terminal.set_size(cells(height), cells(width));
        self.master.resize(size(width, height)).unwrap();
    }

    /// Returns the lines on the screen, without blanks at their ends.
    pub fn text(&self) -> String {
        let (_, width) = self.screen().size();
        let rows = self.screen().rows(0, width.get());
        rows.map(|row| row.trim_end().to_owned() + "\n").collect()
    }

    /// Returns the terminal's state.
    pub fn screen(&self) -> &vt100::Screen {
        self.terminal.screen()
    }

    /// Reads output within this time; returns whether there was any.
    pub fn read(&mut self, wait: Duration) -> bool {
        match self.output.recv_timeout(wait) {
            Ok(bytes) => {
                self.terminal.process(&bytes);
                self.bytes.extend(bytes);
                true
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                thread::sleep(wait);
                false
            }
        }
    }

    /// Forgets the bytes so far, to count the next ones.
    pub fn forget(&mut self) {
        self.bytes.clear();
    }

    /// Reads until a condition holds.
    pub fn wait_for(&mut self, what: &str, holds: impl Fn(&Session) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !holds(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "waited in vain for {what}; the screen:\n{}\nlast bytes: {:?}",
                self.text(),
                String::from_utf8_lossy(&self.bytes[self.bytes.len().saturating_sub(2_000)..])
            );
            self.read(left.min(Duration::from_millis(50)));
        }
    }

    /// Reads until the screen contains this text.
    pub fn wait_text(&mut self, text: &str) {
        self.wait_for(&format!("{text:?}"), |s| s.text().contains(text));
    }

    /// Reads until the screen equals the one of an explorer without a terminal.
    pub fn wait_drawn(&mut self, stage: &Headless) {
        let drawn = stage.text();
        let what = format!("this screen:\n{drawn}");
        self.wait_for(&what, |s| s.text() == drawn);
    }

    /// Reads until the screen is the one after these keys at 120x40.
    pub fn wait_keys(&mut self, keys: &str) {
        self.wait_drawn(&stage(keys));
    }

    /// Reads until nothing is written for 300 ms.
    pub fn wait_idle(&mut self) {
        let deadline = Instant::now() + DEADLINE;
        while self.read(Duration::from_millis(300)) {
            assert!(Instant::now() < deadline, "it never stops writing");
        }
    }

    /// Returns the id of the process.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.process_id().unwrap().try_into().unwrap()).unwrap()
    }

    /// Sends a signal to the process.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Reads until the process ends; returns its exit code.
    pub fn exit(&mut self) -> u32 {
        self.exit_status().exit_code()
    }

    /// Reads until the process ends.
    pub fn exit_status(&mut self) -> ExitStatus {
        let deadline = Instant::now() + DEADLINE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(
                Instant::now() < deadline,
                "it does not end:\n{}",
                self.text()
            );
            self.read(Duration::from_millis(10));
        }
        self.status_unread()
    }

    /// Reads nothing, and sends keys until the process blocks in a write.
    pub fn fill_output(&mut self) {
        let path = format!("/proc/{}/wchan", self.pid().as_raw_nonzero());
        let stuck = wait_until(|| {
            self.send("\x0c");
            let place = std::fs::read_to_string(&path).unwrap();
            // The loop waits for events in a futex, and for nothing while it works.
            (place != "0" && !place.contains("futex")).then_some(())
        });
        assert!(stuck.is_some(), "the terminal never blocks");
    }

    /// Waits for the end of the process without reading; returns its exit code.
    pub fn exit_unread(&mut self) -> u32 {
        self.status_unread().exit_code()
    }

    fn status_unread(&mut self) -> ExitStatus {
        let ended = wait_until(|| self.child.try_wait().unwrap());
        self.modes_after = modes(&*self.master);
        // With no process that has the terminal open, its output ends.
        self.slave = None;
        while !self.reader.is_finished() {
            self.read(Duration::from_millis(10));
        }
        ended.expect("an end")
    }

    /// Checks that screen, cursor, bracketed paste and modes are as before.
    pub fn assert_restored(&self) {
        self.assert_screen_restored();
        self.assert_modes_restored();
    }

    /// Checks that the modes are as before.
    pub fn assert_modes_restored(&self) {
        assert_eq!(
            self.modes_after, self.modes_before,
            "the modes of the terminal"
        );
    }

    /// Checks that all but the modes, which a shell sets itself, is as before.
    pub fn assert_screen_restored(&self) {
        assert!(!self.screen().alternate_screen(), "the alternate screen");
        assert!(!self.screen().hide_cursor(), "the cursor");
        assert!(!self.screen().bracketed_paste(), "bracketed paste");
        let last = |what: &str| self.bytes.windows(8).rposition(|w| w == what.as_bytes());
        assert!(last("\x1b[?2026l") >= last("\x1b[?2026h"), "an update");
    }

    /// Reads until a process is in this state: `T` for stopped.
    pub fn wait_state(&mut self, pid: Pid, state: char) {
        let path = format!("/proc/{}/stat", pid.as_raw_nonzero());
        self.wait_for(&format!("state {state}"), |_| {
            let stat = std::fs::read_to_string(&path).unwrap();
            stat.rsplit_once(") ").unwrap().1.starts_with(state)
        });
    }

    /// Continues a stopped process, and waits until it has run and stopped again.
    pub fn continue_and_stop(&mut self, pid: Pid) {
        let runs = || {
            let path = format!("/proc/{}/status", pid.as_raw_nonzero());
            let status = std::fs::read_to_string(path).unwrap();
            let counts = status
                .lines()
                .filter(|line| line.contains("ctxt_switches:"));
            let counts = counts.map(|line| line.rsplit('\t').next().unwrap().parse::<u64>());
            counts.map(Result::unwrap).sum::<u64>()
        };
        let before = runs();
        kill_process(pid, Signal::CONT).unwrap();
        self.wait_for("a run of it", |_| runs() > before);
        self.wait_state(pid, 'T');
    }

    /// Returns the CPU time of the process, in ticks of 10 ms.
    pub fn ticks(&self) -> u64 {
        let path = format!("/proc/{}/stat", self.pid().as_raw_nonzero());
        let stat = std::fs::read_to_string(path).unwrap();
        let after_name = stat.rsplit_once(')').unwrap().1;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    /// Returns the leader of the process group in the foreground.
    pub fn foreground(&self) -> Pid {
        Pid::from_raw(self.master.process_group_leader().unwrap()).unwrap()
    }

    /// Whether the terminal's modes are those from before the process started.
    pub fn has_initial_modes(&self) -> bool {
        modes(&*self.master) == self.modes_before
    }

    /// Counts how often a text was written.
    pub fn count(&self, what: &str) -> usize {
        self.bytes
            .windows(what.len())
            .filter(|w| *w == what.as_bytes())
            .count()
    }

    /// Closes the terminal, as closing its window does; returns the process.
    pub fn hang_up(mut self) -> Box<dyn Child + Send + Sync> {
        // The reader thread has the terminal open, too, and ends after its next read. Nothing may be
        // written after that, since a failing write would end the process: at the end of the list,
        // even the ^D that closing sends changes nothing.
        self.send("G");
        self.wait_keys("G");
        self.close()
    }

    /// Closes the terminal of an explorer with the cursor at the end of the list.
    pub fn close(mut self) -> Box<dyn Child + Send + Sync> {
        self.wait_idle();
        self.enough.store(true, Ordering::SeqCst);
        self.send("/");
        while !self.reader.is_finished() {
            self.read(Duration::from_millis(10));
        }
        self.child
    }
}

/// Returns an explorer without a terminal, at 120x40, after these keys.
pub fn stage(keys: &str) -> Headless {
    stage_of((120, 40), keys)
}

/// Returns an explorer without a terminal, of this size, after these keys.
pub fn stage_of(size: (u16, u16), keys: &str) -> Headless {
    let mut stage = Headless::new(SAMPLE.clone(), size, Palette::Dark);
    stage.keys(keys).unwrap();
    stage
}

/// Polls until there is a result; `None` after the deadline.
pub fn wait_until<T>(mut ended: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + DEADLINE;
    while Instant::now() < deadline {
        if let Some(end) = ended() {
            return Some(end);
        }
        thread::sleep(Duration::from_millis(10));
    }
    None
}

fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

fn cells(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).unwrap()
}

fn size(width: u16, height: u16) -> PtySize {
    PtySize {
        rows: height,
        cols: width,
        pixel_width: 0,
        pixel_height: 0,
    }
}
