//! The statistics over the panes: each line that can be filtered by counts what its test finds, and
//! the tables keep up with the query.

use std::sync::atomic::AtomicBool;

use crate::sample::{after, hub};
use hubscope::engine::query::parse::parse;
use hubscope::engine::search::searcher::Searcher;
use hubscope::engine::table::field::Field;
use hubscope::present::report::Section;
use hubscope::tui::headless::Headless;
use hubscope::tui::views::statistics::Statistics;

fn sections(stage: &Headless) -> &[Section] {
    match stage.app.overlay_as::<Statistics>() {
        Some(statistics) => statistics.sections().unwrap(),
        None => panic!("no statistics\n{}", stage.text()),
    }
}

fn found(query: &str) -> usize {
    let query = parse(query).unwrap().query;
    let never = AtomicBool::new(false);
    let mut searcher = Searcher::default();
    searcher
        .matching(hub().corpus(), &query, &never)
        .unwrap()
        .count()
}

#[test]
fn lines_count_what_their_tests_find() {
    for query in ["", "gguf", "downloads:>1K has:params"] {
        let stage = after(&format!("/{query}<enter>%"));
        let mut tested = 0;
        for section in sections(&stage) {
            let Some(models) = section.header.iter().position(|head| *head == "models") else {
                continue;
            };
            for row in &section.rows {
                if let Some(test) = &row.test {
                    let reported = row.cells[models].replace(',', "");
                    let query = format!("{query} {test}");
                    assert_eq!(
                        reported,
                        found(&query).to_string(),
                        "{query}: {}",
                        section.title
                    );
                    tested += 1;
                }
            }
        }
        assert!(tested > 60, "{tested}");
    }
}

#[test]
fn enter_filters_by_the_line_and_the_tables_follow() {
    // The eighth table is that of tasks; below its title and the headings, the second line.
    let mut stage = after("%<tab><tab><tab><tab><tab><tab><tab>jjj<enter>");
    let query = stage.app.session.query.input.value().to_owned();
    let task = query.strip_prefix("task:").unwrap();
    let models = &hub().models;
    let of = |task: &str| {
        let all = models.all();
        all.filter(|m| models.word(Field::Task, *m) == Some(task))
            .count()
    };
    let count = of(task);
    // No task but one has more models.
    let names = models.words(Field::Task).unwrap();
    let more = names.names().flatten().filter(|name| of(name) > count);
    assert_eq!(more.count(), 1);
    let tasks = sections(&stage)
        .iter()
        .find(|s| s.title == "Tasks")
        .unwrap();
    let reported = hubscope::present::format::count(count);
    assert_eq!(tasks.rows[0].cells[..3], [task, &reported, "100%"]);
    let text = stage.text();
    assert!(
        text.contains(&format!(
            "Statistics of {reported} models that match `{query}`"
        )),
        "{text}"
    );
    stage.keys("<esc>").unwrap();
    assert!(!stage.app.is_covered());
    assert_eq!(stage.app.session.query.input.value(), query);
}

#[test]
fn lines_that_no_query_asks_for_say_so_and_every_table_can_be_reached() {
    let mut stage = after("%<enter>");
    assert!(
        stage
            .text()
            .contains("This row is neither a model nor a filter")
    );
    let titles: Vec<String> = sections(&stage).iter().map(|s| s.title.clone()).collect();
    assert!(titles.len() > 10);
    for title in &titles[1..] {
        stage.keys("<tab>").unwrap();
        let text = stage.text();
        let selected = text.lines().find(|line| line.starts_with('▶')).unwrap();
        assert_eq!(
            selected[3..].trim_end().trim_end_matches('▐').trim_end(),
            title
        );
    }
    stage.keys("<backtab>g").unwrap();
    assert!(stage.text().contains("▶Field coverage"), "{}", stage.text());
    stage.keys("%").unwrap();
    assert!(!stage.app.is_covered());
    let text = after("/a b<enter>%$").text();
    assert!(text.contains("hubscope stats --where='a b'"), "{text}");
}
