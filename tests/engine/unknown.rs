//! Small files in which a column, a number or a relation is unknown, repeated or of an odd type, with the
//! answers worked out by hand.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use hubscope::engine::Hub;
use hubscope::engine::parquet::schema::Schema;
use hubscope::engine::query::parse::parse;
use hubscope::engine::search::searcher::Searcher;
use hubscope::engine::stats::summary::summary;
use hubscope::engine::table::bitset::ModelSet;
use hubscope::engine::table::field::Field;
use hubscope::engine::table::models::ModelId;
use polars::prelude::*;
use serde_json::{Value, json};

use crate::common::{frame_of, layout, open, write};

/// The rows by way of a file without some columns.
fn hub_without(rows: &[Value], left_out: &[&str]) -> Hub {
    let mut columns = layout();
    columns.retain(|(name, _)| !left_out.contains(name));
    opened(&mut frame_of(rows, &columns))
}

fn hub(rows: &[Value]) -> Hub {
    hub_without(rows, &[])
}

fn opened(frame: &mut DataFrame) -> Hub {
    let file = tempfile::NamedTempFile::with_suffix(".parquet").unwrap();
    write(frame, file.path());
    open(file.path())
}

/// The ids that a query finds, in the order of the file.
fn found(hub: &Hub, query: &str) -> Vec<String> {
    let query = parse(query).ok().unwrap().query;
    let never = AtomicBool::new(false);
    let set = Searcher::default().matching(hub.corpus(), &query, &never);
    let set = set.unwrap();
    set.iter()
        .map(|model| hub.models.id(model).to_owned())
        .collect()
}

fn word<'h>(hub: &'h Hub, field: Field, id: &str) -> Option<&'h str> {
    hub.models.word(field, hub.models.find(id).unwrap())
}

fn number(hub: &Hub, field: Field, id: &str) -> Option<i64> {
    hub.models.number(field, hub.models.find(id).unwrap())
}

fn bases(relation: Value, ids: &[&str]) -> Value {
    let models: Vec<Value> = ids
        .iter()
        .map(|id| json!({"_id": null, "id": id}))
        .collect();
    json!({"relation": relation, "models": models})
}

fn figures(hub: &Hub) -> hubscope::engine::stats::summary::Summary {
    let all = ModelSet::all(hub.models.len());
    summary(&hub.models, &hub.graph, &hub.suspects, &all)
}

#[test]
fn a_column_of_nulls_is_no_column() {
    let row = |id: &str, downloads: i64| json!({"id": id, "downloads": downloads, "safetensors": {"total": 1_000}});
    let hub = hub(&[
        row("a/first", 1),
        row("b/second", 2),
        row("c/third", 3),
        row("d/fourth", 1_000_000),
    ]);
    for field in [
        Field::DownloadsAllTime,
        Field::Likes,
        Field::TrendingScore,
        Field::Task,
        Field::Relation,
        Field::License,
    ] {
        assert!(hub.lacks(field) && !hub.models.has(field), "{field:?}");
    }
    let summary = figures(&hub);
    let ids: Vec<&str> = summary
        .top_by_size
        .under_1b
        .iter()
        .map(|m| hub.models.id(*m))
        .collect();
    assert_eq!(ids, ["d/fourth", "c/third", "b/second"]);
    assert!(summary.downloads_all_time.is_none() && summary.recent_share.is_none());
    assert!(summary.lineage.is_none());
    assert_eq!(number(&hub, Field::FamilyDownloads, "a/first"), None);
    assert_eq!(found(&hub, "is:unrelated"), [""; 0]);
    assert_eq!(
        hub.models.frame().get_column_names(),
        ["id", "downloads", "params", "params_source"]
    );
}

#[test]
fn a_column_of_nulls_hides_no_other() {
    let rows = [
        json!({"id": "a/x", "tags": ["base_model:b/base", "base_model:finetune:b/base"]}),
        json!({"id": "b/base", "tags": []}),
    ];
    let hub = hub(&rows);
    assert_eq!(found(&hub, "base:b/base"), ["a/x"]);
    assert_eq!(word(&hub, Field::Relation, "a/x"), Some("finetune"));
    assert_eq!(number(&hub, Field::Descendants, "b/base"), Some(1));
}

