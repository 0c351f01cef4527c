//! Effects: what the state asks for, performed on the terminal, on files and beside the loop.

use anyhow::Result;

use super::Runtime;
use crate::present::atomic::not_of_source;
use crate::system::SIGINT;
use crate::tui::app::{Effect, Event};
use crate::tui::config::store;
use crate::tui::event::{self, Arrival};
use crate::tui::export::{self, Export, Target};
use crate::tui::headless;
use crate::tui::queries::QueryChange;
use crate::tui::setup::End;
use crate::tui::terminal::clipboard;

impl Runtime {
    /// Performs an effect; returns the end if it is one.
    pub(super) fn perform(&mut self, effect: Effect) -> Result<Option<End>> {
        match effect {
            Effect::Ask(question) => self.answers.ask(question),
            Effect::Copy(text) => self.copy(text)?,
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
    fn export(&mut self, export: Export, target: Target) -> Result<()> {
        if let (Target::File { path, .. }, Some(hub)) = (&target, &self.app.session.hub)
            && let Err(error) = not_of_source(hub, path)
        {
            self.report(format!("Not exported: {error:#}"));
            return Ok(());
        }
        let screen = match export {
            Export::Screen => headless::picture_of(&self.app),
            Export::Rows(..) => String::new(),
        };
        let to = self.to.clone();
        self.exports.retain(|export| !export.is_finished());
        let no_cache = self.loader.cache.is_none().then(|| "--no-cache".to_owned());
        let others: Vec<String> = no_cache.into_iter().collect();
        self.exports.push(event::start("export", move || {
            let exported = export::export(&export, &target, &screen, &others);
            let _ = to.send(Arrival::Event(Event::Exported(exported)));
        })?);
        Ok(())
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

    /// Copies a text, beside the loop: tmux may take its time.
    fn copy(&self, text: String) -> Result<()> {
        let to = self.to.clone();
        event::spawn("clipboard", move || {
            let done = clipboard::copy(&text).unwrap_or_else(|error| error.to_string());
            let _ = to.send(Arrival::Event(Event::Status(done)));
        })
    }

    /// Shows a status message.
    pub(super) fn report(&mut self, message: String) {
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
    pub(super) fn keep_settings(&mut self) {
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
    pub(super) fn keep_session(&self) {
        let stored = self
            .app
            .stored(self.session.clone())
            .filter(|_| !self.app.picking);
        let _ = stored.map(|session| self.state.keep_session(session));
    }
}

/// Returns true if the user can see a browser that is started here: not over SSH.
fn has_desktop() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_remote = ["SSH_TTY", "SSH_CONNECTION"].into_iter().any(is_set);
    let desktops = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"];
    !is_remote && (cfg!(any(windows, target_os = "macos")) || desktops.into_iter().any(is_set))
}
