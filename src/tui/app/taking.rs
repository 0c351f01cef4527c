//! What the person takes along: ids, links, commands and code, to the clipboard or to the shell.

use super::{App, Effect};
use crate::format;
use crate::tui::panes::overlay::{Choice, Item, Overlay};

impl App {
    /// The id of the current model, or the name of a ghost.
    pub(super) fn name(&self) -> Option<String> {
        let hub = self.hub.as_ref()?;
        self.current().map(|node| hub.name(node).to_owned())
    }

    /// The ids of all marked models, else that of the current one.
    fn meant(&self) -> Vec<String> {
        let Some(hub) = &self.hub else {
            return Vec::new();
        };
        match self.marks.is_empty() {
            true => self.name().into_iter().collect(),
            false => self
                .marks
                .iter()
                .map(|m| hub.models.id(*m).to_owned())
                .collect(),
        }
    }

    pub(super) fn copy(&mut self) {
        let ids = self.meant();
        if !ids.is_empty() {
            self.effects.push(Effect::Copy(ids.join("\n")));
        }
    }

    pub(super) fn pick(&mut self) {
        let ids = self.meant();
        if !ids.is_empty() {
            self.effects.push(Effect::Pick(ids));
        }
    }

    pub(super) fn copy_menu(&mut self) {
        let Some(id) = self.name() else { return };
        let show = format!("hubscope show {}", format::shell_word(&id));
        let download = format!("hf download {}", format::shell_word(&id));
        let code = format!("AutoModel.from_pretrained({})", format::python_string(&id));
        let texts = vec![
            ("id", id.clone()),
            ("link", format::link(&id)),
            ("show command", show),
            ("download command", download),
            ("transformers code", code),
        ];
        self.offer("Copy", texts);
    }

    fn offer(&mut self, title: &'static str, texts: Vec<(&str, String)>) {
        let item = |(name, text): (&str, String)| Item {
            name: name.to_owned(),
            about: text.clone(),
            keys: String::new(),
            choice: Choice::CopyText(text),
        };
        let menu = Overlay::new(title, texts.into_iter().map(item).collect());
        self.overlay = Some(menu.into());
    }
}
