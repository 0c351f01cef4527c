//! The state that all views share: the hub, the query and what it finds, the current model, marks
//! and history.

use std::sync::Arc;

use tui_input::Input;

use super::command::Opened;
use super::history::History;
use super::keymap::{Action, KeyContext, Keymap};
use super::queries::{QueryHistory, SavedQuery};
use super::sessions::StoredSession;
use super::settings::Settings;
use super::suggestions::Suggestions;
use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::query::keys::FilterKey;
use crate::engine::query::parse::{Parsed, QueryError, parse};
use crate::engine::search::hits::Hits;
use crate::engine::search::relax::Relaxation;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::present::format;
use crate::present::snippets::{Loadable, snippets};

/// The shared state.
#[derive(Default)]
pub struct Session {
    /// `None` until the first stage is loaded.
    pub hub: Option<Arc<Hub>>,
    /// The source as the user named it, for commands; `None` where it was found unnamed.
    pub data: Option<String>,
    /// The older snapshot to compare with, as the user named it; `None` once it failed to load.
    pub against: Option<String>,
    /// The reason that loading ended early.
    pub failure: Option<String>,
    pub query: QueryLine,
    /// The models that the query finds; `None` before the first answer.
    pub hits: Option<Hits>,
    /// The models that match the query; `None` where the query is empty.
    pub matching: Option<Arc<ModelSet>>,
    /// The models that pass the filters of the query, which alone scope the tree; `None` without filters.
    pub passing: Option<Arc<ModelSet>>,
    /// What the query would find without each of its filters, where it finds nothing.
    pub relaxed: Vec<Relaxation>,
    /// The node that details and histogram describe.
    pub current: Option<Node>,
    /// The marked models, in the order in which they were marked.
    pub marks: Vec<ModelId>,
    pub history: History,
    /// The queries typed before.
    pub typed: QueryHistory,
    pub saved: Vec<SavedQuery>,
    /// The last session with the source, until it is resumed.
    pub resumable: Option<StoredSession>,
    pub settings: Settings,
    /// The keys, those of the config file included.
    pub keymap: &'static Keymap,
}

/// The query line: its text, and the last valid query read from it.
#[derive(Default)]
pub struct QueryLine {
    pub input: Input,
    /// True while keys are typed into the line.
    pub editing: bool,
    /// The order where the query states none.
    pub default_order: Order,
    /// The last valid query.
    pub parsed: Parsed,
    /// Its filters as typed.
    pub filters: Vec<String>,
    /// The reason that the text is no query.
    pub mistake: Option<QueryError>,
    /// The text of the last valid query, which the list belongs to.
    pub valid: String,
    /// The completions of the word that is being typed.
    pub suggestions: Option<Suggestions>,
    /// True if the last key completed a value, and a space stands behind it.
    pub completed: bool,
}

impl QueryLine {
    /// Sets the text. What was suggested for another one is dropped.
    pub fn set(&mut self, text: impl Into<String>) {
        self.input = text.into().into();
        self.suggestions = None;
    }

    /// Returns the text without spaces around it.
    pub fn text(&self) -> &str {
        self.input.value().trim()
    }

    /// Returns false if the list belongs to another query: the text is no query, or a value is being typed.
    pub fn is_listed(&self) -> bool {
        let is_pending = |suggestions: &Suggestions| suggestions.is_pending();
        self.mistake.is_none() && !self.suggestions.as_ref().is_some_and(is_pending)
    }

    /// Returns the order of the list.
    pub fn order(&self) -> Order {
        self.parsed.query.sort.unwrap_or(self.default_order)
    }

    /// Parses the text, without a value that is being typed. Returns false, and keeps the last valid query, if it is none; filters that
    /// compare with an older snapshot are valid only if `compares`.
    pub fn read(&mut self, compares: bool) -> bool {
        let pending = self.suggestions.as_ref().filter(|s| s.is_pending());
        let text = match pending {
            Some(suggestions) => suggestions.partial.blanked(self.input.value()),
            None => self.input.value().to_owned(),
        };
        let parsed = parse(&text).and_then(|parsed| match &parsed.comparison {
            Some(mistake) if !compares => Err(mistake.clone()),
            _ => Ok(parsed),
        });
        match parsed {
            Ok(parsed) => {
                let filters = parsed.conditions.iter();
                self.filters = filters.map(|at| text[at.clone()].to_owned()).collect();
                self.parsed = parsed;
                self.mistake = None;
                self.valid = text;
            }
            Err(mistake) => self.mistake = Some(mistake),
        }
        self.mistake.is_none()
    }

    /// Returns the query as text from which it can be recalled: with its order, unless that is the
    /// default one.
    pub fn with_order(&self) -> String {
        let text = self.text();
        let is_stated = self.parsed.query.sort.is_some() || self.default_order == Order::default();
        match is_stated {
            true => text.to_owned(),
            false => format!("{text} sort:{}", self.default_order)
                .trim_start()
                .to_owned(),
        }
    }
}

impl Session {
    /// Returns the key of an action in a context, as messages show it: its palette entry where it has
    /// none.
    pub fn key(&self, context: KeyContext, action: Action) -> String {
        let mut bindings = self.keymap.bindings(context).iter();
        let binding = bindings.find(|binding| binding.action == action);
        match binding.map(|binding| (binding.keys.first(), &binding.name)) {
            Some((Some(key), _)) => format!("`{key}`"),
            Some((None, name)) => format!("`{name}` in the palette"),
            None => String::new(),
        }
    }

