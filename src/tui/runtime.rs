//! The loop of the explorer and everything around its state: the terminal, threads, files.
//! `runtime/effects.rs` performs what the state asks for.

mod effects;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use ratatui::Terminal;
use ratatui::layout::{Position, Rect, Size};

use super::answers::threads::Threads;
use super::app::{App, Event};
use super::config::themes::ThemeChoice;
use super::event::{self, Arrival};
use super::export::Exported;
use super::loader::HubLoader;
use super::settings::Settings;
use super::setup::{End, Start};
use super::state::StateFiles;
use super::terminal::backend::CompactBackend;
use super::terminal::guard::{self, Writer};
use super::terminal::tty::{self, Tty};
use super::terminal::{background, colors, events};
use super::theme::Palette;
use super::{failpoint, headless, sessions};
use crate::present::charset::Charset;
use crate::system::SIGHUP;

/// The longest time a frame waits for an answer, so that a key and its results appear together.
const ANSWER_GRACE: Duration = Duration::from_millis(8);

/// The longest time that the first frame waits for the terminal's background.
const BACKGROUND_GRACE: Duration = Duration::from_millis(100);

/// The longest time after its question that an answer of the terminal is waited for at the end: it
/// would be typed into the shell.
const ANSWER_PATIENCE: Duration = Duration::from_millis(500);
/// Settings are kept after this long without an event.
const SETTINGS_PAUSE: Duration = Duration::from_millis(300);

/// Printed after the message of a panic.
pub(super) const BUG: &str = "this is a bug in hubscope; please report it with the lines above";

/// Returns the end that a caught panic makes.
pub(super) fn end_of_panic() -> End {
    End::Failed(BUG.to_owned())
}

/// The state and everything around it.
pub(super) struct Runtime {
    app: App,
    terminal: Terminal<CompactBackend<Writer>>,
    tty: Tty,
    answers: Threads,
    loader: HubLoader,
    to: Sender<Arrival>,
    state: StateFiles,
    /// The name of the source under which the session is kept.
    session: String,
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
    /// True if the terminal reports the mouse.
    has_mouse: bool,
    /// The chosen colors.
    theme: ThemeChoice,
    /// True if the palette is a guess at the terminal's background, which an answer corrects.
    guesses: bool,
    /// True if it is still to be asked for it.
    to_ask: bool,
    /// The time at which the terminal was asked for its background, until it answers.
    asked: Option<Instant>,
    /// Exports that are being written, or were.
    exports: Vec<JoinHandle<()>>,
}

impl Runtime {
    /// Takes a terminal, and starts everything that runs beside the loop.
    pub(super) fn new(start: Start, tty: Tty, to: Sender<Arrival>) -> Result<Runtime> {
        let size = guard::size(&tty)?;
        let theme = start.setup.theme;
        let from_environment =
            || colors::palette(|name| std::env::var(name).ok(), colors::described);
        let palette = theme.palette.unwrap_or_else(from_environment);
        let is_guess = matches!(palette, Palette::Dark | Palette::Light);
        let guesses = theme.palette.is_none() && is_guess;
        let screen = Rect::from((Position::ORIGIN, size));
        let title = match &start.fetch {
            Some(file) => file.dataset.clone(),
            None => start.source.title(),
        };
        let mut app = App::new(screen, theme.on(palette), title);
        app.charset = Charset::of(|name| std::env::var(name).ok());
        app.picking = start.picking;
        app.session.data = start.named.clone();
        let against = start.against.as_ref();
        app.session.against = against.map(|path| path.display().to_string());
        app.now = event::now();
        let state = StateFiles::of_user();
        app.restore(state.history(), state.saved());
        app.configure(&start.setup.config);
        let session = sessions::key_of(&start.source);
        // A script that lets its user pick models asks one question.
        let last = state.session(&session).filter(|_| !start.picking);
        app.begin(&start.setup.opening, last);
        let loader = HubLoader {
            named: start.named,
            cache: start.cache,
            against: start.against,
            fetch: start.fetch,
        };
        let released = Arc::new(AtomicBool::new(true));
        events::catch_signals(to.clone(), &released)?;
        events::read(tty.clone(), to.clone())?;
        loader.load(start.source, &to)?;
        Ok(Runtime {
            app,
            terminal: Terminal::new(CompactBackend::new(Writer, size))?,
            tty,
            answers: Threads::start(&to)?,
            loader,
            to,
            state,
            session,
            kept: start.setup.config.config.settings.clone(),
            config: start.setup.config.path.clone(),
            unkept: None,
            released,
            resumed: true,
            changed: true,
            redraw: false,
            theme,
            guesses,
            to_ask: guesses && tty::HAS_ANSWERS,
            asked: None,
            has_mouse: false,
            exports: Vec::new(),
        })
    }

