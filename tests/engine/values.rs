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

/// Licenses are those of the tags; where none states one, those of the cards.
#[test]
fn a_license_is_the_same_everywhere() {
    let license = |hub: &Hub, model| {
        hub.models
            .word(Field::License, ModelId(model))
            .map(str::to_owned)
    };
    let hub = open(&data("counts.parquet"));
    assert_eq!(license(&hub, 0).as_deref(), Some("gpl"));
    assert_eq!(license(&hub, 1), None);
    let bytes = std::fs::read(data("counts.parquet")).unwrap();
    let other = replaced(&bytes, &[(b"license:gpl", 0, b'L')]);
    let hub = open(other.path());
    assert_eq!(license(&hub, 0).as_deref(), Some("mit"));
    assert_eq!(license(&hub, 1).as_deref(), Some("apache-2.0"));
    assert_eq!((license(&hub, 2), license(&hub, 3)), (None, None));
}

/// A file in which the byte at a place of every occurrence of a text is another.
fn replaced(bytes: &[u8], changes: &[(&[u8], usize, u8)]) -> tempfile::NamedTempFile {
    let mut bytes = bytes.to_vec();
    for (name, at, byte) in changes {
        let starts = (0..bytes.len()).filter(|start| bytes[*start..].starts_with(name));
        let starts: Vec<usize> = starts.collect();
        assert!(!starts.is_empty());
        starts.iter().for_each(|start| bytes[start + at] = *byte);
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    file
}

/// The file says that ids are UTF-8, and the bytes of one are not.
#[test]
fn text_that_is_no_utf8_costs_itself() {
    let bytes = std::fs::read(data("counts.parquet")).unwrap();
    let broken = [(&b"c/three"[..], 4, 0xFF), (b"license:gpl", 9, 0xFF)];
    let hub = open(replaced(&bytes, &broken).path());
    let ids: Vec<&str> = hub.models.ids().collect();
    assert_eq!(ids, ["a/one", "b/two", "c/th\u{FFFD}ee", "d/four"]);
    let license = hub.models.word(Field::License, ModelId(0));
    assert_eq!(license, Some("g\u{FFFD}l"));
    assert_eq!(hub.graph.bases(ModelId(1).into()).len(), 1);
}
