//! Completion in the query line: keys, values with the models that have them, ids.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use hubscope::engine::table::field::Field;
use hubscope::engine::table::models::ModelId;
use hubscope::tui::answers::answerer::Answerer;
use hubscope::tui::app::{Effect, Event};
use hubscope::tui::headless::Headless;
use hubscope::tui::keys::keys_of;

use crate::sample::{after, after_at, hub};

fn query(stage: &Headless) -> &str {
    stage.app.session.query.input.value()
}

fn found(stage: &Headless) -> usize {
    stage.app.session.hits.as_ref().unwrap().exact()
}

/// The words suggested, with their counts.
fn suggested(stage: &Headless) -> Vec<(String, Option<usize>)> {
    let suggestions = stage.app.session.query.suggestions.as_ref().unwrap();
    let words = suggestions.words.iter();
    words
        .map(|found| (found.word.clone(), found.models))
        .collect()
}

/// Counts the licenses of the models whose id contains a word, one by one.
fn licenses(word: &str) -> BTreeMap<String, usize> {
    let models = &hub().models;
    let with_word = models
        .all()
        .filter(|model: &ModelId| models.id(*model).to_lowercase().contains(word));
    let mut counts = BTreeMap::new();
    for license in with_word.filter_map(|model| models.word(Field::License, model)) {
        *counts.entry(license.to_owned()).or_default() += 1;
    }
    counts
}

#[test]
fn values_are_counted_among_what_the_rest_finds() {
    let stage = after("/qwen license:");
    let counts = licenses("qwen");
    let shown = suggested(&stage);
    assert_eq!(shown.len(), counts.len());
    for (word, models) in &shown {
        assert_eq!(*models, counts.get(word).copied(), "{word}");
    }
    assert!(shown.is_sorted_by_key(|(_, models)| std::cmp::Reverse(*models)));
    // Those that begin as typed come first, whatever their counts.
    let words: Vec<String> = suggested(&after("/qwen license:m"))
        .into_iter()
        .map(|s| s.0)
        .collect();
    let starts = words.iter().filter(|word| word.starts_with('m')).count();
    assert!(starts > 0 && words[..starts].iter().all(|word| word.starts_with('m')));
    assert!(words[starts..].iter().all(|word| word[1..].contains('m')));
}

#[test]
fn a_filter_is_completed_and_not_searched() {
    let all = found(&after("/qwen<enter>"));
    for typed in [
        "license:",
        "license:a",
        "licence:apa",
        "-task:t",
        "sort:",
        "is:ro",
    ] {
        let stage = after(&format!("/qwen {typed}"));
        assert_eq!(found(&stage), all, "{typed}");
        assert!(
            stage.text().contains("below: qwen"),
            "{typed}\n{}",
            stage.text()
        );
    }
    // A word that is whole is searched for, one that is left is, too.
    let mit = licenses("qwen")["mit"];
    assert_eq!(found(&after("/qwen license:mit")), mit);
    assert_eq!(found(&after("/qwen license:mi<enter>")), 0);
    let stage = after("/qwen license:mi<tab>");
    assert_eq!((query(&stage), found(&stage)), ("qwen license:mit ", mit));
    // The values before it in the list stay.
    let both = found(&after("/qwen license:mit,other<enter>"));
    assert_eq!(found(&after("/qwen license:mit,oth")), mit);
    assert_eq!(found(&after("/qwen license:mit,oth<tab>")), both);
}

#[test]
fn keys_and_ids_are_completed() {
    assert_eq!(query(&after("/lic<tab>")), "license:");
    assert_eq!(query(&after("/x so<tab>lik<tab>")), "x sort:likes ");
    let stage = after("/family:llama-3.1-8b");
    let words = suggested(&stage);
    for (id, models) in &words {
        assert!(id.to_lowercase().contains("llama-3.1-8b"), "{id}");
        let model = hub().models.find(id).unwrap();
        let descendants = hub().models.number(Field::Descendants, model);
        assert_eq!(models.map(|n| n as i64), descendants, "{id}");
    }
    let stage = after("/base:meta-llama/Llama-3.1-8B-Ins<tab>");
    assert_eq!(query(&stage), "base:meta-llama/Llama-3.1-8B-Instruct ");
    let node = hub().find("meta-llama/Llama-3.1-8B-Instruct").unwrap();
    assert_eq!(found(&stage), hub().graph.children(node).len());
    // A word of an id is none, and tab leads to the next pane.
    let stage = after("/llama<tab>");
    assert_eq!(query(&stage), "llama");
    assert!(!stage.app.session.query.editing);
}

