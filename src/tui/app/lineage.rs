//! The tree's part in the explorer: what it is drawn around, how it lists children, and questions
//! about families.

use super::over::Over;
use super::{App, filters};
use crate::engine::lineage::family;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::tree::TreeOptions;
use crate::engine::lineage::tree::{EXPAND_ALL_ROWS, TreeRowKind};
use crate::engine::query::ast::{Filter, FilterValue};
use crate::engine::query::keys::{FilterKey, Flag};
use crate::engine::table::field::Field;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::present::format;
use crate::tui::action::Action;
use crate::tui::layout::Pane;
use crate::tui::panes::tree::Tree;
use crate::tui::panes::way::Way;

/// The order of models with those that are copies of them.
const WITH_COPIES: Order = Order {
    field: Field::DownloadsWithCopies,
    ascending: false,
};

impl App {
    /// What an action does in the tree's pane.
    pub(super) fn act_in_tree(&mut self, action: Action) {
        let Some(hub) = self.hub.clone() else { return };
        let kind = self.tree.row().map(|row| row.kind);
        match (action, kind) {
            (Action::Open, Some(TreeRowKind::Node | TreeRowKind::OtherBase)) => {
                return self.focus_tree_row();
            }
            (Action::Open, Some(TreeRowKind::Unrelated(_))) => {
                self.change_query(Flag::Unrelated.test().to_string());
                return self.go_to(Pane::Models);
            }
            (Action::Group, _) => return self.turn_groups(),
            (Action::MostUsed, _) => return self.go_to_most_used(),
            _ => {}
        }
        let height = Tree::height(self.layout().inside(Pane::Tree));
        let done = self.tree.act(&hub, action, height);
        if action == Action::OpenAll && self.tree.lines() >= EXPAND_ALL_ROWS {
            let lines = format::count(EXPAND_ALL_ROWS);
            self.message = Some(format!("opened as far as {lines} lines go"));
        } else if !done {
            self.message = nothing_more(action).map(str::to_owned);
        }
        self.follow_tree();
    }

    /// Draws the tree around its selected line, and selects that model in the list if it is there.
    fn focus_tree_row(&mut self) {
        if let Some(node) = self.tree.node() {
            self.remember();
            self.open(node);
            self.remember();
        }
    }

    pub(super) fn draw_tree_around(&mut self, node: Node) {
        if let Some(hub) = self.hub.clone().filter(|h| h.stage >= Stage::Lineage) {
            self.tree.show(&hub, node);
        }
    }

    /// Draws all families, or again the one of the current model.
    pub(super) fn turn_families(&mut self) {
        let Some(hub) = self.hub.clone().filter(|h| h.stage >= Stage::Lineage) else {
            return;
        };
        if !self.tree.shows_families() {
            self.tree.show_families(&hub);
        } else if let Some(node) = self.current() {
            self.tree.show(&hub, node);
        }
        self.go_to(Pane::Tree);
    }

    fn turn_groups(&mut self) {
        let Some(hub) = self.hub.clone() else { return };
        self.tree.list(&hub, |listing| listing.grouped ^= true);
        let told = match self.tree.is_grouped() {
            true => "children are in groups by how they were made",
            false => "children are in one list",
        };
        self.message = Some(told.to_owned());
    }

    pub(super) fn sort_tree(&mut self, order: Order) {
        if let Some(hub) = self.hub.clone() {
            self.tree.list(&hub, |listing| listing.order = order);
        }
    }

    /// Folds copies into their origins, in list and tree, by a filter and an order of the query;
    /// or takes both away.
    pub(super) fn turn_copies(&mut self) {
        let text = filters::without_sort(self.list.input.value());
        let test = Filter {
            negated: true,
            ..Flag::Copy.test()
        };
        let folds = !self.list.parsed.query.filters.contains(&test);
        let text = match folds {
            true => format!("{text} {test} sort:{WITH_COPIES}")
                .trim_start()
                .to_owned(),
            false => filters::without_test(&text, &test),
        };
        self.tree.folds = folds;
        self.sort_tree(if folds {
            WITH_COPIES
        } else {
            TreeOptions::DEFAULT_ORDER
        });
        self.change_query(text);
        let told = match folds {
            true => "quantizations, conversions and mirrors count for their origin",
            false => "every repository counts for itself",
        };
        self.message = Some(told.to_owned());
    }

    /// Goes to the most downloaded descendant of the current model among those that match.
    fn go_to_most_used(&mut self) {
        let Some((hub, node)) = self.hub.clone().zip(self.tree.node()) else {
            return;
        };
        let matching = self.tree.matching.as_deref();
        match family::most_downloaded(&hub.graph, &hub.models, node, matching) {
            Some(model) => {
                self.remember();
                self.open(model.into());
                self.remember();
            }
            None => {
                let name = hub.name(node);
                self.message = Some(format!("nothing that matches was made from {name}"));
            }
        }
    }

    /// Shows the way between two marked models, or from the root to the current one.
    pub(super) fn show_way(&mut self) {
        let Some(hub) = self.hub.clone() else { return };
        let marked: Vec<Node> = self.marks.iter().map(|model| Node::from(*model)).collect();
        let (way, else_told) = match (&marked[..], self.current()) {
            ([from, to], _) => (
                Way::between(&hub, *from, *to),
                "the marked models have no ancestor in common",
            ),
            (_, Some(node)) => (Way::from_root(&hub, node), "no base is stated"),
            (_, None) => return,
        };
        match way {
            Some(way) => self.overlay = Some(Over::Way(way)),
            None => self.message = Some(else_told.to_owned()),
        }
    }
}

/// Why an action of the tree changed nothing.
fn nothing_more(action: Action) -> Option<&'static str> {
    Some(match action {
        Action::Deepen => "everything is open",
        Action::Flatten => "everything below is closed",
        Action::Parent | Action::Left => "this is the root",
        Action::NextSibling | Action::PreviousSibling => "no more from the same base",
        _ => return None,
    })
}

impl Flag {
    /// The test that asks for it.
    fn test(self) -> Filter {
        Filter {
            negated: false,
            key: FilterKey::Is,
            values: vec![FilterValue::Flag(self)],
        }
    }
}
