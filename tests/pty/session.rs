//! The explorer, or a shell that starts it, in a pseudo-terminal: keys in, and what a terminal
//! would show out. Waiting is reading until something holds, never sleeping.

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
use hubscope::tui::screen::Stage;
use hubscope::tui::theme::Palette;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// Nothing takes longer, on the slowest machine.
const DEADLINE: Duration = Duration::from_secs(20);

/// The program under test.
pub const HUBSCOPE: &str = env!("CARGO_BIN_EXE_hubscope");

/// What the program opens when it is told nothing.
static SAMPLE: LazyLock<Hub> = LazyLock::new(|| Hub::open(&Source::Sample, &|_| ()).unwrap());

/// A pseudo-terminal, what runs in it, and what it shows.
pub struct Session {
    master: Box<dyn MasterPty + Send>,
    /// Kept open, for a terminal that nobody has open forgets its modes.
    slave: Option<Box<dyn SlavePty + Send>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    /// The thread that reads the output, and whether it is to end at the next.
    reader: JoinHandle<()>,
    enough: Arc<AtomicBool>,
    terminal: vt100::Parser,
    /// Everything written since the last [`Session::forget`].
    pub bytes: Vec<u8>,
    modes_before: String,
    modes_after: String,
    /// An empty home, so that nothing but the sample is found.
    _home: tempfile::TempDir,
}

impl Session {
    /// The explorer at 120x40.
    pub fn explorer(arguments: &[&str]) -> Session {
        Session::start(HUBSCOPE, arguments, &[])
    }

    /// The explorer on the sample, when all of it is loaded.
    pub fn loaded() -> Session {
        let mut session = Session::explorer(&[]);
        session.wait_keys("");
        session
    }

    /// A shell with job control, ready for commands. Unless it edits its lines, it leaves the
    /// terminal's modes alone.
    pub fn shell(more: &[&str]) -> Session {
        let arguments = [&["--norc", "--noprofile"], more, &["-i"]].concat();
        let mut session = Session::start("bash", &arguments, &[("PS1", "ready> ")]);
        session.wait_text("ready>");
        session
    }

    /// Any program, with variables in its environment.
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
        // Whoever does not read lets the terminal fill up, as one that is stuck.
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

    /// Types.
    pub fn send(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Makes the terminal another size, as a person drawing at its window does.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.terminal.set_size(cells(height), cells(width));
        self.master.resize(size(width, height)).unwrap();
    }

    /// What the terminal shows; lines without the blanks at their ends.
    pub fn text(&self) -> String {
        let (_, width) = self.screen().size();
        let rows = self.screen().rows(0, width.get());
        rows.map(|row| row.trim_end().to_owned() + "\n").collect()
    }

    /// The terminal's state.
    pub fn screen(&self) -> &vt100::Screen {
        self.terminal.screen()
    }

    /// Takes in what is written within this time; whether that was anything.
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

    /// Forgets the bytes so far, so that the next ones can be counted.
    pub fn forget(&mut self) {
        self.bytes.clear();
    }

    /// Reads until something holds.
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

    /// Reads until the screen shows this.
    pub fn wait_text(&mut self, text: &str) {
        self.wait_for(&format!("{text:?}"), |s| s.text().contains(text));
    }

    /// Reads until the screen is what is drawn without a terminal.
    pub fn wait_drawn(&mut self, stage: &Stage) {
        let drawn = stage.text();
        let what = format!("this screen:\n{drawn}");
        self.wait_for(&what, |s| s.text() == drawn);
    }

    /// The same after these keys at 120x40.
    pub fn wait_keys(&mut self, keys: &str) {
        self.wait_drawn(&stage(keys));
    }

    /// Reads until nothing is written for a while.
    pub fn wait_still(&mut self) {
        let deadline = Instant::now() + DEADLINE;
        while self.read(Duration::from_millis(300)) {
            assert!(Instant::now() < deadline, "it never rests");
        }
    }

