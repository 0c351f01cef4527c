//! A model as JSON, the same object in every command's answer. Unknown is null, never 0.

use serde::Serialize;

use crate::engine::Hub;
use crate::engine::flags::{GHOST, flags};
use crate::engine::lineage::graph::Node;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use crate::present::figures::share;
use crate::present::format;

/// What the contract of the command line calls a model object.
#[derive(Serialize)]
pub struct ModelJson<'a> {
    pub id: &'a str,
    author: Option<&'a str>,
    downloads: Option<i64>,
    downloads_all_time: Option<i64>,
    likes: Option<i64>,
    trending_score: Option<f64>,
    params: Option<i64>,
    params_source: Option<&'a str>,
    task: Option<&'a str>,
    library: Option<&'a str>,
    license: Option<&'a str>,
    created_at: Option<String>,
    last_modified: Option<String>,
    relation: Option<&'a str>,
    bases: Vec<&'a str>,
    flags: Vec<&'static str>,
    /// Only where there is an older snapshot.
    #[serde(flatten)]
    change: Option<ChangeJson>,
}

/// What changed of a model since an older snapshot.
#[derive(Serialize)]
struct ChangeJson {
    delta: Option<i64>,
    growth: Option<f64>,
}

impl ChangeJson {
    fn of(hub: &Hub, model: Option<ModelId>) -> Option<ChangeJson> {
        let number = |field| hub.models.number(field, model?);
        hub.comparison.as_ref().map(|_| ChangeJson {
            delta: number(Field::Delta),
            growth: number(Field::Growth).map(share),
        })
    }
}

impl<'a> ModelJson<'a> {
    /// The names of the members, in their order.
    pub fn header(hub: &Hub) -> Vec<&'static str> {
        let changes = hub.comparison.as_ref().map(|_| ["delta", "growth"]);
        let changes = changes.into_iter().flatten();
        ModelJson::HEADER.into_iter().chain(changes).collect()
    }

    const HEADER: [&'static str; 16] = [
        "id",
        "author",
        "downloads",
        "downloads_all_time",
        "likes",
        "trending_score",
        "params",
        "params_source",
        "task",
        "library",
        "license",
        "created_at",
        "last_modified",
        "relation",
        "bases",
        "flags",
    ];

    /// The members as plain text, in the order of [`Self::header`]; unknown is empty, and the
    /// items of lists stand between blanks.
    pub fn cells(&self) -> Vec<String> {
        let number = |n: Option<i64>| n.map_or(String::new(), |n| n.to_string());
        let word = |w: Option<&str>| w.unwrap_or_default().to_owned();
        let mut cells = vec![
            self.id.to_owned(),
            word(self.author),
            number(self.downloads),
            number(self.downloads_all_time),
            number(self.likes),
            self.trending_score.map_or(String::new(), |s| s.to_string()),
            number(self.params),
            word(self.params_source),
            word(self.task),
            word(self.library),
            word(self.license),
            self.created_at.clone().unwrap_or_default(),
            self.last_modified.clone().unwrap_or_default(),
            word(self.relation),
            self.bases.join(" "),
            self.flags.join(" "),
        ];
        if let Some(change) = &self.change {
            cells.push(number(change.delta));
            cells.push(change.growth.map_or(String::new(), |g| g.to_string()));
        }
        cells
    }

    /// The object of a node; of a ghost all but the name is unknown, and it is flagged `ghost`.
    pub fn of_node(hub: &'a Hub, node: Node) -> ModelJson<'a> {
        if let Some(model) = hub.graph.model(node) {
            let license = hub.models.word(Field::License, model);
            return ModelJson::new(hub, model, license);
        }
        let id = hub.name(node);
        ModelJson {
            id,
            author: id.split_once('/').map(|(author, _)| author),
            downloads: None,
            downloads_all_time: None,
            likes: None,
            trending_score: None,
            params: None,
            params_source: None,
            task: None,
            library: None,
            license: None,
            created_at: None,
            last_modified: None,
            relation: None,
            bases: Vec::new(),
            flags: flags(hub, node),
            change: ChangeJson::of(hub, None),
        }
    }

    /// Downloads of the last 30 days.
    pub fn downloads(&self) -> Option<i64> {
        self.downloads
    }

    /// Parameters.
    pub fn params(&self) -> Option<i64> {
        self.params
    }

    /// Whether it is a base that is not in the table.
    pub fn is_ghost(&self) -> bool {
        self.flags.contains(&GHOST)
    }

    /// The object of a model; the licence is read from its record.
    pub fn new(hub: &'a Hub, model: ModelId, license: Option<&'a str>) -> ModelJson<'a> {
        let models = &hub.models;
        let number = |field| models.number(field, model);
        let word = |field| models.word(field, model);
        let time = |field| models.number(field, model).and_then(format::rfc3339);
        let bases = hub.graph.bases(model.into());
        ModelJson {
            id: models.id(model),
            author: models.author(model),
            downloads: number(Field::Downloads),
            downloads_all_time: number(Field::DownloadsAllTime),
            likes: number(Field::Likes),
            trending_score: models.score(Field::TrendingScore, model),
            params: number(Field::Params),
            params_source: word(Field::ParamsSource),
            task: word(Field::Task),
            library: word(Field::Library),
            license,
            created_at: time(Field::CreatedAt),
            last_modified: time(Field::LastModified),
            relation: word(Field::Relation),
            bases: bases.iter().map(|base| hub.name(*base)).collect(),
            flags: flags(hub, model.into()),
            change: ChangeJson::of(hub, Some(model)),
        }
    }
}