    /// Runs the loop until the end.
    pub(super) fn run(&mut self, arrivals: &Receiver<Arrival>) -> Result<End> {
        loop {
            if std::mem::take(&mut self.resumed)
                && let Some(end) = self.take_terminal(arrivals)?
            {
                return Ok(end);
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
            Arrival::Background(is_light) => self.set_background(is_light),
            Arrival::Answered => self.asked = None,
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
        self.follow_settings()?;
        Ok(None)
    }

    /// Brings the terminal up to date with the settings.
    fn follow_settings(&mut self) -> Result<()> {
        let wanted = self.app.session.settings.mouse;
        if self.has_mouse != wanted && !self.is_released() {
            guard::use_mouse(wanted)?;
            self.has_mouse = wanted;
        }
        Ok(())
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
            tty::stop().context("stopping")?;
        }
        Ok(())
    }

    /// Takes the terminal, unless the program runs in the background: `hubscope &` and `bg` leave
    /// it to the shell. Its modes are looked up only now, or those that the shell sets for itself
    /// would be taken for the normal ones.
    ///
    /// Returns the end if that arrives meanwhile.
    fn take_terminal(&mut self, arrivals: &Receiver<Arrival>) -> Result<Option<End>> {
        if self.tty.is_in_background() {
            tty::stop_in_background().context("stopping")?;
            return Ok(None);
        }
        self.released.store(false, Ordering::SeqCst);
        guard::take(&self.tty)?;
        self.has_mouse = false;
        self.resize()?;
        if !std::mem::take(&mut self.to_ask) {
            return Ok(None);
        }
        self.asked = Some(Instant::now());
        guard::Writer.write_all(background::QUESTION)?;
        for arrival in self.await_answer(arrivals, BACKGROUND_GRACE) {
            if let Some(end) = self.handle(arrival)? {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }

    /// Waits until the terminal has answered, at most until this time after the question. Returns
    /// what has arrived meanwhile.
    fn await_answer(&mut self, arrivals: &Receiver<Arrival>, patience: Duration) -> Vec<Arrival> {
        let mut others = Vec::new();
        while let Some(asked) = self.asked {
            let left = (asked + patience).saturating_duration_since(Instant::now());
            match arrivals.recv_timeout(left) {
                Ok(Arrival::Answered) => self.asked = None,
                Ok(other) => others.push(other),
                Err(_) => break,
            }
        }
        others
    }

    /// Gives the terminal back, keeps the session unless the explorer failed, and waits for exports.
    pub(super) fn finish(&mut self, arrivals: &Receiver<Arrival>, has_failed: bool) {
        self.await_answer(arrivals, ANSWER_PATIENCE);
        guard::restore();
        if !has_failed {
            self.keep_session();
        }
        if self.exports.iter().any(|export| !export.is_finished()) {
            eprintln!("hubscope: finishing the export");
        }
        for export in self.exports.drain(..) {
            let _ = export.join();
        }
        while let Ok(arrival) = arrivals.try_recv() {
            if let Arrival::Event(Event::Exported(failed @ Exported::Failed(_))) = arrival {
                eprintln!("hubscope: {}", failed.status());
            }
        }
    }

    /// Draws in the colors for the terminal's background, unless others are asked for.
    fn set_background(&mut self, is_light: bool) {
        let palette = match is_light {
            true => Palette::Light,
            false => Palette::Dark,
        };
        if self.guesses && palette != self.app.theme.palette {
            self.app.theme = self.theme.on(palette);
            self.changed = true;
        }
    }

    /// Draws in the size that the terminal has now.
    fn resize(&mut self) -> Result<()> {
        let size = guard::size(&self.tty)?;
        self.update(Event::Resize(size.width, size.height))?;
        Ok(())
    }
}
