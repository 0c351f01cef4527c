//! Dialogs: what covers the panes and takes typed text.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tui_input::Input;

use super::views::menu::Menu;
use super::views::prompt::Prompt;
use crate::tui::keymap::KeyContext;
use crate::tui::theme::Theme;

/// A dialog.
pub enum Dialog {
    Menu(Menu),
    Prompt(Prompt),
}

impl Dialog {
    /// Returns the keymap context of its keys.
    pub fn context(&self) -> KeyContext {
        match self {
            Dialog::Menu(menu) => menu.context,
            Dialog::Prompt(_) => KeyContext::PROMPT,
        }
    }

    /// Returns the line that is typed into.
    pub fn input(&mut self) -> &mut Input {
        match self {
            Dialog::Menu(menu) => &mut menu.filter,
            Dialog::Prompt(prompt) => &mut prompt.input,
        }
    }

    /// Draws it in the middle of the screen.
    pub fn draw(&self, theme: &Theme, screen: Rect, buffer: &mut Buffer) {
        match self {
            Dialog::Menu(menu) => menu.draw(theme, screen, buffer),
            Dialog::Prompt(prompt) => prompt.draw(theme, screen, buffer),
        }
    }
}
