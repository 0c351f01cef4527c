//! The histogram from the keyboard: what its bars say is what a walk over all models counts, and
//! what they filter by is what they count.

use std::collections::BTreeSet;

use crate::sample::{after_at, hub};
use hubscope::engine::table::field::{Field, Kind};
use hubscope::engine::table::models::ModelId;
use hubscope::tui::headless::Headless;

fn query(stage: &Headless) -> &str {
    stage.app.session.query.input.value()
}

fn found(stage: &Headless) -> BTreeSet<ModelId> {
    let hits = stage.app.session.hits.as_ref().unwrap();
    hits.set.iter().collect()
}

/// The models of which the field is in a range, counted by hand.
fn count(field: Field, wanted: impl Fn(Option<i64>) -> bool) -> usize {
    let models = &hub().models;
    let values = models.all().map(|model| models.number(field, model));
    values.filter(|value| wanted(*value)).count()
}

fn grouped(number: usize) -> String {
    hubscope::present::format::count(number)
}

#[test]
fn every_bar_filters_by_what_it_counts_and_all_together_find_every_model_once() {
    for (turns, field) in Field::histograms().enumerate() {
        let mut stage = after_at((120, 40), &format!("3{}", "l".repeat(turns)));
        assert_eq!(stage.app.chart.field, field);
        let mut seen: BTreeSet<ModelId> = BTreeSet::new();
        let mut tests = Vec::new();
        loop {
            stage.keys("<enter>").unwrap();
            let test = query(&stage).to_owned();
            // Beyond the last bar it is the same one again, which takes the filter away.
            if test.is_empty() {
                break;
            }
            let some = found(&stage);
            assert!(seen.is_disjoint(&some), "{test} of {tests:?}");
            let within = stage.app.chart.within.as_ref().unwrap();
            let apart = [within.unknown, within.zero];
            let binned: usize = within.bins.iter().map(|bin| bin.count).sum();
            let reported = match test.split_once(':').unwrap() {
                ("no", _) => [some.len(), 0, 0],
                (_, "0..0") => [0, some.len(), 0],
                _ => [0, 0, some.len()],
            };
            assert_eq!([apart[0], apart[1], binned], reported, "{test}");
            seen.extend(some);
            tests.push(test);
            stage.keys("j").unwrap();
        }
        assert_eq!(seen.len(), 20_000, "{tests:?}");
        assert!(tests.len() > 3, "{tests:?}");
    }
}

#[test]
fn a_month_filters_by_all_its_days() {
    let stage = after_at((120, 80), "3llllzGk<enter>");
    assert_eq!(query(&stage), "created:2025-09");
    // From 2025-09-01 to 2025-10-01, in microseconds.
    let days = 1_756_684_800_000_000..1_759_276_800_000_000;
    let month = |created: Option<i64>| created.is_some_and(|time| days.contains(&time));
    assert_eq!(found(&stage).len(), count(Field::CreatedAt, month));
    assert!(!found(&stage).is_empty());
}

#[test]
fn a_bar_is_read_exactly() {
    // Wide enough that nothing is put together: zero, 1–2, 3–9, 10–29.
    let stage = after_at((120, 40), "3llzjjj");
    let some = count(Field::Likes, |likes| {
        (10..30).contains(&likes.unwrap_or(-1))
    });
    let up_to = count(Field::Likes, |likes| (0..30).contains(&likes.unwrap_or(-1)));
    let known = count(Field::Likes, |likes| likes.is_some());
    let percent = |part, whole| hubscope::present::format::percent(part as f64 / whole as f64);
    let reported = format!(
        "10–29: {} ({}), cumulative {} of known",
        grouped(some),
        percent(some, 20_000),
        percent(up_to, known)
    );
    assert!(
        stage.text().contains(&reported),
        "{reported}\n{}",
        stage.text()
    );
    // Of what matches, where a query asks.
    let stage = after_at((120, 40), "/gguf<enter>3llzjjj");
    let models = found(&stage);
    let likes = |model: &&ModelId| hub().models.number(Field::Likes, **model);
    let some = models
        .iter()
        .filter(|m| (10..30).contains(&likes(m).unwrap_or(-1)));
    let reported = format!("10–29: {} (", grouped(some.count()));
    assert!(
        stage.text().contains(&reported),
        "{reported}\n{}",
        stage.text()
    );
}

