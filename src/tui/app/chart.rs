//! What keys do in the histogram, and what it asks for.

use ratatui::layout::Rect;

use super::App;
use crate::engine::stats::histogram::Histogram;
use crate::engine::stats::percentile::PercentileRank;
use crate::engine::table::models::ModelId;
use crate::engine::table::stage::Stage;
use crate::tui::action::Action;
use crate::tui::layout::Pane;
use crate::tui::panes::histogram::Regrouped;
use crate::tui::question::Topic;

impl App {
    pub(super) fn act_in_histogram(&mut self, action: Action) {
        let area = self.layout().inside(Pane::Histogram);
        match action {
            Action::NextField | Action::PreviousField => {
                self.chart.turn(action == Action::NextField);
                self.ask_histogram();
            }
            Action::MoreBins | Action::FewerBins => {
                let more = action == Action::MoreBins;
                match self.chart.regroup(more, area) {
                    Regrouped::Done => {}
                    Regrouped::ToAsk => self.ask_histogram(),
                    Regrouped::AtEnd => {
                        let end = if more { "finer" } else { "coarser" };
                        self.message = Some(format!("there are no {end} bins"));
                    }
                }
            }
            Action::Scale => match self.chart.turn_scale() {
                true => self.ask_histogram(),
                false => self.message = Some("times are on a calendar".to_owned()),
            },
            Action::Range if self.chart.is_marking() => self.chart.unmark(),
            Action::Range => drop(self.mark_bars(area)),
            Action::ExtendDown | Action::ExtendUp => {
                if self.chart.is_marking() || self.mark_bars(area) {
                    let down = action == Action::ExtendDown;
                    let step = if down { Action::Down } else { Action::Up };
                    self.chart.go(step, area);
                }
            }
            Action::Open => {
                if let Some(test) = self.chart.test(area) {
                    self.filter_by(&test);
                }
            }
            _ => self.chart.go(action, area),
        }
    }

    /// Lets a range begin at the selected bar; `false`, and said, where it cannot.
    fn mark_bars(&mut self, area: Rect) -> bool {
        let marked = self.chart.mark(area);
        if !marked {
            self.message = Some("a range begins where values are known".to_owned());
        }
        marked
    }

    pub(super) fn ask_histogram(&mut self) {
        let field = self.chart.field;
        if self.knows_chart() {
            let binning = self.chart.binning();
            let within = self.tree.matching.clone();
            self.ask(Topic::Histogram {
                field,
                binning,
                within,
            });
            self.ask_rank();
        }
    }

    /// Asks where the current model stands in the histogram's field.
    pub(super) fn ask_rank(&mut self) {
        let field = self.chart.field;
        if let Some(model) = self.current_model().filter(|_| self.knows_chart()) {
            let within = self.tree.matching.clone();
            self.ask(Topic::Rank {
                field,
                model,
                within,
            });
        }
    }

    fn knows_chart(&self) -> bool {
        let stage = Stage::of(self.chart.field);
        self.hub.as_ref().is_some_and(|hub| hub.stage >= stage)
    }

    /// The field may have been changed since they were asked for.
    pub(super) fn take_histogram(&mut self, all: Histogram, within: Option<Histogram>) {
        if all.field == self.chart.field {
            let area = self.layout().inside(Pane::Histogram);
            self.chart.take(all, within, area);
        }
    }

    pub(super) fn take_rank(&mut self, model: ModelId, rank: Option<PercentileRank>) {
        self.chart.rank = rank.map(|rank| (model, rank));
    }
}
