//! The explorer. [`run`] is its loop, the only place where effects are performed; everything else
//! is a pure state machine (`app.rs`), a pure picture of it (`view.rs`) and thin threads around.

pub mod action;
pub mod app;
mod bars;
mod encode;
mod event;
mod history;
pub mod layout;
pub mod panes;
pub mod question;
mod rows;
pub mod screen;
mod svg;
mod terminal;
pub mod theme;
pub mod view;
mod worker;

use std::io::IsTerminal;
use std::panic;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::Result;
use signal_hook::consts::SIGTSTP;

use crate::engine::data::source::Source;
use app::{App, Effect, Event};
use event::Arrival;
use terminal::Screen;
use theme::{Palette, Theme};
use worker::Worker;

/// So long a frame waits for an answer, so that a key and what it found appear together.
const PATIENCE: Duration = Duration::from_millis(8);

/// How the explorer ended.
pub enum End {
    /// As the person wished.
    Quit,
    /// By this signal.
    Signal(i32),
    /// Nothing could be opened, for this reason.
    Failed(String),
}

/// Runs the explorer on a source until the person leaves.
///
/// # Errors
/// When there is no terminal, or it goes away.
pub fn run(source: Source, palette: Option<Palette>) -> Result<End> {
    let palette = palette.unwrap_or_else(|| Theme::palette_for(|name| std::env::var(name).ok()));
    give_back_on_panic();
    let (to, arrivals) = channel();
    let screen = Screen::take()?;
    let app = App::new(Screen::size()?, Theme::of(palette), source.title());
    event::load(source, to.clone())?;
    event::catch_signals(to.clone())?;
    event::read_terminal(to.clone())?;
    let worker = Worker::start(&to)?;
    Ring {
        app,
        screen,
        worker,
        changed: true,
        whole: false,
    }
    .turn(&arrivals)
}

/// The state and everything around it.
struct Ring {
    app: App,
    screen: Screen,
    worker: Worker,
    /// Whether something happened since the last frame.
    changed: bool,
    /// Whether the next frame is to be drawn whole.
    whole: bool,
}

impl Ring {
    fn turn(&mut self, arrivals: &Receiver<Arrival>) -> Result<End> {
        loop {
            if std::mem::take(&mut self.changed) {
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
        self.screen
            .draw(app.screen, |buffer| view::draw(app, buffer))
    }

    /// Lets one thing happen; the end, if that is one.
    fn take_in(&mut self, arrival: Arrival) -> Result<Option<End>> {
        match arrival {
            Arrival::Event(Event::Failed(reason)) if self.app.hub.is_none() => {
                return Ok(Some(End::Failed(reason)));
            }
            Arrival::Event(event) => {
                self.changed = true;
                for effect in self.app.update(event) {
                    if self.perform(effect)? {
                        return Ok(Some(End::Quit));
                    }
                }
            }
            Arrival::Leave(signal) => return Ok(Some(End::Signal(signal))),
            Arrival::Stop => self.suspend()?,
            Arrival::Continued => self.come_back()?,
            Arrival::Hangup => return Ok(Some(End::Signal(signal_hook::consts::SIGHUP))),
        }
        Ok(None)
    }

    /// Does what the state asks for; `true` to leave.
    fn perform(&mut self, effect: Effect) -> Result<bool> {
        match effect {
            Effect::Ask(question) => self.worker.ask(question),
            Effect::Copy(text) => {
                self.screen.copy(&text)?;
                let told = format!(
                    "sent to the terminal's clipboard: {}",
                    text.replace('\n', ", ")
                );
                self.app.update(Event::Told(told));
            }
            Effect::Visit(link) => {
                let told = if visit(&link) {
                    format!("opened {link}")
                } else {
                    link
                };
                self.app.update(Event::Told(told));
            }
            Effect::Redraw => self.whole = true,
            Effect::Suspend => self.suspend()?,
            Effect::Quit => return Ok(true),
        }
        Ok(false)
    }

    /// Gives the terminal back and stops, as Ctrl-Z does to any program; goes on after `fg`.
    fn suspend(&mut self) -> Result<()> {
        terminal::give_back();
        signal_hook::low_level::emulate_default_handler(SIGTSTP)?;
        self.come_back()
    }

    fn come_back(&mut self) -> Result<()> {
        self.screen.enter()?;
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
    let quiet = command
        .arg(link)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.spawn().is_ok()
}

/// Lets a panic give the terminal back before it tells its reason. A panic in a thread beside the
/// loop ends the program, for the loop would wait for that thread's answers for ever.
fn give_back_on_panic() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let thread = std::thread::current();
        // What panics while a file is read is caught there and told as an error of that file.
        if crate::is_caught(&thread) {
            return;
        }
        if std::io::stdout().is_terminal() {
            terminal::give_back();
        }
        tell(info);
        eprintln!(
            "hubscope: this is a mistake in the program; please report it with the lines above"
        );
        std::process::exit(2);
    }));
}
