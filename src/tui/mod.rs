//! The explorer. [`run`] is its loop, the only place where effects are performed; everything else
//! is a pure state machine (`app.rs`), a pure picture of it (`view.rs`) and thin threads around.

pub mod answers;
pub mod app;
mod command;
mod encode;
mod event;
pub mod frame;
mod history;
pub mod keymap;
pub mod keys;
pub mod layout;
mod library;
mod memory;
pub mod queries;
pub mod screen;
pub mod session;
mod svg;
mod terminal;
pub mod theme;
pub mod views;
mod widgets;

use std::mem::ManuallyDrop;
use std::os::unix::process::CommandExt;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::Result;
use signal_hook::consts::{SIGHUP, SIGINT};

use crate::engine::cache::Cache;
use crate::engine::source::Source;
use crate::present::charset::Signs;
use answers::threads::{self, Threads};
use app::{App, Effect, Event};
use event::Arrival;
use library::Library;
use memory::Memory;
use queries::Note;
use terminal::Screen;
use theme::{Palette, Theme};

/// So long a frame waits for an answer, so that a key and what it found appear together.
const PATIENCE: Duration = Duration::from_millis(8);

/// Said after a panic's own words.
const MISTAKE: &str = "this is a mistake in the program; please report it with the lines above";

/// How the explorer ended.
pub enum End {
    /// As the person wished.
    Quit,
    /// With these ids, for whoever started the explorer to pick one.
    Picked(Vec<String>),
    /// By this signal.
    Signal(i32),
    /// By an error: nothing could be opened, or a panic.
    Failed(String),
}

/// What the explorer is started with.
pub struct Start {
    pub source: Source,
    /// The source as the person named it, if they did.
    pub named: Option<String>,
    /// The older snapshot to compare with, if there is one.
    pub against: Option<PathBuf>,
    /// The colours; what the environment asks for if none are named.
    pub palette: Option<Palette>,
    /// Whether the person is to pick models, whose ids are then printed.
    pub picking: bool,
    /// Where hubs are kept, if they are.
    pub cache: Option<Cache>,
}

/// Runs the explorer until the person leaves.
///
/// # Errors
/// When there is no terminal, or it goes away.
pub fn run(start: Start) -> Result<End> {
    let _output = match start.picking {
        true => Some(terminal::Output::lay_aside()?),
        false => None,
    };
    terminal::check()?;
    explore(start)
}

fn explore(start: Start) -> Result<End> {
    let from_environment = || Theme::palette_for(|name| std::env::var(name).ok());
    let palette = start.palette.unwrap_or_else(from_environment);
    let library = Library {
        named: start.named,
        cache: start.cache,
        against: start.against,
    };
    let source = start.source;
    give_back_on_panic();
    let (to, arrivals) = channel();
    let mut app = App::new(Screen::size()?, Theme::of(palette), source.title());
    app.charset = Signs::of(|name| std::env::var(name).ok());
    app.picking = start.picking;
    app.session.data = library.named.clone();
    let against = library.against.as_ref();
    app.session.against = against.map(|path| path.display().to_string());
    app.now = event::now();
    let memory = Memory::of_person();
    app.restore(memory.typed(), memory.named());
    let away = Arc::new(AtomicBool::new(true));
    event::catch_signals(to.clone(), &away)?;
    event::watch_terminal(to.clone())?;
    event::read_terminal(to.clone())?;
    library.load(source, &to)?;
    let answers = Threads::start(&to)?;
    // The state is left to the system, which frees it at once.
    let mut ring = ManuallyDrop::new(Ring {
        app,
        screen: Screen::default(),
        answers,
        library,
        to,
        memory,
        away,
        coming: true,
        changed: true,
        whole: false,
    });
    // A panic of a pool's thread that the loop waits for ends the loop without passing the hook.
    let turning = AssertUnwindSafe(|| ring.turn(&arrivals));
    let end = panic::catch_unwind(turning).unwrap_or_else(|_| Ok(broken()));
    terminal::give_back();
    end
}

/// The end by a panic that was caught.
fn broken() -> End {
    End::Failed(format!("{}\n{MISTAKE}", threads::last_panic()))
}

/// The state and everything around it.
struct Ring {
    app: App,
    screen: Screen,
    answers: Threads,
    library: Library,
    to: Sender<Arrival>,
    memory: Memory,
    /// Set while the terminal is not ours; a signal to leave ends the program at once then.
    away: Arc<AtomicBool>,
    /// Whether the terminal is to be taken, at the start or after a stop.
    coming: bool,
    /// Whether something happened since the last frame.
    changed: bool,
    /// Whether the next frame is to be drawn whole.
    whole: bool,
}

