//! The explorer. [`run`] is its loop, the only place where effects are performed. Everything else
//! is a pure state machine (`app.rs`), a pure drawing of it (`frame.rs`) and thin threads around.

pub mod answers;
pub mod app;
pub mod command;
pub mod config;
pub mod dialog;
mod event;
pub mod export;
mod failpoint;
pub mod frame;
pub mod headless;
mod highlight;
mod history;
pub mod keymap;
pub mod keys;
pub mod layout;
mod loader;
pub mod queries;
pub mod session;
pub mod sessions;
pub mod settings;
mod setup;
mod state;
pub mod suggestions;
mod svg;
pub mod terminal;
pub mod theme;
pub mod view;
pub mod views;
mod ways_out;
mod widgets;

use std::io::{self, IsTerminal};
use std::mem::ManuallyDrop;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use ratatui::Terminal;
use ratatui::layout::{Position, Rect, Size};
use signal_hook::consts::{SIGHUP, SIGINT};

use crate::engine::cache::Cache;
use crate::engine::source::Source;
use crate::engine::table::clean::clean_lines;
use crate::present::charset::Charset;
use answers::threads::{self, Threads};
use app::{App, Effect, Event};
use config::store;
use event::Arrival;
use export::{Export, Target};
use loader::HubLoader;
use queries::QueryChange;
use settings::Settings;
pub use setup::Setup;
use state::StateFiles;
use terminal::backend::CompactBackend;
use terminal::events;
use terminal::guard::{self, Tty, Writer};
use theme::Theme;

/// The longest time a frame waits for an answer, so that a key and its results appear together.
const ANSWER_GRACE: Duration = Duration::from_millis(8);

/// Settings are kept after this long without an event.
const SETTINGS_PAUSE: Duration = Duration::from_millis(300);

/// Printed after the message of a panic.
const BUG: &str = "this is a bug in hubscope; please report it with the lines above";

/// The end of the explorer.
pub enum End {
    /// At the user's request.
    Quit,
    /// With the ids of the models that the user picked.
    Picked(Vec<String>),
    /// By a signal, with its number.
    Signal(i32),
    /// By an error: nothing could be opened, or a panic.
    Failed(String),
}

/// The arguments of the explorer.
pub struct Start {
    pub source: Source,
    /// The source as the user named it, if they did.
    pub named: Option<String>,
    /// The older snapshot to compare with, if there is one.
    pub against: Option<PathBuf>,
    pub setup: Setup,
    /// True if the user is to pick models, whose ids are then printed.
    pub picking: bool,
    /// The cache of opened hubs, if it is used.
    pub cache: Option<Cache>,
}

/// Runs the explorer until the user quits.
///
/// # Errors
/// When there is no terminal, or it goes away.
pub fn run(start: Start) -> Result<End> {
    ensure!(
        start.picking || io::stdout().is_terminal(),
        "the explorer needs a terminal, and standard output is none; `hubscope screen` draws one as text, `hubscope show ID` prints a model"
    );
    ensure!(
        std::env::var_os("TERM").is_none_or(|name| name != "dumb"),
        "the explorer needs a terminal that can place text, and TERM is `dumb`; start hubscope in another one, or use a command such as `hubscope search QUERY`"
    );
    let tty = Tty::open()?;
    let size = tty.size()?;
    let from_environment = || Theme::palette_for(|name| std::env::var(name).ok());
    let palette = start.setup.theme.palette.unwrap_or_else(from_environment);
    let loader = HubLoader {
        named: start.named,
        cache: start.cache,
        against: start.against,
    };
    let source = start.source;
    restore_on_panic();
    let (to, arrivals) = channel();
    let mut app = App::new(
        Rect::from((Position::ORIGIN, size)),
        start.setup.theme.on(palette),
        source.title(),
    );
    app.charset = Charset::of(|name| std::env::var(name).ok());
    app.picking = start.picking;
    app.session.data = loader.named.clone();
    let against = loader.against.as_ref();
    app.session.against = against.map(|path| path.display().to_string());
    app.now = event::now();
    let state = StateFiles::of_user();
    app.restore(state.history(), state.saved());
    app.configure(&start.setup.config);
    let session = sessions::key_of(&source);
    // A script that lets its user pick models asks one question.
    let last = state.session(&session).filter(|_| !start.picking);
    app.begin(&start.setup.opening, last);
    let released = Arc::new(AtomicBool::new(true));
    events::catch_signals(to.clone(), &released)?;
    events::read(tty.clone(), to.clone())?;
    loader.load(source, &to)?;
    // The state is left to the system, which frees it at once.
    let mut runtime = ManuallyDrop::new(Runtime {
        app,
        terminal: Terminal::new(CompactBackend::new(Writer, size))?,
        tty,
        answers: Threads::start(&to)?,
        loader,
        to,
        state,
        kept: start.setup.config.config.settings.clone(),
        config: start.setup.config.path.clone(),
        unkept: None,
        released,
        resumed: true,
        changed: true,
        redraw: false,
    });
    // A panic of a pool's thread that the loop waits for ends the loop without passing the hook.
    let looping = AssertUnwindSafe(|| runtime.run(&arrivals));
    let end = panic::catch_unwind(looping).unwrap_or_else(|_| Ok(end_of_panic()));
    guard::restore();
    if !matches!(&end, Err(_) | Ok(End::Failed(_))) {
        runtime.keep_session(session);
    }
    if matches!(&end, Ok(End::Failed(reason)) if reason == BUG) {
        eprintln!("hubscope: {}", clean_lines(&threads::last_panic()));
    }
    end
}

