//! Lines that are filled with words, below each other and indented.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::tui::widgets::width;

/// The least room beside the indentation: deeper text is not indented further.
const LEAST: usize = 8;

/// The most levels of indentation.
const DEEPEST: usize = 16;

/// A level of indentation.
struct Indent {
    /// The sign of the first line, until that is written.
    first: Option<String>,
    rest: String,
}

/// Lines on their way.
pub(super) struct Flow {
    room: usize,
    lines: Vec<Line<'static>>,
    /// The line that is being filled, with the cells that are taken.
    line: Vec<Span<'static>>,
    taken: usize,
    indents: Vec<Indent>,
    /// The cells of all indentations.
    indented: usize,
    /// The levels beyond those that are indented.
    deeper: usize,
    /// True if a blank is to be written before the next word.
    is_blank_due: bool,
    /// True if an empty line is to be written before the next one.
    is_paragraph_due: bool,
    /// The lines in which links begin, by their numbers from 0.
    links: Vec<Option<usize>>,
    /// The link of the last word.
    link: Option<usize>,
}

impl Flow {
    pub fn new(room: usize) -> Flow {
        Flow {
            room: room.max(2),
            lines: Vec::new(),
            line: Vec::new(),
            taken: 0,
            indents: Vec::new(),
            indented: 0,
            deeper: 0,
            is_blank_due: false,
            is_paragraph_due: false,
            links: Vec::new(),
            link: None,
        }
    }

    /// Returns the cells of a line beside the indentation.
    pub fn room(&self) -> usize {
        self.room.saturating_sub(self.indented).max(1)
    }

    /// Ends the line, if anything is in it.
    pub fn line(&mut self) {
        if !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.lines.push(Line::from(line));
        }
        self.taken = 0;
        self.is_blank_due = false;
    }

    /// Ends the paragraph: an empty line follows if any text does.
    pub fn paragraph(&mut self) {
        self.line();
        self.is_paragraph_due = !self.lines.is_empty();
    }

    /// Indents the lines that follow: the first with a sign.
    pub fn indent(&mut self, first: &str, rest: &str) {
        if self.indents.len() == DEEPEST {
            self.deeper += 1;
            return;
        }
        let is_deep = self.room() < LEAST + width(rest);
        let [first, rest] = match is_deep {
            true => ["", ""],
            false => [first, rest],
        };
        self.indented += width(rest);
        self.indents.push(Indent {
            first: Some(first.to_owned()),
            rest: rest.to_owned(),
        });
    }

    /// Ends a level of indentation.
    pub fn outdent(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return self.line();
        }
        // A sign without a text, too, is shown.
        if self
            .indents
            .last()
            .is_some_and(|indent| indent.first.is_some())
            && self.line.is_empty()
        {
            self.begin();
        }
        self.line();
        if let Some(indent) = self.indents.pop() {
            self.indented -= width(&indent.rest);
        }
    }

    /// Fills lines with the words of a text.
    pub fn words(&mut self, text: &str, style: Style, link: Option<usize>) {
        for (at, word) in text.split(char::is_whitespace).enumerate() {
            self.is_blank_due |= at > 0;
            if !word.is_empty() {
                self.word(word, style, link);
            }
        }
    }

    fn word(&mut self, word: &str, style: Style, link: Option<usize>) {
        let blank = usize::from(self.is_blank_due && self.taken > 0);
        if self.taken > 0 && self.taken + blank + width(word) > self.room() {
            self.line();
        } else if blank > 0 {
            // The blank before a link is not of it.
            let is_within = link.is_some() && self.link == link;
            self.push(" ", if is_within { style } else { Style::default() });
        }
        self.link = link;
        self.is_blank_due = false;
        for piece in pieces(word, self.room()) {
            if self.taken > 0 && self.taken + width(piece) > self.room() {
                self.line();
            }
            self.push(piece, style);
            if let Some(link) = link {
                self.begins(link);
            }
        }
    }

    /// Notes that a link begins in this line, unless it began before.
    pub fn begins(&mut self, link: usize) {
        if self.links.len() <= link {
            self.links.resize(link + 1, None);
        }
        self.links[link].get_or_insert(self.lines.len());
    }

    /// Writes lines of code, which are broken anywhere.
    pub fn verbatim(&mut self, text: &str, style: Style) {
        self.line();
        let mut all = pieces(text, self.room());
        if all.is_empty() {
            all.push("");
        }
        for piece in all {
            self.push(piece, style);
            self.line();
        }
    }

    pub fn rule(&mut self, style: Style) {
        self.paragraph();
        let rule = "─".repeat(self.room());
        self.push(&rule, style);
        self.paragraph();
    }

    /// Writes lines that are made already.
    pub fn extend(&mut self, lines: Vec<Vec<Span<'static>>>) {
        for line in lines {
            self.begin();
            self.line.extend(line);
            self.line();
        }
    }

    /// Returns the lines, and the lines in which links begin.
    pub fn finish(mut self) -> (Vec<Line<'static>>, Vec<Option<usize>>) {
        self.line();
        (self.lines, self.links)
    }

    fn push(&mut self, text: &str, style: Style) {
        if self.line.is_empty() {
            self.begin();
        }
        self.taken += width(text);
        self.line.push(Span::styled(text.to_owned(), style));
    }

    /// Begins a line with its indentation.
    fn begin(&mut self) {
        if std::mem::take(&mut self.is_paragraph_due) {
            // A quotation goes on over an empty line.
            let used = self.indents.iter().filter(|indent| indent.first.is_none());
            let signs: String = used.map(|indent| indent.rest.as_str()).collect();
            self.lines.push(Line::from(signs.trim_end().to_owned()));
        }
        for indent in &mut self.indents {
            let sign = indent.first.take().unwrap_or_else(|| indent.rest.clone());
            self.line.push(Span::raw(sign));
        }
    }
}

/// Returns a text in pieces of at most this many cells.
fn pieces(text: &str, room: usize) -> Vec<&str> {
    let (mut pieces, mut start, mut taken) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        let own = width(c.encode_utf8(&mut [0; 4]));
        if taken + own > room && at > start {
            pieces.push(&text[start..at]);
            (start, taken) = (at, 0);
        }
        taken += own;
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}
