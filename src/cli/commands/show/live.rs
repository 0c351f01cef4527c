//! The answer of the Hub, beside the snapshot.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::cli::output::format::Format;
use crate::cli::output::section;
use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::query::reference::id_of_address;
use crate::hub::{FileGroup, LiveModel, ModelApi, RepoFile, ValueChange, changes};
use crate::present::format::{bytes, count};
use crate::present::report::{Row, Section};

/// A model as the Hub describes it now, and its changes since the snapshot.
pub struct Live {
    model: LiveModel,
    changes: Vec<ValueChange>,
}

/// The model as the Hub describes it now.
#[derive(Serialize)]
pub struct LiveJson<'a> {
    id: &'a str,
    #[serde(flatten)]
    values: Map<String, Value>,
    card: &'a Map<String, Value>,
    files: &'a [RepoFile],
    /// The files by quantization or format.
    file_groups: &'a [FileGroup],
}

impl Live {
    /// Asks the Hub about a model; `node` is the model in the snapshot, if it is there.
    ///
    /// # Errors
    /// As [`ModelApi::model`].
    pub fn ask(hub: &Hub, node: Option<Node>, id: &str) -> Result<Live> {
        let of_address = id_of_address(id);
        let named = of_address.as_deref().unwrap_or(id);
        let id = node.map_or(named, |node| hub.name(node));
        let model = ModelApi::from_env()?.model(id)?;
        let changes = changes(hub, node, &model);
        Ok(Live { model, changes })
    }

    /// Returns the id that the model has now.
    pub fn id(&self) -> &str {
        &self.model.id
    }

    /// Returns the id if it is another one now.
    pub fn new_id(&self, id: &str) -> Option<&str> {
        (self.model.id != id).then_some(&self.model.id)
    }

    /// Returns the answer as JSON.
    ///
    /// # Errors
    /// When it cannot be JSON.
    pub fn json(&self) -> Result<LiveJson<'_>> {
        let value = |change: &ValueChange| {
            let value = serde_json::to_value(&change.now)?;
            Ok((change.key.to_owned(), value))
        };
        Ok(LiveJson {
            id: &self.model.id,
            values: self.changes.iter().map(value).collect::<Result<_>>()?,
            card: &self.model.card,
            files: &self.model.files,
            file_groups: &self.model.groups,
        })
    }

    /// Returns the keys of the values that have changed.
    pub fn changed(&self) -> Vec<&'static str> {
        let changed = self.changes.iter().filter(|change| change.is_change());
        changed.map(|change| change.key).collect()
    }

    /// Prints the values beside those of the snapshot, and the files.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn print(&self, out: &mut dyn Write) -> Result<()> {
        let text = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
        let cells = |change: &ValueChange| {
            let difference = change.difference().unwrap_or_default();
            let texts = [change.then(), change.now()].map(text);
            let [then, now] = texts;
            vec![change.title.to_owned(), then, now, difference]
        };
        let values = Section {
            title: "Now on the Hub".to_owned(),
            header: vec!["field", "snapshot", "now", "change"],
            rows: self
                .changes
                .iter()
                .map(|change| Row::from(cells(change)))
                .collect(),
            note: String::new(),
        };
        section::write(&values, Format::Text, out)?;
        let group = |group: &FileGroup| {
            let size = group.size.map(bytes);
            Row::from(vec![group.name.clone(), count(group.files), text(size)])
        };
        let files = Section {
            title: "Files".to_owned(),
            header: vec!["format", "files", "size"],
            rows: self.model.groups.iter().map(group).collect(),
            note: String::new(),
        };
        section::write(&files, Format::Text, out)
    }
}
