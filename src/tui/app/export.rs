//! Exporting what is shown: the menu of formats, the name of the file, and what became of it.

use super::{App, Effect};
use crate::tui::command::{RowFormat, ShellCommand};
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
        if let Some(mistake) = &query.mistake {
            self.status = Some(mistake.with_column(query.input.value()));
        }
        query.mistake.is_some()
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
        let picture = Request::NameFile(Export::Screen);
        let mut items = vec![Item::new("SVG picture of the screen", "", picture)];
        if let Some(command) = self.command() {
            let rows = |format| Export::Rows(command.clone(), format);
            let file = |format: RowFormat| {
                let name = format!("{} file", format.name);
                let about = command.whole(format).to_string();
                Item::new(name, about, Request::NameFile(rows(format)))
            };
            let copy = |format: RowFormat| {
                let name = format!("{} to the clipboard", format.name);
                Item::new(name, "", Request::Export(rows(format), Target::Clipboard))
            };
            let formats = command.formats();
            items.splice(0..0, formats.iter().copied().map(file));
            items.extend(
                formats
                    .into_iter()
                    .filter(|format| format.is_text)
                    .map(copy),
            );
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