#[test]
fn the_selected_model_is_ranked_among_all_and_among_what_matches() {
    let rank = |stage: &Headless| stage.app.chart.rank.unwrap();
    let stage = after_at((120, 40), "/qwen3-vl-8b-instruct<enter>3lll");
    let (model, within) = rank(&stage);
    let own = hub().models.number(Field::Params, model).unwrap();
    let params = |model: &ModelId| hub().models.number(Field::Params, *model);
    let known: Vec<i64> = found(&stage).iter().filter_map(params).collect();
    assert_eq!(within.known, known.len());
    assert_eq!(within.below, known.iter().filter(|p| **p < own).count());
    let stage = after_at((120, 40), "jjj3lllz");
    let (model, all) = rank(&stage);
    let own = hub().models.number(Field::Params, model).unwrap();
    assert_eq!(all.known, count(Field::Params, |p| p.is_some()));
    assert_eq!(
        all.below,
        count(Field::Params, |p| p.is_some_and(|p| p < own))
    );
    let hundredths = all.below * 10_000 / all.known;
    assert!((1..10_000).contains(&hundredths));
    let percentile = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    let percentile = percentile.trim_end_matches('0').trim_end_matches('.');
    let reported = format!("percentile {percentile} of {}", grouped(all.known));
    assert!(
        stage.text().contains(&reported),
        "{reported}\n{}",
        stage.text()
    );
}

/// The bars on the screen, as (range, count).
fn bars(stage: &Headless) -> Vec<(String, usize)> {
    let text = stage.text();
    let rows = text.lines().skip(3);
    let bar = |row: &str| {
        let row = row.replace(['▶', '◆', '¼', '½', '¾'], " ");
        let words: Vec<&str> = row.split_whitespace().collect();
        let count = words.last()?.replace(',', "").parse().ok()?;
        Some((words[0].to_owned(), count))
    };
    rows.map_while(bar).collect()
}

#[test]
fn more_and_fewer_bins_count_the_same_models() {
    for (turns, field) in [
        (0, Field::Downloads),
        (3, Field::Params),
        (4, Field::CreatedAt),
    ] {
        let mut stage = after_at((120, 60), &format!("3z{}", "l".repeat(turns)));
        let all = |stage: &Headless| bars(stage).iter().map(|(_, count)| count).sum::<usize>();
        let usual = bars(&stage);
        assert_eq!(all(&stage), 20_000, "{field:?}\n{}", stage.text());
        stage.keys("-").unwrap();
        let fewer = bars(&stage);
        assert!(fewer.len() < usual.len(), "{}", stage.text());
        assert_eq!(all(&stage), 20_000, "{}", stage.text());
        stage.keys("+").unwrap();
        assert_eq!(bars(&stage), usual);
        stage.keys("++").unwrap();
        match field.info().kind {
            Kind::Time => assert!(stage.text().contains("No more bins")),
            _ => assert!(bars(&stage).len() > usual.len(), "{}", stage.text()),
        }
        stage.keys("--").unwrap();
        assert!(bars(&stage).len() <= usual.len(), "{}", stage.text());
    }
}

#[test]
fn regrouped_the_selection_stays_at_its_values() {
    let mut stage = after_at((120, 40), "3zGkk");
    let selected = |stage: &Headless| {
        let text = stage.text();
        let row = text
            .lines()
            .find(|row| row.starts_with('▶'))
            .unwrap()
            .to_owned();
        row[3..].split_whitespace().next().unwrap().to_owned()
    };
    let before = selected(&stage);
    assert_eq!(before, "10M–30M");
    stage.keys("-").unwrap();
    assert_eq!(selected(&stage), "10M–100M");
    stage.keys("+").unwrap();
    assert_eq!(selected(&stage), before);
}

#[test]
fn bins_are_of_one_width_on_a_linear_scale() {
    let mut stage = after_at((120, 60), "3zllr");
    let bins = stage.app.chart.bins.clone().unwrap();
    let widths: BTreeSet<i64> = bins.bins[1..].iter().map(|b| b.to - b.from).collect();
    assert_eq!(widths.len(), 1, "{bins:?}");
    for bin in &bins.bins {
        let within = |likes: Option<i64>| (bin.from..bin.to).contains(&likes.unwrap_or(0));
        assert_eq!(bin.count, count(Field::Likes, within));
    }
    // The next field is on the same scale, unless it is a time.
    stage.keys("ll").unwrap();
    assert_eq!(stage.app.chart.field, Field::CreatedAt);
    stage.keys("r").unwrap();
    assert!(stage.text().contains("Times have one scale only"));
    stage.keys("hr").unwrap();
    let bins = stage.app.chart.bins.clone().unwrap();
    let edges: Vec<i64> = bins.bins.iter().map(|bin| bin.from).collect();
    let times = |pair: &[i64]| [9, 10].contains(&(pair[1] * 3 / pair[0]));
    assert!(edges.windows(2).all(times), "{edges:?}");
}

