//! The curves of the marked models, or of the current one, over the snapshots of the history.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::widgets::{Axis, Chart, Dataset, GraphType, Widget};

use crate::engine::history::Counter;
use crate::engine::history::curve::CurvePoint;
use crate::engine::lineage::graph::Node;
use crate::present::format;
use crate::tui::answers::{Finding, Topic};
use crate::tui::command::{self, ShellCommand};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::session::Session;
use crate::tui::theme::Theme;
use crate::tui::view::{PaneContext, Request, View};
use crate::tui::widgets::{blank, fit, put, wrap};

/// The most curves at a time: more have no colors of their own.
const MOST: usize = 5;

/// The signs of curves in the legend.
const SIGN: &str = "●";

/// The curves, and how they are drawn.
pub struct CurvesView {
    nodes: Vec<Node>,
    names: Vec<String>,
    /// True for the sums over families.
    of_families: bool,
    counter: Counter,
    is_log: bool,
    /// True if each curve begins at the left, whenever that was.
    is_aligned: bool,
    /// In the order of the nodes.
    curves: Option<Result<Arc<Vec<Vec<CurvePoint>>>, String>>,
}

/// A curve as it is drawn: days and numbers.
struct Line {
    points: Vec<(f64, f64)>,
    /// The day and number of the highest point.
    peak: (NaiveDate, i64),
    last: i64,
}

impl View for CurvesView {
    fn context(&self) -> KeyContext {
        KeyContext("curves")
    }

    fn act(&mut self, action: Action, _cx: PaneContext, _area: Rect) -> Vec<Request> {
        match action {
            Action::Close => return vec![Request::Close],
            Action::NextField | Action::PreviousField => {
                let step = if action == Action::NextField { 1 } else { 2 };
                let at = (self.counter as usize + step) % Counter::ALL.len();
                self.counter = Counter::ALL[at];
            }
            Action::Scale => self.is_log = !self.is_log,
            Action::Fold => self.is_aligned = !self.is_aligned,
            Action::Family => {
                self.of_families = !self.of_families;
                self.curves = None;
                return vec![Request::Ask(self.topic())];
            }
            _ => {}
        }
        Vec::new()
    }

    fn topics(&self, _session: &Session) -> Vec<Topic> {
        match self.curves {
            None => vec![self.topic()],
            Some(_) => Vec::new(),
        }
    }

    fn take(&mut self, finding: &Finding, _session: &Session, _area: Rect) {
        if let Finding::Curves((topic, curves)) = finding
            && *topic == (self.nodes.clone(), self.of_families)
        {
            self.curves = Some(curves.clone());
        }
    }

    fn command(&self, session: &Session) -> Option<ShellCommand> {
        let family = if self.of_families { "family:" } else { "" };
        let what = format!("{family}{}", self.names.first()?);
        Some(command::curve(&what, session.opened()))
    }

    fn draw(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        blank(area, buffer);
        let room = usize::from(area.width);
        let of = if self.of_families { " of families" } else { "" };
        let scale = if self.is_log { ", logarithmic" } else { "" };
        let start = if self.is_aligned {
            ", from the first snapshot of each"
        } else {
            ""
        };
        let title = format!("━ {}{of}{scale}{start}", self.counter.title());
        put(
            buffer,
            (area.x, area.y),
            &fit(&title, room),
            room,
            cx.theme.focused,
        );
        let lines = match &self.curves {
            None => return note(area, "Reading the history…", cx.theme.dim, buffer),
            Some(Err(reason)) => return note(area, reason, cx.theme.error, buffer),
            Some(Ok(curves)) => curves.iter().map(|curve| self.line(curve)),
        };
        let lines: Vec<Option<Line>> = lines.collect();
        let styles = styles(cx.theme);
        for (at, (line, name)) in lines.iter().zip(&self.names).enumerate() {
            let y = area.y + 1 + u16::try_from(at).unwrap_or(0);
            if y < area.bottom() {
                let legend = fit(&legend(name, line.as_ref()), room.saturating_sub(3)).into_owned();
                put(buffer, (area.x + 1, y), SIGN, 1, styles[at]);
                put(
                    buffer,
                    (area.x + 3, y),
                    &legend,
                    room.saturating_sub(3),
                    cx.theme.text,
                );
            }
        }
        let head = 1 + u16::try_from(lines.len()).unwrap_or(0);
        let plot = Rect {
            x: area.x + area.width.min(1),
            y: area.y + head.min(area.height),
            width: area.width.saturating_sub(2),
            height: area.height.saturating_sub(head),
        };
        self.draw_chart(cx, &lines, plot, buffer);
    }
}