    /// The process that was started.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.process_id().unwrap().try_into().unwrap()).unwrap()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Reads until it ends, and all that it has written; the exit code.
    pub fn exit(&mut self) -> u32 {
        let deadline = Instant::now() + DEADLINE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "it goes on:\n{}", self.text());
            self.read(Duration::from_millis(10));
        }
        self.exit_unread()
    }

    /// Reads nothing, and makes it write until it hangs in that.
    pub fn fill_up(&mut self) {
        let path = format!("/proc/{}/wchan", self.pid().as_raw_nonzero());
        let stuck = wait_until(|| {
            self.send("\x0c");
            let place = std::fs::read_to_string(&path).unwrap();
            // The loop waits in a futex for what happens, and is nowhere while it works.
            (place != "0" && !place.contains("futex")).then_some(())
        });
        assert!(stuck.is_some(), "a terminal without end");
    }

    /// Waits for its end without reading before; the exit code.
    pub fn exit_unread(&mut self) -> u32 {
        let ended = wait_until(|| self.child.try_wait().unwrap());
        self.modes_after = modes(&*self.master);
        // Now that nobody has the terminal open, its output has an end.
        self.slave = None;
        while !self.reader.is_finished() {
            self.read(Duration::from_millis(10));
        }
        ended.expect("an end").exit_code()
    }

    /// The terminal is as it was before: the ordinary screen, the cursor, pasting, the modes.
    pub fn assert_given_back(&self) {
        self.assert_screen_given_back();
        self.assert_modes_given_back();
    }

    /// The same of the modes alone.
    pub fn assert_modes_given_back(&self) {
        assert_eq!(
            self.modes_after, self.modes_before,
            "the modes of the terminal"
        );
    }

    /// The same without the modes, which a shell sets to its own liking.
    pub fn assert_screen_given_back(&self) {
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

    /// Lets a stopped process go on, and waits until it has stopped again: until it has run, it is
    /// still stopped from before.
    pub fn go_on_and_stop(&mut self, pid: Pid) {
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

    /// How much time the processor has spent on it, in ticks of 10 ms.
    pub fn ticks(&self) -> u64 {
        let path = format!("/proc/{}/stat", self.pid().as_raw_nonzero());
        let stat = std::fs::read_to_string(path).unwrap();
        let after_name = stat.rsplit_once(')').unwrap().1;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    /// The process group that has the terminal, by its leader.
    pub fn in_front(&self) -> Pid {
        Pid::from_raw(self.master.process_group_leader().unwrap()).unwrap()
    }

    /// Whether echo, lines, signals and the rest are as they were before anything ran.
    pub fn has_first_modes(&self) -> bool {
        modes(&*self.master) == self.modes_before
    }

    /// How often this was written.
    pub fn count(&self, what: &str) -> usize {
        self.bytes
            .windows(what.len())
            .filter(|w| *w == what.as_bytes())
            .count()
    }

    /// Takes the terminal away, as closing its window does; what ran in it.
    pub fn hang_up(mut self) -> Box<dyn Child + Send + Sync> {
        // The reader has the terminal open as well; it ends with the next that is written. After
        // that nothing is, or a write would fail: at the end of the list, not even for the ^D that
        // closing sends.
        self.send("G");
        self.wait_keys("G");
        self.close()
    }

    /// The same at the end of the list already.
    pub fn close(mut self) -> Box<dyn Child + Send + Sync> {
        self.wait_still();
        self.enough.store(true, Ordering::SeqCst);
        self.send("/");
        while !self.reader.is_finished() {
            self.read(Duration::from_millis(10));
        }
        self.child
    }
}

/// The explorer without a terminal at 120x40, after these keys.
pub fn stage(keys: &str) -> Stage {
    let mut stage = Stage::new(SAMPLE.clone(), (120, 40), Palette::Dark);
    stage.keys(keys).unwrap();
    stage
}

/// Waits for the end of something; `None` when it goes on for too long.
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
