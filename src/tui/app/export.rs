//! Exporting what is shown: the menu of formats, the name of the file, and what became of it.

use super::{App, Effect};
use crate::tui::command::ShellCommand;
use crate::tui::dialog::Dialog;
use crate::tui::export::{Export, Exported, Target, path_of};
use crate::tui::view::Request;
use crate::tui::views::menu::{Item, Menu};
use crate::tui::views::prompt::{Prompt, Purpose};

impl App {
    /// Returns the command that prints what the view on top shows, if one does.
    pub(super) fn command(&self) -> Option<ShellCommand> {
        let view = self.overlay().unwrap_or_else(|| self.pane(self.focus));
        view.command(&self.session)
    }

    /// Returns true, and says why, if the text in the query line is no query: no command takes it.
    fn refuses_query(&mut self) -> bool {
        let query = &self.session.query;
        let mistake = query.mistake.as_ref();
        let reason = mistake.map(|mistake| mistake.with_column(query.input.value()));
        let is_wrong = reason.is_some();
        self.status = reason.or_else(|| self.status.take());
        is_wrong
    }

    /// Offers the command that prints what is shown, and those that print all of it in each format.
    pub(super) fn offer_commands(&mut self) {
        if self.refuses_query() {
            return;
        }
        let Some(command) = self.command() else {
            self.status = Some("No command prints this view; `e` saves a picture of it".to_owned());
            return;
        };
        let mut texts = vec![("command", command.to_string())];
        let formats = command.formats().into_iter();
        texts.extend(formats.map(|format| (format.name, command.whole(format).to_string())));
        self.offer("Command", texts);
    }

    /// Opens the menu of formats to export in.
    pub(super) fn export_menu(&mut self) {
        if self.refuses_query() {
            return;
        }
        let command = self.command();
        let mut items = Vec::new();
        if let Some(command) = &command {
            let file = |format| {
                let export = Export::Rows(command.clone(), format);
                Item::new(
                    format!("{} file", format.name),
                    command.whole(format).to_string(),
                    Request::NameFile(export),
                )
            };
            items.extend(command.formats().into_iter().map(file));
        }
        items.push(Item::new(
            "SVG picture of the screen",
            "",
            Request::NameFile(Export::Screen),
        ));
        if let Some(command) = &command {
            let formats = command.formats().into_iter();
            let copy = |format| {
                let export = Export::Rows(command.clone(), format);
                let name = format!("{} to the clipboard", format.name);
                Item::new(name, "", Request::Export(export, Target::Clipboard))
            };
            items.extend(formats.filter(|format| format.is_text).map(copy));
        }
        self.open_menu(Menu::new("Export all rows", items));
    }

    /// Asks for the name of the file to export to.
    pub(super) fn name_file(&mut self, export: Export) {
        let about = match &export {
            Export::Rows(command, format) => command.whole(*format).to_string(),
            Export::Screen => "the screen, as it is".to_owned(),
        };
        self.dialog = Some(Dialog::Prompt(Prompt {
            input: export.file_name().into(),
            ..Prompt::new("Write to the file", about, Purpose::Export(export))
        }));
    }

    pub(super) fn export_to(&mut self, export: Export, name: &str) {
        let target = Target::File {
            path: path_of(name),
            replace: false,
        };
        self.start_export(export, target);
    }

    pub(super) fn start_export(&mut self, export: Export, target: Target) {
        // A picture of the screen does not say that it is taken.
        if export != Export::Screen {
            self.status = Some("Exporting…".to_owned());
        }
        self.effects.push(Effect::Export(export, target));
    }

    /// Takes the outcome of an export; asks before a file is replaced.
    pub(super) fn exported(&mut self, exported: Exported) {
        self.status = Some(exported.status());
        match exported {
            Exported::Text(text) => self.effects.push(Effect::Copy(text)),
            Exported::Exists(export, path) => {
                let name = path.display().to_string();
                let target = Target::File {
                    path,
                    replace: true,
                };
                let items = vec![
                    Item::new("choose another name", "", Request::NameFile(export.clone())),
                    Item::new("replace it", name, Request::Export(export, target)),
                ];
                self.open_menu(Menu::new("The file is there already", items));
            }
            Exported::Written(..) | Exported::Failed(_) => {}
        }
    }
}