/// Returns the end that a caught panic makes.
fn end_of_panic() -> End {
    End::Failed(BUG.to_owned())
}

/// The state and everything around it.
struct Runtime {
    app: App,
    terminal: Terminal<CompactBackend<Writer>>,
    tty: Tty,
    answers: Threads,
    loader: HubLoader,
    to: Sender<Arrival>,
    state: StateFiles,
    /// The config file, and the settings that are in it.
    config: Option<PathBuf>,
    kept: Settings,
    /// Settings that the user has changed since.
    unkept: Option<Settings>,
    /// Set while the terminal is not taken; a signal to end does so at once then.
    released: Arc<AtomicBool>,
    /// True if the terminal is to be taken, at the start or after a stop.
    resumed: bool,
    /// True if something happened since the last frame.
    changed: bool,
    /// True if the next frame is drawn as a whole.
    redraw: bool,
}

impl Runtime {
    fn run(&mut self, arrivals: &Receiver<Arrival>) -> Result<End> {
        loop {
            if std::mem::take(&mut self.resumed) {
                self.take_terminal()?;
            }
            if !self.is_released() && std::mem::take(&mut self.changed) {
                self.draw()?;
            }
            let arrival = match self.unkept {
                None => arrivals.recv()?,
                // Steps that come quickly, as those of a dragged border, are kept together.
                Some(_) => match arrivals.recv_timeout(SETTINGS_PAUSE) {
                    Ok(arrival) => arrival,
                    Err(_) => {
                        self.keep_settings();
                        continue;
                    }
                },
            };
            if let Some(end) = self.handle(arrival)? {
                self.keep_settings();
                return Ok(end);
            }
            let deadline = Instant::now() + ANSWER_GRACE;
            loop {
                let wait = match self.app.is_waiting_briefly() {
                    true => deadline.saturating_duration_since(Instant::now()),
                    false => Duration::ZERO,
                };
                match arrivals.recv_timeout(wait) {
                    Ok(arrival) => {
                        if let Some(end) = self.handle(arrival)? {
                            self.keep_settings();
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
        if self.app.session.hub.is_some() {
            failpoint::hit("draw");
        }
        if std::mem::take(&mut self.redraw) {
            self.terminal.clear().context("the terminal is gone")?;
        }
        let app = &self.app;
        let drawn = self
            .terminal
            .draw(|frame| headless::render(app, frame.buffer_mut()));
        drawn.context("the terminal is gone")?;
        Ok(())
    }

    /// Handles an arrival; returns the end if it is one.
    fn handle(&mut self, arrival: Arrival) -> Result<Option<End>> {
        match arrival {
            Arrival::Event(Event::Failed(reason)) if self.app.session.hub.is_none() => {
                return Ok(Some(End::Failed(reason)));
            }
            Arrival::Event(event) => return self.update(event),
            Arrival::End(signal) => return Ok(Some(End::Signal(signal))),
            Arrival::Stop => self.suspend()?,
            Arrival::Continued => self.resumed = true,
            Arrival::Resized => self.resize()?,
            Arrival::Hangup => return Ok(Some(End::Signal(SIGHUP))),
            Arrival::Broken => return Ok(Some(end_of_panic())),
        }
        Ok(None)
    }

    /// Updates the state and performs the effects; returns the end if there is one among them.
    fn update(&mut self, event: Event) -> Result<Option<End>> {
        if let Event::Resize(width, height) = event {
            self.terminal.backend_mut().resize(Size::new(width, height));
            // Terminals wrap and cut their lines in different ways.
            self.redraw = true;
        }
        self.changed = true;
        for effect in self.app.update(event) {
            if let Some(end) = self.perform(effect)? {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }

    /// Performs an effect; returns the end if it is one.
    fn perform(&mut self, effect: Effect) -> Result<Option<End>> {
        match effect {
            Effect::Ask(question) => self.answers.ask(question),
            Effect::Copy(text) => {
                guard::copy(&text)?;
                let copied = text.replace('\n', ", ");
                self.report(format!("sent to the terminal's clipboard: {copied}"));
            }
            Effect::Export(export, target) => self.export(export, target)?,
            Effect::Keep(change) => self.store(&change),
            Effect::KeepSettings(settings) => self.unkept = Some(settings),
            Effect::Visit(link) => self.visit(link)?,
            Effect::Redraw => self.redraw = true,
            Effect::Reload(hub) => self.loader.reload(hub, &self.to)?,
            Effect::Suspend => self.suspend()?,
            Effect::Quit => return Ok(Some(End::Quit)),
            Effect::Pick(ids) => return Ok(Some(End::Picked(ids))),
            Effect::Interrupt => return Ok(Some(End::Signal(SIGINT))),
        }
        Ok(None)
    }

    /// Exports beside the loop: many rows take their time.
    fn export(&self, export: Export, target: Target) -> Result<()> {
        let (to, screen) = (self.to.clone(), headless::picture_of(&self.app));
        let no_cache = self.loader.cache.is_none().then(|| "--no-cache".to_owned());
        let others: Vec<String> = no_cache.into_iter().collect();
        event::spawn("export", move || {
            let exported = export::export(&export, &target, &screen, &others);
            let _ = to.send(Arrival::Event(Event::Exported(exported)));
        })
    }

    /// Opens a page in the browser, or shows its address where that is not possible.
    fn visit(&self, link: String) -> Result<()> {
        let to = self.to.clone();
        // Openers take their time, and report their failures only then.
        event::spawn("browser", move || {
            let opened = has_desktop() && open::that_detached(&link).is_ok();
            let status = match opened {
                true => format!("opened {link}"),
                false => link,
            };
            let _ = to.send(Arrival::Event(Event::Status(status)));
        })
    }

    /// Shows a status message.
    fn report(&mut self, message: String) {
        self.app.update(Event::Status(message));
        self.changed = true;
    }

    /// Stores a change of the queries. A failure is reported for saved ones, not for the history.
    fn store(&mut self, change: &QueryChange) {
        match (self.state.store(change), change) {
            (Ok(Some(saved)), _) => drop(self.app.update(Event::Saved(saved))),
            (Ok(None), _) | (Err(_), QueryChange::Entered(_)) => {}
            (Err(error), _) => self.report(format!("not saved for the next session: {error:#}")),
        }
    }

    /// Stores the settings that the user has changed in the config file.
    fn keep_settings(&mut self) {
        let Some((new, path)) = self.unkept.take().zip(self.config.as_ref()) else {
            return;
        };
        // Two explorers write one after the other; without a lock, too, each writes a whole file.
        let _lock = self.state.lock();
        match store::store(path, &self.kept, &new) {
            Ok(()) => self.kept = new,
            Err(error) => self.report(format!("Not kept: {error:#}")),
        }
    }

    /// Keeps where the explorer is, to be resumed. A failure costs only that.
    fn keep_session(&self, source: String) {
        let stored = self.app.stored(source).filter(|_| !self.app.picking);
        let _ = stored.map(|session| self.state.keep_session(session));
    }

    fn is_released(&self) -> bool {
        self.released.load(Ordering::SeqCst)
    }

    /// Returns the terminal and stops, as Ctrl-Z does to any program. SIGCONT resumes it.
    fn suspend(&mut self) -> Result<()> {
        if !self.tty.is_job() {
            self.report("there is no shell to go back to".to_owned());
        } else if !self.is_released() {
            guard::restore();
            self.released.store(true, Ordering::SeqCst);
            guard::stop()?;
        }
        Ok(())
    }

    /// Takes the terminal, unless the program runs in the background: `hubscope &` and `bg` leave
    /// it to the shell. Its modes are looked up only now, or those that the shell sets for itself
    /// would be taken for the normal ones.
    fn take_terminal(&mut self) -> Result<()> {
        if self.tty.is_in_background() {
            return guard::stop_in_background();
        }
        self.released.store(false, Ordering::SeqCst);
        self.tty.take()?;
        self.resize()
    }

    /// Draws in the size that the terminal has now.
    fn resize(&mut self) -> Result<()> {
        let size = self.tty.size()?;
        self.update(Event::Resize(size.width, size.height))?;
        Ok(())
    }
}

/// Returns true if the user can see a browser that is started here: not over SSH.
fn has_desktop() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_remote = ["SSH_TTY", "SSH_CONNECTION"].into_iter().any(is_set);
    let desktops = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"];
    !is_remote && (cfg!(target_os = "macos") || desktops.into_iter().any(is_set))
}

/// Makes a panic restore the terminal before it prints its message, and end the program: without
/// one of its threads it would wait forever.
fn restore_on_panic() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if crate::panics::is_caught(&std::thread::current()) {
            return threads::keep_panic(info);
        }
        guard::restore();
        print(info);
        eprintln!("hubscope: {BUG}");
        std::process::exit(2);
    }));
}