#[test]
fn a_family_without_a_known_number_has_no_sum() {
    let of_base = || bases(json!("quantized"), &["b/base"]);
    let rows = [
        json!({"id": "a/x", "baseModels": of_base()}),
        json!({"id": "a/y", "baseModels": of_base()}),
        json!({"id": "b/base"}),
        json!({"id": "c/other", "downloads": 7, "baseModels": bases(json!("finetune"), &["c/base"])}),
        json!({"id": "c/base"}),
    ];
    let hub = hub(&rows);
    for field in [Field::FamilyDownloads, Field::DownloadsWithCopies] {
        assert_eq!(number(&hub, field, "b/base"), None);
        assert_eq!(number(&hub, field, "a/x"), None);
    }
    assert_eq!(number(&hub, Field::FamilyDownloads, "c/base"), Some(7));
    assert_eq!(hub.family(hub.find("b/base").unwrap()).downloads, None);
    assert_eq!(hub.family(hub.find("c/base").unwrap()).downloads, Some(7));
    assert_eq!(found(&hub, "has:downloads"), ["c/other"]);
}

#[test]
fn tags_are_searched_as_they_are_written() {
    let rows = [
        json!({"id": "a/x", "tags": ["base_model:b/base", "mit"]}),
        json!({"id": "a/y", "tags": ["mit"], "baseModels": bases(json!("finetune"), &["b/base"])}),
        json!({"id": "a/self", "tags": ["base_model:a/self"], "baseModels": bases(json!("finetune"), &["a/self"])}),
        json!({"id": "b/base", "tags": []}),
        json!({"id": "a/case", "baseModels": bases(json!("finetune"), &["B/Base"])}),
    ];
    let hub = hub(&rows);
    assert_eq!(found(&hub, "tag:base_model:b/base"), ["a/x"]);
    assert_eq!(found(&hub, "base:b/base"), ["a/y"]);
    assert_eq!(found(&hub, "tag:base_model:a/self"), ["a/self"]);
    assert_eq!(found(&hub, "has:tag"), ["a/x", "a/y", "a/self"]);
}

#[test]
fn a_relation_belongs_to_its_edge() {
    let rows = [
        json!({"id": "a/x", "tags": ["base_model:b/other", "base_model:b/base", "base_model:quantized:b/base"]}),
        json!({"id": "b/base", "tags": []}),
    ];
    let hub = hub_without(&rows, &["baseModels"]);
    let node = |id| hub.find(id).unwrap();
    assert_eq!(
        hub.graph.relation(node("a/x"), node("b/base")),
        Some("quantized")
    );
    assert_eq!(hub.graph.relation(node("a/x"), node("b/other")), Some(""));
    assert_eq!(word(&hub, Field::Relation, "a/x"), Some("quantized"));
    assert_eq!(found(&hub, "relation:quantized"), ["a/x"]);
}

#[test]
fn a_relation_without_a_base_is_kept() {
    let hub = hub(&[json!({"id": "a/b", "baseModels": bases(json!("merge"), &[])})]);
    assert_eq!(word(&hub, Field::Relation, "a/b"), Some("merge"));
    assert_eq!(found(&hub, "relation:merge"), ["a/b"]);
    assert_eq!(found(&hub, "has:base"), [""; 0]);
}

#[test]
fn a_base_counts_once_a_row() {
    let twice = ["b/base", "b/base"];
    let many: Vec<String> = (0..200).map(|n| format!("g/{}", n % 70)).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let rows = [
        json!({"id": "a/x", "baseModels": bases(json!("finetune"), &twice)}),
        json!({"id": "b/base"}),
        json!({"id": "a/self", "baseModels": bases(json!("merge"), &["a/self", "b/base"])}),
        json!({"id": "a/merge", "baseModels": bases(json!("merge"), &many)}),
    ];
    let hub = hub(&rows);
    let stated = |id| hub.graph.bases(hub.find(id).unwrap()).len();
    assert_eq!(
        (stated("a/x"), stated("a/self"), stated("a/merge")),
        (1, 2, 70)
    );
    let lineage = figures(&hub).lineage.unwrap();
    assert_eq!(
        (lineage.edges, lineage.self_edges, lineage.multi_base),
        (73, 1, 1)
    );
    assert_eq!(found(&hub, "is:merge"), ["a/merge"]);
}

#[test]
fn a_word_without_letters_is_unknown() {
    let rows = [
        json!({"id": "a/b", "pipeline_tag": "", "library_name": " "}),
        json!({"id": "c/d", "pipeline_tag": "text-generation"}),
    ];
    let hub = hub(&rows);
    assert_eq!(found(&hub, "has:task"), ["c/d"]);
    assert!(hub.lacks(Field::Library));
}

