//! The jobs of the guide: their keys lead to what the guide says, and there are few of them.

use crossterm::event::KeyCode;
use hubscope::engine::lineage::family;
use hubscope::engine::lineage::tree::TreeRowKind;
use hubscope::engine::query::memory;
use hubscope::engine::table::field::Field;
use hubscope::engine::table::models::ModelId;
use hubscope::tui::dialog::Dialog;
use hubscope::tui::headless::Headless;
use hubscope::tui::keys::keys_of;

use crate::sample::{after, hub};

/// The most keys of a job, beside the names that are typed.
const KEYS: usize = 25;

/// The keys of each job.
fn jobs() -> Vec<String> {
    let guide = include_str!("../../assets/guide/jobs.md");
    let lines = guide
        .lines()
        .filter_map(|line| line.strip_prefix("Keys: `"));
    lines
        .map(|keys| keys.trim_end_matches('`').to_owned())
        .collect()
}

/// Returns the explorer after a job, counted from 1.
fn job(number: usize) -> Headless {
    after(&jobs()[number - 1])
}

/// The models found, which must be some.
fn found(stage: &Headless) -> Vec<ModelId> {
    let hits = stage.app.session.hits.as_ref().unwrap();
    let found = hits.models[..hits.exact()].to_vec();
    assert!(!found.is_empty());
    found
}

fn word(field: Field, model: ModelId) -> Option<&'static str> {
    hub().models.word(field, model)
}

fn id(model: ModelId) -> &'static str {
    hub().models.id(model)
}

/// Returns the models for which a condition holds, one by one.
fn all(holds: impl Fn(ModelId) -> bool) -> usize {
    hub().models.all().filter(|model| holds(*model)).count()
}

/// Counts the keys that are not letters of names: in the query those of filters count, values and words
/// do not, and in a prompt nothing does.
fn strokes(keys: &str) -> usize {
    let mut stage = after("");
    let (mut count, mut is_name) = (0, true);
    for key in keys_of(keys).unwrap() {
        let in_query = stage.app.session.query.editing && !stage.app.is_covered();
        let in_prompt = matches!(stage.app.dialog, Some(Dialog::Prompt(_)));
        let is_typed = match key.code {
            KeyCode::Char(' ') => false,
            KeyCode::Char(_) => in_prompt || in_query && is_name,
            _ => false,
        };
        count += usize::from(!is_typed);
        stage.happen(hubscope::tui::app::Event::Key(key));
        // The beginning of a filter is no name.
        let text = stage.app.session.query.input.value();
        let term = text.rsplit(' ').next().unwrap_or_default();
        is_name = term.contains(':')
            || !term.is_empty()
                && stage
                    .app
                    .session
                    .query
                    .suggestions
                    .as_ref()
                    .is_none_or(|s| s.partial.rest_of_key(false).is_none());
    }
    count
}

#[test]
fn each_takes_few_keys() {
    let jobs = jobs();
    assert_eq!(jobs.len(), 12);
    for keys in &jobs {
        let strokes = strokes(keys);
        assert!(strokes <= KEYS, "{keys}: {strokes}");
    }
}

#[test]
fn quantizations_of_a_model() {
    let stage = job(1);
    let original = hub()
        .models
        .find("meta-llama/Llama-3.1-8B-Instruct")
        .unwrap();
    let copies = all(|m| hub().quantizations.original(&hub().graph, m) == Some(original));
    assert_eq!(found(&stage).len(), copies);
    let downloads: Vec<_> = found(&stage)
        .into_iter()
        .map(|model| hub().models.number(Field::Downloads, model))
        .collect();
    assert!(downloads.is_sorted_by(|one, next| one >= next));
}

#[test]
fn finetunes_under_a_license() {
    let wanted = all(|m| {
        id(m).to_lowercase().contains("qwen")
            && word(Field::Relation, m) == Some("finetune")
            && word(Field::License, m) == Some("apache-2.0")
    });
    assert_eq!(found(&job(2)).len(), wanted);
}

#[test]
fn what_fits() {
    let fits = |model: &ModelId| {
        let params = hub().models.number(Field::Params, *model);
        params.is_some_and(|params| memory::bytes(params, 4) <= 24_000_000_000)
    };
    let found = found(&job(3));
    let wanted = all(|m| fits(&m) && word(Field::Task, m) == Some("text-generation"));
    assert_eq!(found.len(), wanted);
}

#[test]
fn adapters_of_a_year() {
    let year = 1_735_689_600_000_000..1_767_225_600_000_000;
    let wanted = all(|m| {
        let created = hub().models.number(Field::CreatedAt, m);
        word(Field::Relation, m) == Some("adapter") && created.is_some_and(|at| year.contains(&at))
    });
    assert_eq!(found(&job(4)).len(), wanted);
}

#[test]
fn a_looser_license() {
    let stage = job(5);
    let text = stage.text();
    let current = hub().name(stage.app.session.current.unwrap());
    assert!(
        text.contains("Lineage") && text.contains("gpl-3.0"),
        "{text}"
    );
    assert_eq!(
        word(Field::License, hub().models.find(current).unwrap()),
        Some("mit")
    );
    assert!(text.contains("≠mit"), "{text}");
}

#[test]
fn two_are_compared() {
    let stage = job(6);
    let text = stage.text();
    let marks = &stage.app.session.marks;
    assert_eq!(marks.len(), 2);
    for mark in marks {
        assert!(text.contains(id(*mark)), "{text}");
    }
    assert!(text.contains("≠ recent share"), "{text}");
}

#[test]
fn the_bases_of_a_merge() {
    let stage = job(7);
    let text = stage.text();
    let merge = stage.app.session.current.unwrap();
    for base in hub().graph.distinct_bases(merge) {
        let name = hub().name(base).rsplit('/').next().unwrap();
        // The ends of a long name are seen.
        assert!(
            text.contains(&name[name.len().saturating_sub(4)..]),
            "{name}\n{text}"
        );
    }
}

#[test]
fn a_large_family() {
    let stage = job(8);
    let root = hub().find("meta-llama/Llama-3.1-8B").unwrap();
    let descendants = family::descendants(&hub().graph, root);
    let models = descendants
        .iter()
        .filter(|node| hub().graph.model(**node).is_some());
    assert_eq!(found(&stage).len(), models.count());
    assert!(stage.text().contains("Statistics of"), "{}", stage.text());
}

#[test]
fn only_quantized_ones_in_the_tree() {
    let stage = job(9);
    let outline = stage.app.tree.outline.as_ref().unwrap();
    let rows = &outline.rows()[outline.focus_row() + 1..];
    let children = rows.iter().filter(|row| row.kind == TreeRowKind::Node);
    let mut count = 0;
    for row in children {
        let below = family::descendants(&hub().graph, row.node);
        let is_quantized = |node: &_| {
            let model = hub().graph.model(*node);
            model.and_then(|model| word(Field::Relation, model)) == Some("quantized")
        };
        assert!(is_quantized(&row.node) || below.iter().any(is_quantized));
        count += 1;
    }
    assert!(count > 10);
}

#[test]
fn a_snippet() {
    let text = job(10).text();
    assert!(text.contains("from transformers import"), "{text}");
}

#[test]
fn a_list_is_taken_along() {
    let stage = job(11);
    let text = stage.text();
    assert!(text.contains("models.csv"), "{text}");
    assert!(
        text.contains("hubscope search --limit 0 --csv 'qwen likes:>100'"),
        "{text}"
    );
}

#[test]
fn a_query_comes_back() {
    let stage = job(12);
    assert_eq!(stage.app.session.query.text(), "qwen likes:>100");
    found(&stage);
}
