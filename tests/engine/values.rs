//! Values that a file may hold and no count, score or name can be: each is unknown, and costs no other.

use std::path::{Path, PathBuf};

use hubscope::engine::Hub;
use hubscope::engine::source::Source;
use hubscope::engine::stats::histogram::histogram;
use hubscope::engine::table::field::Field;
use hubscope::engine::table::models::ModelId;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn open(path: &Path) -> Hub {
    Hub::open(&Source::File(path.to_owned()), &|_| {}).unwrap()
}

fn numbers(hub: &Hub, field: Field) -> Vec<Option<i64>> {
    hub.models
        .all()
        .map(|model| hub.models.number(field, model))
        .collect()
}

#[test]
fn counts_of_every_type_are_read() {
    let hub = open(&data("counts.parquet"));
    let downloads = [Some(1), Some(200), Some(4_000_000_000), None];
    assert_eq!(numbers(&hub, Field::Downloads), downloads);
    assert_eq!(
        numbers(&hub, Field::Likes),
        [Some(0), Some(1), Some(255), None]
    );
    // Beyond all counts of 63 bits.
    assert_eq!(
        numbers(&hub, Field::Params),
        [Some(7), None, Some(70_000), None]
    );
    let hub = open(&data("small.parquet"));
    assert_eq!(numbers(&hub, Field::Downloads), [Some(3), Some(65_535)]);
    assert_eq!(numbers(&hub, Field::DownloadsAllTime), [Some(7), Some(99)]);
}

/// In the list, in totals and in statistics alike.
#[test]
fn a_negative_count_is_unknown() {
    let hub = open(&data("counts.parquet"));
    let all_time = [None, Some(250), Some(5_000_000_000), None];
    assert_eq!(numbers(&hub, Field::DownloadsAllTime), all_time);
    // a/one has one child, of 250 downloads.
    assert_eq!(
        hub.models.number(Field::FamilyDownloadsAllTime, ModelId(0)),
        Some(250)
    );
    assert_eq!(hub.models.recent_share(ModelId(0)), None);
    let bins = histogram(&hub.models, Field::DownloadsAllTime);
    assert_eq!((bins.unknown, bins.zero), (2, 0));
    let hub = open(&data("small.parquet"));
    assert_eq!(numbers(&hub, Field::Likes), [None, Some(9)]);
}

#[test]
fn a_score_that_is_no_number_is_unknown() {
    let hub = open(&data("counts.parquet"));
    let scores = hub
        .models
        .all()
        .map(|m| hub.models.score(Field::TrendingScore, m));
    assert_eq!(
        scores.collect::<Vec<_>>(),
        [None, Some(1.5), Some(0.0), None]
    );
}

#[test]
fn an_unused_entry_of_a_dictionary_states_nothing() {
    let hub = open(&data("counts.parquet"));
    assert!(hub.find("nobody/unused").is_none());
    assert_eq!(hub.graph.nodes().count(), 4);
    let bases = |model| hub.graph.bases(ModelId(model).into()).len();
    assert_eq!([0, 1, 2, 3].map(bases), [0, 1, 0, 1]);
}

#[test]
fn a_card_that_is_a_struct_states_the_license() {
    let hub = open(&data("counts.parquet"));
    let license = |model| hub.license(ModelId(model)).unwrap();
    // The tags come first.
    assert_eq!(license(0).as_deref(), Some("gpl"));
    assert_eq!(license(1).as_deref(), Some("apache-2.0"));
    assert_eq!((license(2), license(3)), (None, None));
    assert_eq!(
        hub.record(ModelId(1)).unwrap().license.as_deref(),
        Some("apache-2.0")
    );
}

/// The file says that ids are UTF-8, and the bytes of one are not.
#[test]
fn text_that_is_no_utf8_costs_itself() {
    let mut bytes = std::fs::read(data("counts.parquet")).unwrap();
    for (name, at) in [
        (&b"c/three"[..], 4),
        (b"apache-2.0", 1),
        (b"license:gpl", 9),
    ] {
        let starts = (0..bytes.len()).filter(|start| bytes[*start..].starts_with(name));
        let starts: Vec<usize> = starts.collect();
        assert!(!starts.is_empty());
        starts.iter().for_each(|start| bytes[start + at] = 0xFF);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.parquet");
    std::fs::write(&path, bytes).unwrap();
    let hub = open(&path);
    let ids: Vec<&str> = hub.models.ids().collect();
    assert_eq!(ids, ["a/one", "b/two", "c/th\u{FFFD}ee", "d/four"]);
    assert_eq!(
        hub.license(ModelId(0)).unwrap().as_deref(),
        Some("g\u{FFFD}l")
    );
    assert_eq!(
        hub.license(ModelId(1)).unwrap().as_deref(),
        Some("a\u{FFFD}ache-2.0")
    );
    assert_eq!(hub.graph.bases(ModelId(1).into()).len(), 1);
}
