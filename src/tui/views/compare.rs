//! The comparison of models side by side: a column each, a line for each property. Differences are
//! marked; lines without one are dim.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::engine::lineage::graph::Node;
use crate::engine::table::field::{FIELDS, Field, FieldInfo, Kind};
use crate::engine::table::models::ModelId;
use crate::engine::table::stage::Stage;
use crate::present::format;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::session::Session;
use crate::tui::view::{PaneContext, Request, View};
use crate::tui::widgets::{Cursor, blank, fit, put, put_right, scrollbar, width, wrap};

/// The width of the labels.
const LABEL: u16 = 15;
/// The minimum and maximum width of a model.
const CELLS: (u16, u16) = (17, 44);
/// The maximum number of lines of an id or a value.
const LINES: usize = 3;

/// The models, and the part of the table on screen.
pub struct Compare {
    models: Vec<ModelId>,
    /// The first model on screen.
    left: usize,
    /// The first line on screen below the ids.
    top: usize,
}

/// A property and its value of each model.
struct Row {
    label: &'static str,
    /// True if not all models have the same value.
    differs: bool,
    cells: Vec<Cell>,
}

struct Cell {
    text: String,
    /// True if no model has more, and some have less.
    most: bool,
}

/// A line of the table; a row may have several.
struct Line {
    label: &'static str,
    differs: bool,
    pieces: Vec<(String, bool)>,
}

impl Compare {
    /// Opens the comparison of the marked models, or of the marked and the current one.
    ///
    /// # Errors
    /// When that is fewer than two.
    pub fn open(session: &Session) -> Result<Compare, String> {
        let mut models = session.marks.clone();
        if models.len() < 2 {
            let current = session.current_model();
            models.extend(current.filter(|model| !session.marks.contains(model)));
        }
        if models.len() < 2 {
            let key = session.key(KeyContext::PANES, Action::Mark);
            return Err(format!("Mark models with {key}, then compare them"));
        }
        Ok(Compare {
            models,
            left: 0,
            top: 0,
        })
    }

    fn scroll(&mut self, cx: PaneContext, action: Action, area: Rect) {
        let (shown, _) = self.columns(area);
        self.left = self.first(area);
        match action {
            Action::Left => self.left = self.left.saturating_sub(1),
            Action::Right => self.left = (self.left + 1).min(self.models.len() - shown),
            _ => {
                let height = usize::from(self.table(cx, area).height);
                let len = self.lines(cx, area).len();
                let top = self.top.min(len.saturating_sub(height));
                // There is no cursor: a step moves the window.
                let at = match action {
                    Action::Up | Action::PageUp | Action::First => top,
                    _ => (top + height).saturating_sub(1),
                };
                let mut cursor = Cursor { at, top };
                cursor.go(action, len, height);
                self.top = cursor.top;
            }
        }
    }

    /// Returns the number of models on screen, and the width of each.
    fn columns(&self, area: Rect) -> (usize, u16) {
        let room = area.width.saturating_sub(LABEL);
        let fitting = usize::from(room / CELLS.0);
        let shown = fitting.clamp(1, self.models.len().max(1));
        let cells = room / u16::try_from(shown).unwrap_or(1);
        (shown, cells.min(CELLS.1))
    }

    /// The first model seen, with no room left over on the right of the last.
    fn first(&self, area: Rect) -> usize {
        let (shown, _) = self.columns(area);
        self.left.min(self.models.len().saturating_sub(shown))
    }

    fn shown(&self, area: Rect) -> &[ModelId] {
        let first = self.first(area);
        let (shown, _) = self.columns(area);
        &self.models[first..self.models.len().min(first + shown)]
    }

    /// Cells for text in each column: one on either side is left free.
    fn room(&self, area: Rect) -> usize {
        usize::from(self.columns(area).1).saturating_sub(2)
    }

    /// The ids as lines, as many as the longest needs and a low screen has room for.
    fn heads(&self, cx: PaneContext, area: Rect) -> Vec<Vec<String>> {
        let lines = LINES.min(usize::from(area.height) / 2);
        let head = |m: &ModelId| wrap_within(cx.hub.models.id(*m), self.room(area), lines);
        self.shown(area).iter().map(head).collect()
    }