#[test]
fn arrows_choose_a_completion() {
    let second = suggested(&after("/license:"))[1].0.clone();
    for keys in [
        "<down><down><enter>",
        "<down><down><tab>",
        "<down><down><down><up><tab>",
    ] {
        assert_eq!(
            query(&after(&format!("/license:{keys}"))),
            format!("license:{second} ")
        );
    }
    // Escape leaves the line as it was typed.
    let stage = after("/license:ap<down><esc>");
    assert_eq!(query(&stage), "license:ap");
    assert_eq!(found(&stage), 0);
}

#[test]
fn completions_are_seen_at_every_size() {
    for size in [(80, 24), (120, 40), (50, 15), (40, 10)] {
        let text = after_at(size, "/license:").text();
        assert!(text.contains("apache-2.0"), "{size:?}\n{text}");
    }
}

#[test]
fn what_is_ticked_is_taken() {
    let stage = after("flicense<enter><tab><down><tab><down><enter>");
    assert_eq!(query(&stage).split(',').count(), 2);
    assert!(!stage.app.is_covered());
    // Without a tick, the selected value is taken.
    let stage = after("flicense<enter><enter>");
    assert_eq!(query(&stage), "license:apache-2.0");
}

/// The list of another query is marked as such.
#[test]
fn a_mistake_names_the_query_of_the_list() {
    let text = after("/qwen params:7X").text();
    assert!(text.contains("below: qwen params:7"), "{text}");
    let text = after("/\"").text();
    assert!(text.contains("below: all models"), "{text}");
}

/// Whatever changes the query while something is suggested, it is changed as a whole.
#[test]
fn other_keys_change_the_query_while_something_is_suggested() {
    for keys in [
        "/license:<f1>close<enter>",
        "/qwen license:<f1>remove filter<enter>",
        "/qwen3-vl-8b license:<f1>same author<enter>",
        "/qwen<enter>/ license:<f1>undo<enter>",
        "/license:mi<up>",
        "/qwen task:tex<tab><f1>task:<enter>te",
    ] {
        let mut stage = after(keys);
        stage.text();
        stage.keys("<esc><esc>jk").unwrap();
    }
    assert_eq!(query(&after("/license:<f1>close<enter>")), "");
}

#[test]
fn words_of_the_letters_before_are_not_taken() {
    let wanted = query(&after("/license:g<tab>")).to_owned();
    let mut stage = after("/license:");
    let mut asked = Vec::new();
    for key in keys_of("g<tab>").unwrap() {
        for effect in stage.app.update(Event::Key(key)) {
            if let Effect::Ask(question) = effect {
                asked.push(question);
            }
        }
    }
    // Tab waits for the answer.
    assert_eq!(query(&stage), "license:g");
    let mut answerer = Answerer::default();
    for question in asked {
        let never = AtomicBool::new(false);
        let answer = answerer.answer(&question, &never, |_| ()).unwrap();
        stage.happen(Event::Answer(answer));
    }
    assert!(
        wanted.starts_with("license:g") && wanted.ends_with(' '),
        "{wanted}"
    );
    assert_eq!(query(&stage), wanted);
}

#[test]
fn what_is_valid_under_another_name_is_whole() {
    let sorted = |keys: &str| after(keys).app.session.query.order().to_string();
    assert_eq!(sorted("/sort:likes:asc"), "likes:asc");
    assert_eq!(sorted("/sort:size"), "params");
    assert_eq!(sorted("/sort:likes,do<tab>"), "likes,downloads");
    assert_eq!(
        found(&after("/has:licence")),
        found(&after("/has:license<enter>"))
    );
    let tag = found(&after("/tag:text-generation<enter>"));
    assert_eq!(found(&after("/tag:\"text-generation\"")), tag);
    // What needs an older snapshot is not suggested without one.
    assert!(
        suggested(&after("/is:n"))
            .iter()
            .all(|(word, _)| word != "new")
    );
    assert_eq!(query(&after("/del<tab>")), "del");
}

#[test]
fn a_further_value_joins_the_one_that_was_completed() {
    let both = query(&after("/license:mit<tab>,apa<tab>")).to_owned();
    assert_eq!(both, "license:mit,apache-2.0 ");
    assert_eq!(query(&after("/license:mi<tab>x,y")), "license:mit x,y");
}

#[test]
fn moving_in_a_filter_completes_it_again() {
    let stage = after("/task:text-gen foo<left><left><left><left><tab>");
    assert_eq!(query(&stage), "task:text-generation foo");
    // Numbers are not listed: an example stands in their place.
    let stage = after("/qwen params:");
    assert_eq!(found(&stage), found(&after("/qwen<enter>")));
    assert!(
        stage.text().contains("such as params:7B..15B"),
        "{}",
        stage.text()
    );
}
