//! What the person takes along: ids, links, commands and code, to the clipboard or to the shell.

use super::{App, Effect};
use crate::engine::table::order::Order;
use crate::present::format;
use crate::tui::command::{self, Opened};
use crate::tui::layout::Pane;
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
        let show = command::show(&id, self.opened());
        let download = format!("hf download {}", format::shell_word(&id));
        let code = format!("AutoModel.from_pretrained({})", format::python_string(&id));
        let mut texts = vec![
            ("id", id.clone()),
            ("link", format::link(&id)),
            ("command", self.command().unwrap_or_default()),
            ("show command", show),
            ("download command", download),
            ("transformers code", code),
        ];
        // Where the pane has no command, or the one that shows the model.
        texts.retain(|(_, text)| !text.is_empty());
        texts.dedup_by(|one, before| one.1 == before.1);
        self.offer("Copy", texts);
    }

    /// Shows the command that prints what the pane shows; Enter copies it.
    pub(super) fn show_command(&mut self) {
        match self.command() {
            Some(text) => self.offer("Command", vec![("command", text)]),
            None => self.message = Some("no command prints this".to_owned()),
        }
    }

    /// The same of the statistics.
    pub(super) fn show_command_of_statistics(&mut self) {
        let query = self.list.input.value().trim();
        let text = command::stats(query, self.opened());
        self.offer("Command", vec![("command", text)]);
    }

    fn opened(&self) -> Opened<'_> {
        Opened {
            data: self.data.as_deref(),
            against: self.against.as_deref(),
        }
    }

    /// The command that prints what the pane shows.
    fn command(&self) -> Option<String> {
        let from = self.opened();
        let query = self.list.input.value().trim();
        match self.focus {
            Pane::Models => {
                let told = self.list.parsed.query.sort.is_some();
                let order = if told {
                    Order::default()
                } else {
                    self.list.order
                };
                Some(command::search(query, order, from))
            }
            Pane::Tree if self.tree.shows_families() => {
                Some(command::roots(self.tree.order(), from))
            }
            Pane::Tree => {
                let folds = self.tree.folds && self.tree.matching.is_some();
                let query = Some(query).filter(|_| folds);
                let order = self.tree.order();
                self.name().map(|id| command::tree(&id, order, query, from))
            }
            Pane::Details => self.name().map(|id| command::show(&id, from)),
            Pane::Histogram => {
                let field = self.chart.field;
                Some(command::hist(field, self.chart.binning(), query, from))
            }
        }
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