    /// Returns the area of the lines below the ids.
    fn table(&self, cx: PaneContext, area: Rect) -> Rect {
        let heads = self.heads(cx, area).iter().map(Vec::len).max();
        // The title, and the ids.
        let above = u16::try_from(heads.unwrap_or(0) + 1).unwrap_or(u16::MAX);
        let above = above.min(area.height);
        Rect {
            y: area.y + above,
            height: area.height - above,
            ..area
        }
    }

    fn lines(&self, cx: PaneContext, area: Rect) -> Vec<Line> {
        let room = self.room(area);
        let first = self.first(area);
        let shown = self.shown(area).len();
        let lines_of = |row: Row| {
            let seen = row.cells.iter().skip(first).take(shown);
            let wrapped: Vec<(Vec<String>, bool)> = seen
                .map(|cell| (wrap_within(&cell.text, room, LINES), cell.most))
                .collect();
            let height = wrapped.iter().map(|(lines, _)| lines.len()).max();
            (0..height.unwrap_or(0)).map(move |at| Line {
                label: if at == 0 { row.label } else { "" },
                differs: row.differs,
                pieces: wrapped
                    .iter()
                    .map(|(lines, most)| (lines.get(at).cloned().unwrap_or_default(), *most))
                    .collect(),
            })
        };
        self.rows(cx).into_iter().flat_map(lines_of).collect()
    }

    /// Every property of every model: the table of fields, and what follows from them and from
    /// the graph, each beside what it belongs to.
    fn rows(&self, cx: PaneContext) -> Vec<Row> {
        let mut rows = Vec::new();
        let is_separate = |info: &&FieldInfo| info.kind == Kind::Text || info.kind == Kind::Share;
        let offered = FIELDS.iter().filter(|info| cx.hub.offers(info.field));
        for info in offered.filter(|info| !is_separate(info)) {
            rows.push(self.field(cx, info));
            match info.field {
                Field::DownloadsAllTime => {
                    rows.push(self.field(cx, Field::RecentShare.info()));
                }
                Field::Relation => rows.push(self.bases(cx)),
                _ => {}
            }
        }
        rows
    }

    fn field(&self, cx: PaneContext, info: &FieldInfo) -> Row {
        let models = &cx.hub.models;
        let stage = Stage::of(info.field);
        let number = |m| models.number(info.field, m);
        match info.kind {
            Kind::Count => self.measured(cx, info.title, stage, number, format::grouped),
            Kind::Bytes | Kind::Share | Kind::Change | Kind::Growth => {
                let text = |value| cx.in_short(info.field, value);
                self.measured(cx, info.title, stage, number, text)
            }
            Kind::Score => {
                let score = |m| models.score(info.field, m);
                self.measured(cx, info.title, stage, score, |score| score.to_string())
            }
            Kind::Time => {
                let texts = self.of_each(|m| cx.value(stage, number(m).map(format::day)));
                row(info.title, texts)
            }
            Kind::Word | Kind::Text => {
                let word = |m| models.word(info.field, m).map(str::to_owned);
                row(info.title, self.of_each(|m| cx.value(stage, word(m))))
            }
        }
    }

    fn bases(&self, cx: PaneContext) -> Row {
        let names = |m| {
            let bases = cx.hub.graph.bases(Node::from(m)).iter();
            let names: Vec<&str> = bases.map(|base| cx.hub.name(*base)).collect();
            (!names.is_empty()).then(|| names.join(", "))
        };
        let stage = Stage::Lineage;
        row("bases", self.of_each(|m| cx.value(stage, names(m))))
    }

    fn of_each(&self, text: impl Fn(ModelId) -> String) -> Vec<String> {
        self.models.iter().map(|model| text(*model)).collect()
    }

    /// A row of which there can be more or less.
    fn measured<T: PartialOrd + Copy>(
        &self,
        cx: PaneContext,
        label: &'static str,
        stage: Stage,
        value: impl Fn(ModelId) -> Option<T>,
        text: impl Fn(T) -> String,
    ) -> Row {
        let mut row = row(
            label,
            self.of_each(|m| cx.value(stage, value(m).map(&text))),
        );
        let values: Vec<Option<T>> = self.models.iter().map(|m| value(*m)).collect();
        let known = || values.iter().flatten();
        for (cell, value) in row.cells.iter_mut().zip(&values) {
            let most = value.is_some_and(|value| known().all(|other| *other <= value));
            cell.most = most && row.differs;
        }
        row
    }
}

