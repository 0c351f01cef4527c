//! Tables of the changes since an older snapshot, if a hub is compared with one.

use crate::engine::Hub;
use crate::engine::diff::change::TopChanges;
use crate::engine::diff::since::ChangesSince;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::comparison::Comparison;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use crate::present::figures;
use crate::present::figures::in_short;
use crate::present::format::{count, known, percent, share};
use crate::present::report::section::{Row, Section, as_i64};

/// The maximum number of models listed of each kind.
const NAMED: usize = 10;

/// The tables of a set of models; none without an older snapshot.
pub fn sections(hub: &Hub, set: &ModelSet) -> Vec<Section> {
    let Some(comparison) = &hub.comparison else {
        return Vec::new();
    };
    let changes = ChangesSince::of(&hub.models, comparison, set, NAMED);
    let ChangesSince {
        risen, fallen, new, ..
    } = &changes;
    let counted = [
        ("more downloads", "delta:>0", risen.total),
        ("fewer downloads", "delta:<0", fallen.total),
        ("new", "is:new", new.total),
        ("renamed", "is:renamed", changes.renamed),
    ];
    let moves = [Field::Downloads, Field::Delta, Field::Growth];
    let figures = [Field::Downloads, Field::Likes, Field::Params];
    let named = [
        ("More downloads", risen, moves),
        ("Fewer downloads", fallen, moves),
        ("New models", new, figures),
    ];
    let named = named.into_iter().filter(|(_, list, _)| list.total > 0);
    let named = named.map(|(title, list, fields)| models(hub, title, list, fields));
    [overview(comparison, set, &counted)]
        .into_iter()
        .chain(named)
        .collect()
}

/// The number of models that changed in each way.
fn overview(comparison: &Comparison, set: &ModelSet, counted: &[(&str, &str, usize)]) -> Section {
    let all = set.count();
    let row = |(kind, test, models): &(&str, &str, usize)| Row {
        test: Some((*test).to_owned()),
        ..Row::from(vec![
            (*kind).to_owned(),
            count(*models),
            percent(share(*models, all)),
        ])
        .sorted_by(&[as_i64(*models); 2])
    };
    // A query selects no models that are gone.
    let gone = match (all == set.rows(), comparison.gone) {
        (false, _) => None,
        (true, 1) => Some("1 model is gone.".to_owned()),
        (true, gone) => Some(format!("{} models are gone.", count(gone))),
    };
    let by_name = "Joined by id: renamed models count as new.".to_owned();
    let faults = comparison.faults.iter();
    let faults = faults.map(|fault| format!("Careful: {}.", figures::fault(fault)));
    let notes: Vec<String> = faults
        .chain(gone)
        .chain((!comparison.by_key).then_some(by_name))
        .collect();
    Section {
        title: format!("Since {}", figures::snapshot(comparison)),
        header: vec!["change", "models", "share"],
        rows: counted.iter().map(row).collect(),
        note: notes.join(" "),
    }
}

/// The first models of a list, with some of their figures.
fn models(hub: &Hub, title: &str, list: &TopChanges, fields: [Field; 3]) -> Section {
    let row = |model: ModelId| {
        let values = fields.map(|field| (field, hub.models.number(field, model)));
        let texts = values.map(|(field, value)| known(value, |value| in_short(field, value)));
        let id = hub.models.id(model).to_owned();
        let cells = [id].into_iter().chain(texts).collect::<Vec<_>>();
        Row::from(cells).sorted_by(&values.map(|(_, value)| value.unwrap_or(i64::MIN)))
    };
    let titles = fields.map(|field| field.info().title);
    let entries = list.first.iter();
    let listed = entries.filter_map(|entry| hub.graph.model(entry.after?));
    Section {
        title: title.to_owned(),
        header: ["model"].into_iter().chain(titles).collect(),
        rows: listed.map(row).collect(),
        note: match list.first.len() < list.total {
            true => format!("First {} of {}.", list.first.len(), count(list.total)),
            false => String::new(),
        },
    }
}
