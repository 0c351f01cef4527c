//! What lies over the panes, from the keyboard: the plot of two fields, tables that are sorted or
//! shown whole, the columns of the files. What is drawn is what a walk over all models counts.

use std::collections::BTreeSet;

use crate::sample::{after, hub};
use hubscope::engine::table::field::Field;
use hubscope::engine::table::models::ModelId;
use hubscope::present::format;
use hubscope::tui::headless::Headless;
use hubscope::tui::keymap::KeyContext;
use hubscope::tui::views::statistics::Statistics;

fn found(stage: &Headless) -> BTreeSet<ModelId> {
    let hits = stage.app.session.hits.as_ref().unwrap();
    hits.set.iter().collect()
}

/// Both fields of the plot of every model.
fn pairs() -> impl Iterator<Item = [Option<i64>; 2]> {
    let models = &hub().models;
    let both = |model| [Field::Params, Field::Downloads].map(|field| models.number(field, model));
    models.all().map(both)
}

fn is_plotted(pair: &[Option<i64>; 2]) -> bool {
    pair.iter().all(|value| value.is_some_and(|v| v > 0))
}

/// The line that reads the selected cell.
fn reading(stage: &Headless) -> String {
    let text = stage.text();
    let line = text.lines().find(|line| line.contains("in the plot)"));
    line.unwrap_or_else(|| panic!("{text}")).trim().to_owned()
}

#[test]
fn the_plot_tells_what_is_in_it_and_what_is_not() {
    let text = after("D").text();
    let unknown = pairs().filter(|pair| pair.contains(&None)).count();
    let plotted = pairs().filter(is_plotted).count();
    let zero = pairs().count() - unknown - plotted;
    assert!(unknown > 0 && zero > 0 && plotted > 0);
    let reported = format!(
        "not in the plot: {} with unknown params or downloads, {} with zero",
        format::count(unknown),
        format::count(zero)
    );
    assert!(text.contains(&reported), "{reported}\n{text}");
    let reported = format!("of {} in the plot)", format::count(plotted));
    assert!(text.contains(&reported), "{reported}\n{text}");
    // The filter's models only.
    let mut stage = after("/gguf<enter>D");
    let models = found(&stage);
    let both = |model: &&ModelId| {
        let fields = [Field::Params, Field::Downloads];
        is_plotted(&fields.map(|field| hub().models.number(field, **model)))
    };
    let plotted = models.iter().filter(both).count();
    let reported = format!("of {} in the plot)", format::count(plotted));
    assert!(
        reading(&stage).contains(&reported),
        "{reported}\n{}",
        stage.text()
    );
    stage.keys("D").unwrap();
    assert!(!stage.app.is_covered());
}

#[test]
fn a_cell_is_read_exactly_and_filters_by_both_its_ranges() {
    for keys in ["D", "Dl", "Dkk", "Dj<pageup>h", "D<end><home>"] {
        let mut stage = after(keys);
        let line = reading(&stage);
        let (_, reported) = line.rsplit_once(": ").unwrap();
        let reported: usize = reported
            .split(' ')
            .next()
            .unwrap()
            .replace(',', "")
            .parse()
            .unwrap();
        stage.keys("<enter>").unwrap();
        assert!(!stage.app.is_covered());
        let query = stage.app.session.query.input.value().to_owned();
        let bounds: Vec<(i64, i64)> = query.split(' ').map(bounds).collect();
        let is_in = |pair: &[Option<i64>; 2]| {
            let mut both = pair.iter().zip(&bounds);
            both.all(|(value, (from, to))| value.is_some_and(|v| *from <= v && v <= *to))
        };
        let counted = pairs().filter(is_in).count();
        assert_eq!(
            (counted, found(&stage).len()),
            (reported, reported),
            "{keys}: {line}"
        );
        assert!(
            query.starts_with("params:") && query.contains(" downloads:"),
            "{query}"
        );
    }
}

/// The range of a test, `params:7M..9999999`.
fn bounds(test: &str) -> (i64, i64) {
    let number = |text: &str| -> i64 {
        let units = [("K", 1_000), ("M", 1_000_000), ("B", 1_000_000_000)];
        let unit = units.into_iter().find(|(unit, _)| text.ends_with(unit));
        let (unit, times) = unit.unwrap_or(("", 1));
        text.strip_suffix(unit).unwrap().parse::<i64>().unwrap() * times
    };
    let (_, range) = test.split_once(':').unwrap();
    let (from, to) = range.split_once("..").unwrap();
    (number(from), number(to))
}