impl View for Compare {
    fn context(&self) -> KeyContext {
        KeyContext("compare")
    }

    fn act(&mut self, action: Action, cx: PaneContext, area: Rect) -> Vec<Request> {
        match action {
            Action::Close => return vec![Request::Close],
            Action::Copy => {
                let ids: Vec<&str> = self.models.iter().map(|m| cx.hub.models.id(*m)).collect();
                return vec![Request::Copy(ids.join("\n"))];
            }
            _ => self.scroll(cx, action, area),
        }
        Vec::new()
    }

    fn draw(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        blank(area, buffer);
        if area.is_empty() {
            return;
        }
        self.draw_title(cx, area, buffer);
        let heads = self.heads(cx, area);
        for (column, head) in heads.iter().enumerate() {
            for (line, y) in head.iter().zip(area.y + 1..area.bottom()) {
                self.put_in(column, y, line, cx.theme.focused, area, buffer);
            }
        }
        let table = self.table(cx, area);
        let lines = self.lines(cx, area);
        let top = self
            .top
            .min(lines.len().saturating_sub(table.height.into()));
        for (line, y) in lines.iter().skip(top).zip(table.y..table.bottom()) {
            self.draw_line(cx, line, y, area, buffer);
        }
        let cursor = Cursor { at: top, top };
        scrollbar(buffer, table, cursor, lines.len(), cx.theme.line);
    }
}

impl Compare {
    fn draw_line(&self, cx: PaneContext, line: &Line, y: u16, area: Rect, buffer: &mut Buffer) {
        let theme = cx.theme;
        let style = if line.differs { theme.text } else { theme.dim };
        if line.differs && !line.label.is_empty() {
            put(buffer, (area.x, y), "≠", 1, theme.here);
        }
        let room = usize::from(LABEL.min(area.width)).saturating_sub(3);
        put(buffer, (area.x + 2, y), &fit(line.label, room), room, style);
        for (column, (piece, most)) in line.pieces.iter().enumerate() {
            let style = if *most { theme.accent } else { style };
            self.put_in(column, y, piece, style, area, buffer);
        }
    }

    fn put_in(
        &self,
        column: usize,
        y: u16,
        text: &str,
        style: Style,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let (_, cells) = self.columns(area);
        let offset = u16::try_from(column).unwrap_or(0).saturating_mul(cells);
        let x = area.x.saturating_add(LABEL).saturating_add(offset);
        put(buffer, (x, y), text, self.room(area), style);
    }

    /// A title as the panes have it; on its right, how many models there are on either side.
    fn draw_title(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        let style = cx.theme.focused;
        for x in area.x..area.right() {
            put(buffer, (x, area.y), "━", 1, style);
        }
        let name = format!(" ● Compare {} models ", self.models.len());
        let room = usize::from(area.width).saturating_sub(1);
        let end = put(buffer, (area.x + 1, area.y), &name, room, style);
        let before = self.first(area);
        let after = self.models.len() - before - self.shown(area).len();
        let mut notes = Vec::new();
        if before > 0 {
            notes.push(format!("← {before} more"));
        }
        if after > 0 {
            notes.push(format!("{after} more →"));
        }
        let note = format!(" {} ", notes.join(" · "));
        if !notes.is_empty() && usize::from(area.right().saturating_sub(end)) > width(&note) {
            put_right(buffer, area.right().saturating_sub(1), area.y, &note, style);
        }
    }
}

fn row(label: &'static str, texts: Vec<String>) -> Row {
    let cell = |text| Cell { text, most: false };
    Row {
        label,
        differs: texts.windows(2).any(|two| two[0] != two[1]),
        cells: texts.into_iter().map(cell).collect(),
    }
}

/// Wraps a text into at most `lines` lines; the last one keeps the end of the text.
fn wrap_within(text: &str, room: usize, lines: usize) -> Vec<String> {
    let mut pieces = wrap(text, room.max(2));
    if pieces.len() > lines && lines > 0 {
        let rest = pieces.split_off(lines - 1).concat();
        pieces.push(fit(&rest, room).into_owned());
    }
    pieces.truncate(lines);
    pieces
}