    /// Returns the hub if at least this stage is loaded.
    pub fn hub_at(&self, stage: Stage) -> Option<&Arc<Hub>> {
        self.hub.as_ref().filter(|hub| hub.stage >= stage)
    }

    /// Returns the current model; `None` where the current node is a ghost.
    pub fn current_model(&self) -> Option<ModelId> {
        self.hub.as_ref()?.graph.model(self.current?)
    }

    /// Returns the name of the current node.
    pub fn current_name(&self) -> Option<String> {
        let hub = self.hub.as_ref()?;
        self.current.map(|node| hub.name(node).to_owned())
    }

    /// Returns the ids of all marked models, or that of the current one.
    pub fn chosen_ids(&self) -> Vec<String> {
        let Some(hub) = &self.hub else {
            return Vec::new();
        };
        match self.marks.is_empty() {
            true => self.current_name().into_iter().collect(),
            false => {
                let ids = self.marks.iter().map(|model| hub.models.id(*model));
                ids.map(str::to_owned).collect()
            }
        }
    }

    /// Returns the ways to load all marked models, or the current one: those of the first, for each.
    pub fn snippets(&self) -> Vec<(&'static str, String)> {
        let Some(hub) = &self.hub else {
            return Vec::new();
        };
        let chosen = match self.marks.as_slice() {
            [] => self.current_model().into_iter().collect(),
            marks => marks.to_vec(),
        };
        let of = |model: &ModelId| {
            let node = Node::from(*model);
            let base = hub.graph.distinct_bases(node).next();
            snippets(Loadable {
                id: hub.models.id(*model),
                library: hub.models.word(Field::Library, *model),
                task: hub.models.word(Field::Task, *model),
                base: base.map(|base| hub.name(base)),
            })
        };
        let all: Vec<_> = chosen.iter().map(of).collect();
        let names = all.first().into_iter().flatten().map(|(name, _)| *name);
        let texts = names.map(|name| {
            let own = all.iter().flatten().filter(|(other, _)| *other == name);
            let own: Vec<&str> = own.map(|(_, text)| text.as_str()).collect();
            (name, own.join("\n"))
        });
        texts.collect()
    }

    /// Returns the name of the current node if it has children.
    pub fn current_parent(&self) -> Option<String> {
        let hub = self.hub.as_ref()?;
        let parent = self.current.filter(|node| hub.graph.has_children(*node));
        parent.map(|node| hub.name(node).to_owned())
    }

    /// Returns the name of the model that has copies, of which the current one may be one.
    fn original(&self) -> Option<&str> {
        let hub = self.hub.as_ref()?;
        let model = self.current_model()?;
        let original = hub.quantizations.original(&hub.graph, model);
        let original = original.unwrap_or(model);
        let has_copies = !hub.quantizations.of(&hub.graph, original).is_empty();
        has_copies.then(|| hub.models.id(original))
    }

    /// Returns the value that the current node has of a filter.
    pub fn current_value(&self, key: FilterKey) -> Option<String> {
        let hub = self.hub.as_ref()?;
        let node = self.current?;
        let name = hub.name(node);
        let model = hub.graph.model(node);
        let value = match key {
            FilterKey::Family => return self.current_parent(),
            FilterKey::Copies => self.original(),
            FilterKey::Author => name.split_once('/').map(|(author, _)| author),
            FilterKey::Base => {
                let mut bases = hub.graph.bases(node).iter();
                let base = bases.find(|base| **base != node);
                base.map(|base| hub.name(*base))
            }
            FilterKey::License => model.and_then(|m| hub.models.word(Field::License, m)),
            _ => {
                let field = key.info().field;
                field.zip(model).and_then(|(f, m)| hub.models.word(f, m))
            }
        };
        value.map(str::to_owned)
    }

    /// Returns the number of models that are found; more than are listed while only the first page
    /// has arrived.
    pub fn found(&self) -> usize {
        let found = self.hits.as_ref().map_or(0, Hits::found);
        found.max(self.hits.as_ref().map_or(0, |hits| hits.models.len()))
    }

    /// Returns true if queries may compare with an older snapshot, loaded or still loading.
    pub fn compares(&self) -> bool {
        let hub = self.hub.as_ref();
        self.against.is_some() || hub.is_some_and(|hub| hub.comparison.is_some())
    }

    /// Returns true while the older snapshot is loading after the hub is complete.
    pub fn is_comparing(&self) -> bool {
        let complete = self.hub_at(Stage::Complete);
        self.against.is_some() && complete.is_some_and(|hub| hub.comparison.is_none())
    }

    /// Returns true if a field is offered in menus.
    pub fn offers(&self, field: Field) -> bool {
        let hub = self.hub.as_ref();
        hub.map_or(!field.is_compared(), |hub| hub.offers(field))
    }

    /// Returns the source and the older snapshot, for commands.
    pub fn opened(&self) -> Opened<'_> {
        Opened {
            data: self.data.as_deref(),
            against: self.against.as_deref(),
        }
    }

    /// Describes the models that match the query.
    pub fn scope(&self) -> String {
        // The list is that of the last valid query.
        match self.query.valid.trim() {
            "" => "all models".to_owned(),
            query => {
                let found = self.hits.as_ref().map(|hits| format::count(hits.exact()));
                let found = found.unwrap_or_else(|| "…".to_owned());
                format!("{found} models that match `{query}`")
            }
        }
    }
}
