//! A line over the panes to type a name into.

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use tui_input::Input;

use crate::tui::export::Export;
use crate::tui::theme::Theme;
use crate::tui::widgets::{draw_dialog, draw_input, fit, put, width};

/// What a name is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A query, to be saved.
    Query(String),
    Export(Export),
    /// A part of a name, to be found in the tree.
    Find,
}

/// A prompt.
pub struct Prompt {
    pub title: &'static str,
    /// What is to be named; shown below the line.
    pub about: String,
    pub purpose: Purpose,
    pub input: Input,
}

impl Prompt {
    /// Returns a prompt with an empty line.
    pub fn new(title: &'static str, about: String, purpose: Purpose) -> Prompt {
        Prompt {
            title,
            about,
            purpose,
            input: Input::default(),
        }
    }

    /// Draws it in the middle of the screen.
    pub fn draw(&self, theme: &Theme, screen: Rect, buffer: &mut Buffer) {
        let wanted = u16::try_from(width(&self.about) + 4).unwrap_or(u16::MAX);
        let wide = screen.width.min(wanted.clamp(40, 80));
        let high = screen.height.min(4);
        let area = Rect {
            x: screen.x + (screen.width - wide) / 2,
            y: screen.y + (screen.height - high) / 2,
            width: wide,
            height: high,
        };
        let inside = draw_dialog(self.title, area, theme, buffer).inner(Margin::new(1, 0));
        if inside.is_empty() {
            return;
        }
        draw_input(&self.input, inside, theme.text, buffer);
        if inside.height > 1 {
            let room = usize::from(inside.width);
            let about = fit(&self.about, room);
            put(buffer, (inside.x, inside.y + 1), &about, room, theme.dim);
        }
    }
}
