//! Requests of views and menus, and the edits of the query that they make.

use std::ops::Range;

use super::{App, Effect};
use crate::engine::query::ast::Filter;
use crate::engine::query::edit::{
    toggle_filters, toggle_word, without_filter, without_range, without_words, words_of,
};
use crate::engine::query::keys::{FilterKey, ValueType};
use crate::engine::query::parse::parse;
use crate::engine::search::facets::FacetValue;
use crate::engine::table::order::Order;
use crate::present::format;
use crate::tui::answers::Topic;
use crate::tui::dialog::Dialog;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::Pane;
use crate::tui::queries::QueryChange;
use crate::tui::view::Request;
use crate::tui::views::menu::{Item, Menu};
use crate::tui::views::prompt::{Prompt, Purpose};
use crate::tui::ways_out::ways_out;

impl App {
    pub(super) fn perform_all(&mut self, requests: impl IntoIterator<Item = Request>) {
        requests
            .into_iter()
            .for_each(|request| self.perform(request));
    }

    pub(super) fn perform(&mut self, request: Request) {
        match request {
            Request::Run(action, context) => self.run_from(action, context),
            Request::Ask(topic) => self.ask(topic),
            Request::Close => self.close_overlay(),
            Request::Copy(text) => self.effects.push(Effect::Copy(text)),
            Request::EditQuery(text) => self.edit_query(&text),
            Request::Export(export, target) => self.start_export(export, target),
            Request::FindName => {
                let about = "a part of a name; `n` and `N` go on".to_owned();
                let prompt = Prompt::new("Find in this tree", about, Purpose::Find);
                self.dialog = Some(Dialog::Prompt(prompt));
            }
            Request::Filter(filters) => self.toggle_filters(&filters),
            Request::Forget(name) => self.forget_query(name),
            Request::NameFile(export) => self.name_file(export),
            Request::Open(node) => {
                self.remember();
                self.open(node);
                // The list would lead back to the model that is selected there.
                if self.list.selected(&self.session) != self.session.current_model() {
                    self.go_to(Pane::Tree);
                }
            }
            Request::PickValue(key) => {
                self.open_menu(Menu::picker(key));
                self.ask_values(key);
            }
            Request::Recall(saved) => self.recall_saved(&saved),
            Request::RemoveFilter(range) => {
                let text = without_range(self.session.query.input.value(), range);
                self.set_query(text);
            }
            Request::SetQuery(text) => self.set_query(text),
            Request::SortBy(field) => self.sort(Order::by(field, false)),
            Request::Status(text) => self.status = Some(text),
            Request::ToggleColumn(field) => self.toggle_column(field),
            Request::ToggleValue(key, value) => self.toggle_value(key, &value),
            Request::Visit(link) => self.effects.push(Effect::Visit(link)),
        }
    }

    /// Runs an action of a menu in the context that it belongs to, or opens that.
    fn run_from(&mut self, action: Action, context: KeyContext) {
        match context {
            KeyContext::MODELS | KeyContext::PICKING => self.go_to(Pane::Models),
            KeyContext::TREE => self.go_to(Pane::Tree),
            KeyContext::HISTOGRAM => self.go_to(Pane::Histogram),
            KeyContext::DETAILS => self.go_to(Pane::Details),
            _ => {}
        }
        let opener = self
            .session
            .keymap
            .keys_of(context)
            .and_then(|keys| keys.opener);
        self.run(opener.unwrap_or(action));
    }

    /// Replaces the query, which can be undone.
    pub(super) fn set_query(&mut self, text: String) {
        self.remember();
        self.session.query.set(text);
        self.search();
    }

    /// Goes to the query line with a text added.
    fn edit_query(&mut self, text: &str) {
        self.run(Action::Query);
        let typed = self.session.query.input.value().trim_end();
        let typed = format!("{typed} {text}");
        self.session.query.set(typed.trim_start());
        self.suggest();
        self.search();
    }

    /// Filters, in place of filters on the same subjects; removes the filters where all are set.
    fn toggle_filters(&mut self, filters: &[String]) {
        match toggle_filters(self.session.query.input.value(), filters) {
            Ok((text, is_new)) => {
                let status = if is_new {
                    "Filter added"
                } else {
                    "Filter removed"
                };
                self.status = Some(format!("{status}: {}", filters.join(" ")));
                self.set_query(text);
            }
            Err(mistake) => self.status = Some(mistake),
        }
    }