impl Ring {
    fn turn(&mut self, arrivals: &Receiver<Arrival>) -> Result<End> {
        loop {
            if std::mem::take(&mut self.coming) {
                self.come()?;
            }
            if !self.is_away() && std::mem::take(&mut self.changed) {
                self.draw()?;
            }
            if let Some(end) = self.take_in(arrivals.recv()?)? {
                return Ok(end);
            }
            let patience = Instant::now() + PATIENCE;
            loop {
                let wait = match self.app.is_waiting_briefly() {
                    true => patience.saturating_duration_since(Instant::now()),
                    false => Duration::ZERO,
                };
                match arrivals.recv_timeout(wait) {
                    Ok(arrival) => {
                        if let Some(end) = self.take_in(arrival)? {
                            return Ok(end);
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return Ok(End::Quit),
                }
            }
        }
    }

    fn draw(&mut self) -> Result<()> {
        if std::mem::take(&mut self.whole) {
            self.screen.forget();
        }
        let app = &self.app;
        if app.session.hub.is_some() {
            provoke("draw");
        }
        self.screen
            .draw(app.screen, |buffer| frame::draw(app, buffer))
    }

    /// Lets one thing happen; the end, if that is one.
    fn take_in(&mut self, arrival: Arrival) -> Result<Option<End>> {
        match arrival {
            Arrival::Event(Event::Failed(reason)) if self.app.session.hub.is_none() => {
                return Ok(Some(End::Failed(reason)));
            }
            Arrival::Event(event) => {
                self.changed = true;
                for effect in self.app.update(event) {
                    if let Some(end) = self.perform(effect)? {
                        return Ok(Some(end));
                    }
                }
            }
            Arrival::Leave(signal) => return Ok(Some(End::Signal(signal))),
            Arrival::Stop => self.suspend()?,
            Arrival::Continued => self.coming = true,
            Arrival::Hangup => return Ok(Some(End::Signal(SIGHUP))),
            Arrival::Broken => return Ok(Some(broken())),
        }
        Ok(None)
    }

    /// Does what the state asks for; the end, if that is to leave.
    fn perform(&mut self, effect: Effect) -> Result<Option<End>> {
        match effect {
            Effect::Ask(question) => self.answers.ask(question),
            Effect::Copy(text) => {
                terminal::copy(&text)?;
                let told = format!(
                    "sent to the terminal's clipboard: {}",
                    text.replace('\n', ", ")
                );
                self.app.update(Event::Status(told));
            }
            Effect::Keep(note) => self.keep(&note),
            Effect::Visit(link) => {
                let told = if visit(&link) {
                    format!("opened {link}")
                } else {
                    link
                };
                self.app.update(Event::Status(told));
            }
            Effect::Redraw => self.whole = true,
            Effect::Reload(hub) => self.library.reload(hub, &self.to)?,
            Effect::Suspend => self.suspend()?,
            Effect::Quit => return Ok(Some(End::Quit)),
            Effect::Pick(ids) => return Ok(Some(End::Picked(ids))),
            Effect::Interrupt => return Ok(Some(End::Signal(SIGINT))),
        }
        Ok(None)
    }

    /// Keeps something for the next time. That a typed query is forgotten, nobody needs to hear;
    /// that a saved one is, they do.
    fn keep(&mut self, note: &Note) {
        let event = match (self.memory.keep(note), note) {
            (Ok(Some(named)), _) => Event::Saved(named),
            (Ok(None), _) | (Err(_), Note::Typed(_)) => return,
            (Err(error), _) => Event::Status(format!("not kept for the next time: {error:#}")),
        };
        self.app.update(event);
    }

    fn is_away(&self) -> bool {
        self.away.load(Ordering::SeqCst)
    }

    /// Gives the terminal back and stops, as Ctrl-Z does to any program; SIGCONT brings us back.
    fn suspend(&mut self) -> Result<()> {
        if !terminal::is_job() {
            let told = "there is no shell to go back to".to_owned();
            self.app.update(Event::Status(told));
            self.changed = true;
        } else if !self.is_away() {
            terminal::give_back();
            self.away.store(true, Ordering::SeqCst);
            terminal::stop()?;
        }
        Ok(())
    }

    /// Takes the terminal, if it is ours to take: `hubscope &` and `bg` leave it to the shell.
    /// What modes it has is looked up only then, or the shell's would be taken for the normal ones.
    fn come(&mut self) -> Result<()> {
        if terminal::is_behind() {
            return terminal::stay_behind();
        }
        self.away.store(false, Ordering::SeqCst);
        self.screen.take()?;
        let size = Screen::size()?;
        self.app.update(Event::Resize(size.width, size.height));
        self.changed = true;
        self.whole = true;
        Ok(())
    }
}

/// Opens a page in the browser of a desktop; over SSH there is none that the person could see.
fn visit(link: &str) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    if set("SSH_TTY") || set("SSH_CONNECTION") {
        return false;
    }
    let opener = match () {
        () if cfg!(target_os = "macos") => "open",
        () if set("DISPLAY") || set("WAYLAND_DISPLAY") => "xdg-open",
        () => return false,
    };
    let mut command = Command::new(opener);
    // In a group of its own, or Ctrl-Z here would stop the browser.
    let quiet = command
        .arg(link)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let Ok(mut browser) = quiet.spawn() else {
        return false;
    };
    // Somebody has to hear of its end, or it stays in the system's list of processes.
    event::spawn("browser", move || drop(browser.wait())).is_ok()
}

/// Lets a panic give the terminal back before it tells its reason, and end the program: without
/// one of its threads it would wait for ever.
fn give_back_on_panic() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if crate::is_caught(&std::thread::current()) {
            return threads::keep_panic(info);
        }
        terminal::give_back();
        tell(info);
        eprintln!("hubscope: {MISTAKE}");
        std::process::exit(2);
    }));
}

/// Panics at the place that `HUBSCOPE_PANIC` names, so that tests can see what becomes of the
/// terminal. Nothing in a release.
fn provoke(place: &str) {
    if cfg!(debug_assertions) && std::env::var_os("HUBSCOPE_PANIC").is_some_and(|at| at == place) {
        panic!("asked for in {place}");
    }
}