#[test]
fn the_plot_begins_at_the_selected_model_and_the_statistics_come_back() {
    let mut stage = after("/qwen3-vl-8b-instruct<enter>D");
    let model = stage.app.list.selected(&stage.app.session).unwrap();
    let values = [Field::Params, Field::Downloads].map(|f| hub().models.number(f, model).unwrap());
    let reported = format!(
        "◆ {}: params {}",
        hub().models.id(model),
        format::short(values[0])
    );
    assert!(
        stage.text().contains(&reported),
        "{reported}\n{}",
        stage.text()
    );
    stage.keys("<enter>").unwrap();
    let query = stage.app.session.query.input.value();
    let bounds = query.split(' ').skip(1).map(bounds);
    for ((from, to), value) in bounds.zip(values) {
        assert!((from..=to).contains(&value), "{query}");
    }
    assert!(found(&stage).contains(&model));
    // What is left is cut finer, and the narrower ranges take the place of the others.
    stage.keys("D<enter>").unwrap();
    assert_eq!(stage.app.session.query.input.value().split(' ').count(), 3);
    assert!(found(&stage).contains(&model));
    for keys in ["D", "C"] {
        stage.keys(&format!("%{keys}<esc>")).unwrap();
        assert!(stage.app.overlay_as::<Statistics>().is_some());
        stage.keys(&format!("<esc>{keys}<esc>")).unwrap();
        assert!(!stage.app.is_covered());
    }
    // By their names, too.
    for name in ["density", "schema"] {
        let stage = after(&format!(":{name}<enter>"));
        let context = stage.app.overlay().unwrap().context();
        assert_eq!(context, KeyContext(name));
    }
}

/// The words of the table on the screen and their last numbers before the bars, top to bottom.
fn words(stage: &Headless, title: &str) -> Vec<String> {
    let text = stage.text();
    let rows = text
        .lines()
        .skip_while(|l| l.trim_matches(['▶', ' ']) != title)
        .skip(2);
    let rows = rows.take_while(|line| !line.trim().is_empty());
    rows.map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect()
}

/// The tasks by models and by downloads, counted by hand: (task, models, downloads).
fn tasks() -> Vec<(String, usize, i64)> {
    let models = &hub().models;
    let names = models.words(Field::Task).unwrap();
    let of = |task: &str| {
        let own = || {
            models
                .all()
                .filter(|m| models.word(Field::Task, *m) == Some(task))
        };
        let downloads = own()
            .filter_map(|m| models.number(Field::Downloads, m))
            .sum();
        (task.to_owned(), own().count(), downloads)
    };
    names
        .names()
        .flatten()
        .map(of)
        .filter(|(_, models, _)| *models > 0)
        .collect()
}

#[test]
fn a_table_is_sorted_by_each_column_and_shown_whole() {
    let at_tasks = "%<tab><tab><tab><tab><tab><tab><tab>";
    let mut all = tasks();
    assert!(all.len() > 13, "{}", all.len());
    all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut twelve: Vec<_> = all[..12].to_vec();
    let names = |tasks: &[(String, usize, i64)]| -> Vec<String> {
        tasks.iter().map(|task| task.0.clone()).collect()
    };
    let mut stage = after(&format!("{at_tasks}s"));
    assert_eq!(words(&stage, "Tasks")[..12], names(&twelve));
    assert!(stage.text().contains("models↓"), "{}", stage.text());
    // By downloads; those of two words may be the same to three digits, not to the last one.
    stage.keys("ss").unwrap();
    twelve.sort_by_key(|task| std::cmp::Reverse(task.2));
    assert_eq!(words(&stage, "Tasks")[..12], names(&twelve));
    assert_eq!(words(&stage, "Tasks")[12], "(others:", "stays below");
    stage.keys("S").unwrap();
    twelve.reverse();
    assert_eq!(words(&stage, "Tasks")[..12], names(&twelve));
    stage.keys("s").unwrap();
    twelve.sort_by_key(|task| task.0.to_lowercase());
    assert_eq!(words(&stage, "Tasks")[..12], names(&twelve));
    // Whole, by itself, and the order of all comes back with them.
    stage.keys("z").unwrap();
    let sections = |stage: &Headless| {
        let statistics = stage.app.overlay_as::<Statistics>();
        statistics.map_or(0, |statistics| statistics.sections().unwrap().len())
    };
    assert_eq!(sections(&stage), 1);
    let shown = words(&stage, "Tasks");
    let known: Vec<String> = shown
        .into_iter()
        .filter(|word| !word.starts_with('('))
        .collect();
    assert!(known.len() > 12, "{}", stage.text());
    assert_eq!(known, names(&all)[..known.len()]);
    for back in ["z", "<esc>"] {
        let mut stage = after(&format!("{at_tasks}ssssz{back}"));
        assert!(sections(&stage) > 5);
        assert_eq!(words(&stage, "Tasks")[..12], names(&twelve));
        stage.keys("<esc>").unwrap();
        assert!(!stage.app.is_covered());
    }
    assert!(after("%z").text().contains("This table has no more values"));
}

#[test]
fn the_columns_of_the_file_are_reported() {
    let stage = after("C");
    let text = stage.text();
    for column in hub().files().unwrap().columns() {
        let line = text.lines().find(|line| {
            line.trim_start_matches(['▶', ' ']).split(' ').next() == Some(column.name.as_str())
        });
        let nulls = hub().files().unwrap().nulls(&column.name).unwrap().unwrap();
        let share = format::percent(format::share(nulls, 20_000));
        assert!(
            line.is_some_and(|line| line.contains(&share)),
            "{} {share}\n{text}",
            column.name
        );
    }
    assert!(text.contains("used as"), "{text}");
}