#[test]
fn no_share_is_zero_alone() {
    let row = |id: &str, downloads: i64| json!({"id": id, "downloads": downloads, "downloadsAllTime": 100});
    let hub = hub(&[row("a/b", 0), row("c/d", 49), row("e/f", 1)]);
    assert_eq!(found(&hub, "ratio:0"), ["a/b"]);
    assert_eq!(found(&hub, "ratio:0%"), ["a/b"]);
    assert_eq!(found(&hub, "ratio:0.5"), ["c/d"]);
    assert_eq!(found(&hub, "params_source:safetensors"), [""; 0]);
}

#[test]
fn a_map_states_counts_by_tensor_type() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/map.parquet");
    let hub = open(&path);
    let dtypes = [0, 1, 2].map(|row| hub.models.word(Field::Dtype, ModelId(row)));
    assert_eq!(dtypes, [Some("BF16"), None, Some("I32")]);
    let counts = |row| hub.record(ModelId(row)).unwrap().dtypes;
    let count = |name: &str, count| (name.to_owned(), count);
    assert_eq!(counts(0), [count("BF16", 5), count("F32", 2)]);
    assert_eq!(counts(1), []);
    assert_eq!(counts(2), [count("I32", 9)]);
    assert_eq!(number(&hub, Field::Params, "b/none"), Some(3));
}

/// A column of a type that no count is read from is unknown, and the schema says why.
#[test]
fn a_column_of_another_type_is_named() {
    let mut frame = df!("id" => ["a/b"], "likes" => [true], "createdAt" => [7_i64], "downloads" => [3_i64], "pipeline_tag" => ["x"]).unwrap();
    let list = Series::new("downloadsAllTime".into(), [Series::new("".into(), [1_i64])]);
    frame.with_column(list.into_column()).unwrap();
    let hub = opened(&mut frame);
    for field in [Field::Likes, Field::CreatedAt, Field::DownloadsAllTime] {
        assert!(hub.lacks(field), "{field:?}");
    }
    let schema = Schema::outline(&hub.source, &hub.files().unwrap());
    let reasons = schema
        .columns
        .iter()
        .map(|c| (c.name.as_str(), c.not_read.as_deref()));
    let wanted = [
        ("id", None),
        ("likes", Some("bool is not a number")),
        ("createdAt", Some("i64 is not a time")),
        ("downloads", None),
        ("pipeline_tag", None),
        ("downloadsAllTime", Some("list[i64] is not a number")),
    ];
    assert_eq!(reasons.collect::<Vec<_>>(), wanted);
}

/// An export has the names of JSON, and is read like any other file.
#[test]
fn an_export_is_read_again() {
    let rows = [
        json!({"id": "a/x", "downloads": 5, "downloadsAllTime": 50, "likes": 1, "trendingScore": 0.5,
            "createdAt": 1_700_000_000_000_000_i64, "lastModified": 1_710_000_000_000_000_i64,
            "pipeline_tag": "text-generation", "library_name": "gguf", "tags": ["license:mit"],
            "safetensors": {"parameters": {"BF16": 7}, "total": 7},
            "baseModels": bases(json!("finetune"), &["b/base", "c/ghost"])}),
        json!({"id": "b/base", "gguf": "{\"total\": 9}"}),
    ];
    let before = hub(&rows);
    let file = tempfile::NamedTempFile::with_suffix(".parquet").unwrap();
    let table = hubscope::engine::export::ModelTable {
        hub: &before,
        columns: hubscope::engine::export::ModelColumn::all().collect(),
        nodes: before.models.all().map(Into::into).collect(),
        extra: Vec::new(),
    };
    table.write_parquet(file.reopen().unwrap()).unwrap();
    let after = open(file.path());
    for id in ["a/x", "b/base"] {
        for info in hubscope::engine::table::field::FIELDS {
            let field = info.field;
            assert_eq!(
                number(&before, field, id),
                number(&after, field, id),
                "{field:?} of {id}"
            );
            assert_eq!(
                word(&before, field, id),
                word(&after, field, id),
                "{field:?} of {id}"
            );
        }
        let named = |hub: &Hub| {
            let bases = hub.graph.bases(hub.find(id).unwrap()).iter();
            bases
                .map(|base| hub.name(*base).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(named(&before), named(&after));
    }
}