#[test]
fn with_little_room_bars_stand_in_a_line() {
    for height in [4, 5, 6] {
        let stage = after_at((60, height), "3");
        let text = stage.text();
        let line = text.lines().nth(3).unwrap_or_default();
        let bins = &stage.app.chart.bins.as_ref().unwrap().bins;
        let columns = |line: &str| line.chars().filter(|c| ('▁'..='█').contains(c)).count();
        match height {
            // The title and the fields take it all.
            4 => assert_eq!(columns(&text), 0, "{text}"),
            _ => {
                let filled = bins.iter().filter(|bin| bin.count > 0).count();
                assert_eq!(columns(line), filled + 1, "{text}");
            }
        }
    }
}

/// What the exact reading of the bars says, and the counts of the bars that are marked.
fn reported(stage: &Headless) -> (String, Vec<usize>) {
    let text = stage.text();
    let is_reported = |line: &&str| line.contains(", cumulative ");
    let line = text.lines().find(is_reported).unwrap_or_default().trim();
    let marked = text.lines().filter(|row| row.starts_with(['▶', '┃']));
    let count = |row: &str| row.split_whitespace().last()?.replace(',', "").parse().ok();
    (line.to_owned(), marked.filter_map(count).collect())
}

#[test]
fn a_range_of_bars_is_read_and_filtered_by_as_one() {
    // Downloads: zero, 1–2, 3–9, 10–29, 30–99; from 1 on, three bars.
    for keys in ["3zjvjj", "3zjJJ", "3zjjjK<shift-up>"] {
        let mut stage = after_at((120, 40), keys);
        let within = |d: Option<i64>| (1..30).contains(&d.unwrap_or(0));
        let models = count(Field::Downloads, within);
        let up_to = count(Field::Downloads, |d| d.is_some_and(|d| d < 30));
        let known = count(Field::Downloads, |d| d.is_some());
        let percent = |part, whole| hubscope::present::format::percent(part as f64 / whole as f64);
        let (line, marked) = reported(&stage);
        let wanted = format!(
            "1–29 in 3 bars: {} ({}), cumulative {} of known",
            grouped(models),
            percent(models, 20_000),
            percent(up_to, known)
        );
        assert_eq!(line, wanted, "{keys}");
        assert_eq!((marked.len(), marked.iter().sum()), (3, models), "{keys}");
        stage.keys("<enter>").unwrap();
        assert_eq!(query(&stage), "downloads:1..29");
        assert_eq!(found(&stage).len(), models);
        // The range stays, so that the same key takes the filter away.
        stage.keys("<enter>").unwrap();
        assert_eq!(query(&stage), "");
        // One step out: the range, then the zoom, then the pane.
        stage.keys("<esc>").unwrap();
        assert_eq!(reported(&stage).1.len(), 1, "{}", stage.text());
        stage.keys("<enter>").unwrap();
        assert!(query(&stage).starts_with("downloads:"));
        assert_ne!(query(&stage), "downloads:1..29");
    }
}

#[test]
fn a_range_from_zero_or_over_months_is_one_test_too() {
    let mut stage = after_at((120, 40), "3zvjj<enter>");
    assert_eq!(query(&stage), "downloads:0..9");
    let few = |d: Option<i64>| (0..10).contains(&d.unwrap_or(-1));
    assert_eq!(found(&stage).len(), count(Field::Downloads, few));
    stage = after_at((120, 80), "3llllzGkvkk<enter>");
    assert_eq!(query(&stage), "created:2025-07..2025-09");
    // From 2025-07-01 to 2025-10-01, in microseconds.
    let days = 1_751_328_000_000_000..1_759_276_800_000_000;
    let made = |created: Option<i64>| created.is_some_and(|time| days.contains(&time));
    assert_eq!(found(&stage).len(), count(Field::CreatedAt, made));
}

#[test]
fn a_range_never_takes_in_what_is_unknown_and_stays_at_its_values() {
    let mut stage = after_at((120, 40), "3zlllgv");
    assert!(stage.text().contains("A range starts at a known value"));
    stage.keys("jjjjvg<enter>").unwrap();
    // Put together, the bars at both ends are those that have these values.
    assert_eq!(query(&stage), "params:30..2999");
    stage.keys("<enter>-<enter>").unwrap();
    assert_eq!(query(&stage), "params:30..9999");
}