    /// Adds a value to the filter of its key, or removes it.
    pub(super) fn toggle_value(&mut self, key: FilterKey, value: &str) {
        let text = self.session.query.input.value();
        match parse(text) {
            Ok(parsed) => self.set_query(toggle_word(text, &parsed, key, value)),
            Err(mistake) => self.status = Some(mistake.with_column(text)),
        }
    }

    /// Filters on a value of the current model. The filter takes the place of the words, which come back
    /// when it is taken away again. `what` is named where it has no value.
    pub(super) fn filter_by_current(&mut self, key: FilterKey, value: Option<String>, what: &str) {
        let text = self.session.query.input.value().to_owned();
        // The same key again, before anything else: what it asked about is not selected any more.
        if self
            .replaced
            .take()
            .is_some_and(|after| after == (key, text.clone()))
        {
            return self.travel(false);
        }
        let Some(value) = value else {
            self.status = Some(format!("This model has no {what}"));
            return;
        };
        let mut filters = without_words(&text);
        if key.info().value_type == ValueType::Model {
            // One model at a time is asked about.
            let parsed = parse(&filters).unwrap_or_default();
            let own = parsed
                .query
                .filters
                .iter()
                .filter(|filter| filter.key == key);
            let own: Vec<Filter> = own.cloned().collect();
            filters = own
                .iter()
                .fold(filters, |text, own| without_filter(&text, own));
        }
        match parse(&filters) {
            Ok(parsed) => {
                let after = toggle_word(&filters, &parsed, key, &value);
                self.set_query(after.clone());
                self.replaced = Some((key, after));
            }
            Err(mistake) => self.status = Some(mistake.with_column(&filters)),
        }
    }

    /// Removes the only filter, or asks which.
    pub(super) fn remove_filter(&mut self) {
        let text = self.session.query.input.value();
        let parsed = match parse(text) {
            Ok(parsed) => parsed,
            Err(mistake) => {
                self.status = Some(mistake.with_column(text));
                return;
            }
        };
        let ways = ways_out(&self.session).into_iter();
        let ways: Vec<Item> = ways
            .map(|way| Item::new(way.name, "", Request::SetQuery(way.query)))
            .collect();
        if ways.len() > 1 {
            self.open_menu(Menu::new("Find something again", ways));
            return;
        }
        let request = |at: &Range<usize>| Request::RemoveFilter(at.clone());
        match parsed.conditions.as_slice() {
            [] => self.status = Some("No filter is set".to_owned()),
            [only] => self.perform(request(only)),
            several => {
                let items = several
                    .iter()
                    .map(|at| Item::new(&text[at.clone()], "", request(at)));
                self.open_menu(Menu::new("Remove a filter", items.collect()));
            }
        }
    }

    /// Asks for the values of the models that match all other filters.
    pub(super) fn ask_values(&mut self, key: FilterKey) {
        let mut query = self.session.query.parsed.query.clone();
        query
            .filters
            .retain(|filter| filter.key != key || filter.negated);
        self.ask(Topic::Facet(key, query));
    }

    pub(super) fn fill_picker(&mut self, key: FilterKey, values: &[FacetValue]) {
        let Some(Dialog::Menu(menu)) = &mut self.dialog else {
            return;
        };
        if menu.picks != Some(key) {
            return;
        }
        let chosen = words_of(&self.session.query.parsed, key);
        let item = |value: &FacetValue| Item {
            keys: match chosen.contains(&value.word) {
                true => format!("✓ {:>9}", format::count(value.models)),
                false => format::count(value.models),
            },
            ..Item::new(
                &value.word,
                "",
                Request::ToggleValue(key, value.word.clone()),
            )
        };
        menu.items = values.iter().map(item).collect();
        menu.is_loading = false;
    }

    fn forget_query(&mut self, name: String) {
        self.session.saved.retain(|saved| saved.name != name);
        self.status = Some(format!("Removed {name}"));
        self.effects.push(Effect::Keep(QueryChange::Removed(name)));
    }
}
