//! The model card of the current model, from the Hub.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

use crate::engine::lineage::graph::Node;
use crate::present::format;
use crate::tui::answers::{Finding, Topic};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::markdown::{Rendered, render};
use crate::tui::session::Session;
use crate::tui::theme::Palette;
use crate::tui::view::{PaneContext, Request, View};
use crate::tui::widgets::{Cursor, blank, fit, put, scrollbar, wrap};

/// The widest text: longer lines are hard to read.
const WIDEST: u16 = 100;

/// The card of a node, the first line on screen and the selected link.
pub struct CardView {
    node: Node,
    id: String,
    card: Option<Result<Arc<str>, String>>,
    /// The card as it is drawn, with what that depends on.
    rendered: (Option<Appearance>, Rendered),
    top: usize,
    link: Option<usize>,
}

/// The width, the palette and the selected link of a text that is drawn.
type Appearance = (u16, Palette, Option<usize>);

impl View for CardView {
    fn context(&self) -> KeyContext {
        KeyContext("card")
    }

    fn act(&mut self, action: Action, _cx: PaneContext, area: Rect) -> Vec<Request> {
        let Rendered { lines, links } = &self.rendered.1;
        let height = usize::from(text_area(area).height);
        match action {
            Action::Close => return vec![Request::Close],
            Action::Accept => {
                let Some(link) = self.link.and_then(|link| links.get(link)) else {
                    return Request::status("Select a link first");
                };
                let url = self.absolute(&link.url);
                // Whoever wrote the card must not start other programs.
                return match is_page(&url) {
                    true => vec![Request::Visit(url)],
                    false => Request::status(format!("Not opened: {url}")),
                };
            }
            Action::NextField | Action::PreviousField if links.is_empty() => {
                return Request::status("The card has no links");
            }
            Action::NextField | Action::PreviousField => {
                let count = links.len();
                let link = match (self.link, action) {
                    (None, Action::NextField) => 0,
                    (None, _) => count - 1,
                    (Some(link), Action::NextField) => (link + 1) % count,
                    (Some(link), _) => (link + count - 1) % count,
                };
                self.link = Some(link);
                let line = links[link].line;
                if !(self.top..self.top + height).contains(&line) {
                    self.top = line.saturating_sub(height / 2);
                }
            }
            _ => {
                // A step moves the window, as in the details.
                let at = match action {
                    Action::Up | Action::PageUp | Action::First => self.top,
                    _ => (self.top + height).saturating_sub(1),
                };
                let mut cursor = Cursor { at, top: self.top };
                cursor.go(action, lines.len(), height);
                self.top = cursor.top;
            }
        }
        Vec::new()
    }

    fn topics(&self, _session: &Session) -> Vec<Topic> {
        match self.card {
            None => vec![Topic::Card(self.node)],
            Some(_) => Vec::new(),
        }
    }

    fn take(&mut self, finding: &Finding, _session: &Session, _area: Rect) {
        if let Finding::Card((node, card)) = finding
            && *node == self.node
        {
            self.card = Some(card.clone());
        }
    }

    fn settle(&mut self, cx: PaneContext, area: Rect) {
        let width = text_area(area).width;
        let appearance = (width, cx.theme.palette, self.link);
        if let Some(Ok(card)) = &self.card
            && self.rendered.0 != Some(appearance)
        {
            let text = render(card, width.into(), cx.theme, self.link);
            self.rendered = (Some(appearance), text);
        }
    }

    fn draw(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        blank(area, buffer);
        let room = usize::from(area.width);
        let title = format!("━ Model card of {}", self.id);
        let style = cx.theme.focused;
        put(buffer, (area.x, area.y), &fit(&title, room), room, style);
        let inside = text_area(area);
        let rendered = match &self.card {
            None => {
                let at = (inside.x, inside.y);
                put(
                    buffer,
                    at,
                    "Asking the Hub…",
                    inside.width.into(),
                    cx.theme.dim,
                );
                return;
            }
            Some(Err(reason)) => {
                let lines = wrap(reason, usize::from(inside.width).max(1));
                for (line, y) in lines.iter().zip(inside.y..inside.bottom()) {
                    put(
                        buffer,
                        (inside.x, y),
                        line,
                        inside.width.into(),
                        cx.theme.error,
                    );
                }
                return;
            }
            Some(Ok(_)) => &self.rendered.1,
        };
        let height = usize::from(inside.height);
        let top = self.top.min(rendered.lines.len().saturating_sub(height));
        for (line, y) in rendered
            .lines
            .iter()
            .skip(top)
            .zip(inside.y..inside.bottom())
        {
            line.render(
                Rect {
                    y,
                    height: 1,
                    ..inside
                },
                buffer,
            );
        }
        let below = Rect {
            y: inside.y,
            height: inside.height,
            ..area
        };
        let cursor = Cursor { at: top, top };
        scrollbar(buffer, below, cursor, rendered.lines.len(), cx.theme.line);
    }
}

impl CardView {
    /// Opens the card of the current node.
    ///
    /// # Errors
    /// When no node is selected.
    pub fn open(session: &Session) -> Result<CardView, String> {
        let node = session.current.zip(session.current_name());
        let (node, id) = node.ok_or("No model is selected")?;
        Ok(CardView {
            node,
            id,
            card: None,
            rendered: (None, Rendered::default()),
            top: 0,
            link: None,
        })
    }

    /// Returns the address of a link; a relative one is of a file beside the card.
    fn absolute(&self, url: &str) -> String {
        let start = url.split(['/', '?', '#']).next().unwrap_or_default();
        if start.contains(':') {
            return url.to_owned();
        }
        match url.strip_prefix('/') {
            Some(path) if path.starts_with('/') => format!("https:{url}"),
            Some(path) => format!("https://huggingface.co/{path}"),
            None => {
                let file = url.trim_start_matches("./");
                format!("{}/blob/main/{file}", format::link(&self.id))
            }
        }
    }
}

/// Returns true if an address is of the web or of a mailbox.
fn is_page(url: &str) -> bool {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    let pages = ["http", "https", "mailto"];
    pages.iter().any(|page| scheme.eq_ignore_ascii_case(page))
}

/// The area of the text, below the title.
fn text_area(area: Rect) -> Rect {
    Rect {
        x: area.x + area.width.min(1),
        y: area.y + area.height.min(1),
        width: area.width.saturating_sub(3).min(WIDEST),
        height: area.height.saturating_sub(1),
    }
}