impl CurvesView {
    /// Opens the curves of the marked models, or of the current node.
    ///
    /// # Errors
    /// When no model is selected.
    pub fn open(session: &Session) -> Result<CurvesView, String> {
        let hub = session.hub.as_ref().ok_or("Loading…")?;
        let marked: Vec<Node> = session
            .marks
            .iter()
            .map(|model| Node::from(*model))
            .collect();
        let nodes = match marked.is_empty() {
            true => session.current.into_iter().collect(),
            false => marked,
        };
        let nodes: Vec<Node> = nodes.into_iter().take(MOST).collect();
        if nodes.is_empty() {
            return Err("No model is selected".to_owned());
        }
        Ok(CurvesView {
            names: nodes
                .iter()
                .map(|node| hub.name(*node).to_owned())
                .collect(),
            nodes,
            of_families: false,
            counter: Counter::Downloads,
            is_log: false,
            is_aligned: false,
            curves: None,
        })
    }

    fn topic(&self) -> Topic {
        Topic::Curves(self.nodes.clone(), self.of_families)
    }

    /// Returns a curve as it is drawn; `None` where nothing is known.
    fn line(&self, curve: &[CurvePoint]) -> Option<Line> {
        let known = curve.iter().filter(|point| point.models > 0);
        let known = known.filter_map(|point| Some((point.day, point.sum(self.counter)?)));
        let known: Vec<(NaiveDate, i64)> = known.collect();
        let ((first, _), (_, last)) = (*known.first()?, *known.last()?);
        // Of equals, the first.
        let peak = known.iter().rev().max_by_key(|(_, number)| *number)?;
        let origin = if self.is_aligned {
            first
        } else {
            NaiveDate::default()
        };
        #[expect(clippy::cast_precision_loss, reason = "cells of a screen")]
        let point = |(day, number): &(NaiveDate, i64)| {
            let number = (*number).max(0) as f64;
            let height = if self.is_log {
                (number + 1.0).log10()
            } else {
                number
            };
            ((*day - origin).num_days() as f64, height)
        };
        Some(Line {
            points: known.iter().map(point).collect(),
            peak: *peak,
            last,
        })
    }

    fn draw_chart(&self, cx: PaneContext, lines: &[Option<Line>], area: Rect, buffer: &mut Buffer) {
        let points = || lines.iter().flatten().flat_map(|line| line.points.iter());
        let ends = |of: fn(&(f64, f64)) -> f64| {
            let numbers = || points().map(of);
            let least = numbers().fold(f64::INFINITY, f64::min);
            [least, numbers().fold(f64::NEG_INFINITY, f64::max)]
        };
        let ([first, last], [_, most]) = (ends(|point| point.0), ends(|point| point.1));
        if points().next().is_none() {
            return note(
                area,
                "The history has no snapshot of this",
                cx.theme.dim,
                buffer,
            );
        }
        let styles = styles(cx.theme);
        let datasets = lines.iter().zip(styles).filter_map(|(line, style)| {
            let dataset = Dataset::default()
                .marker(Marker::Braille)
                .graph_type(GraphType::Line)
                .style(style);
            Some(dataset.data(&line.as_ref()?.points))
        });
        let labels = [first, f64::midpoint(first, last), last].map(|day| self.day(day));
        let top = most.max(1.0);
        let heights = [0.0, top / 2.0, top].map(|height| self.height(height));
        // A single snapshot has a place, too.
        let width = if first < last {
            [first, last]
        } else {
            [first - 1.0, last + 1.0]
        };
        Chart::new(datasets.collect())
            .style(cx.theme.text)
            .x_axis(
                Axis::default()
                    .bounds(width)
                    .labels(labels)
                    .style(cx.theme.dim),
            )
            .y_axis(
                Axis::default()
                    .bounds([0.0, top])
                    .labels(heights)
                    .style(cx.theme.dim),
            )
            .render(area, buffer);
    }

    /// Returns the label of a place on the horizontal axis.
    #[expect(clippy::cast_possible_truncation, reason = "whole days")]
    fn day(&self, at: f64) -> String {
        match self.is_aligned {
            true => format!("day {}", at.round() as i64),
            false => {
                let day = DateTime::from_timestamp(at.round() as i64 * 86_400, 0);
                day.map_or_else(String::new, |day| day.date_naive().to_string())
            }
        }
    }

    /// Returns the label of a place on the vertical axis.
    #[expect(clippy::cast_possible_truncation, reason = "rounded for a label")]
    fn height(&self, at: f64) -> String {
        let number = if self.is_log {
            10_f64.powf(at) - 1.0
        } else {
            at
        };
        format::short(number.round() as i64)
    }
}

/// Returns the styles of the curves.
fn styles(theme: &Theme) -> [Style; MOST] {
    [
        theme.accent,
        theme.here,
        theme.bar,
        theme.matched,
        theme.text,
    ]
}

/// Returns the line of a curve in the legend.
fn legend(name: &str, line: Option<&Line>) -> String {
    match line {
        None => format!("{name}: not in the history"),
        Some(line) => {
            let (day, number) = line.peak;
            let (last, peak) = (format::short(line.last), format::short(number));
            format!("{name}: {last}, peak {peak} on {day}")
        }
    }
}

/// Writes a remark in place of the curves.
fn note(area: Rect, text: &str, style: Style, buffer: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(2).max(1);
    let lines = wrap(text, room);
    for (line, y) in lines.iter().zip(area.y + 1..area.bottom()) {
        put(buffer, (area.x + 1, y), line, room, style);
    }
}
