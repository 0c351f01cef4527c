//! Every family of the made-up and of the real rows.

use std::collections::BTreeSet;

use hubscope::engine::Hub;
use hubscope::engine::lineage::family;
use hubscope::engine::source::Source;
use hubscope::engine::table::field::Field;
use serde_json::Value;

use crate::common::lineage::{Naive, Totals};
use crate::common::{hub, open, real_file, real_frame, rows, rows_of};

fn check(hub: &Hub, rows: &[Value]) {
    let naive = Naive::new(rows);
    let lineage = hub.lineage();
    for name in naive.names() {
        let node = hub.find(&name).unwrap();
        let total = |field| lineage.number(field, node);
        let wanted = naive.totals(&name);
        let found = Totals {
            descendants: usize::try_from(total(Field::Descendants).unwrap()).unwrap(),
            downloads: total(Field::FamilyDownloads),
            all_time: total(Field::FamilyDownloadsAllTime),
        };
        assert_eq!(found, wanted, "{name}");
        let children = i64::try_from(naive.children(&name).len()).unwrap();
        assert_eq!(total(Field::Children), Some(children), "{name}");
        let walked = hub.family(node);
        assert_eq!(
            (walked.descendants, walked.downloads),
            (found.descendants, found.downloads)
        );
        // The most downloaded one made from it.
        let downloads = |id: &&str| {
            (
                naive.rows[id]["downloads"].as_i64(),
                std::cmp::Reverse(hub.models.find(id)),
            )
        };
        let most = naive.descendants(&name).into_iter().max_by_key(downloads);
        let found = family::most_downloaded(&hub.graph, &hub.models, node, None);
        assert_eq!(found.map(|model| hub.models.id(model)), most, "{name}");
    }
    let wanted = naive.roots();
    let found: BTreeSet<&str> = hub
        .rollup
        .roots
        .iter()
        .map(|root| hub.name(*root))
        .collect();
    assert_eq!(found.len(), wanted.len());
    for circle in &wanted {
        assert_eq!(
            circle
                .iter()
                .filter(|id| found.contains(id.as_str()))
                .count(),
            1,
            "{circle:?}"
        );
    }
    let alone = |id: &&&str| naive.children(id).is_empty() && naive.bases(id).is_empty();
    assert_eq!(
        hub.rollup.unrelated,
        naive.rows.keys().filter(alone).count()
    );
}

#[test]
fn of_the_made_up_rows() {
    check(&hub(), &rows());
}

#[test]
fn of_the_real_rows() {
    let Some(path) = real_file() else { return };
    check(&open(&path), &rows_of(&real_frame().unwrap()));
}

/// As the report tells it: 23 were made from it, in two ways.
#[test]
fn of_the_report() {
    let hub = Hub::open(&Source::Sample, &|_| {}).unwrap();
    let node = hub.find("Qwen/Qwen3-VL-8B-Instruct").unwrap();
    let family = hub.family(node);
    assert_eq!(family.children.iter().map(|(_, n)| n).sum::<usize>(), 23);
    let mut words: Vec<&str> = family
        .children
        .iter()
        .map(|(how, _)| how.as_str())
        .collect();
    words.sort_unstable();
    assert_eq!(words, ["finetune", "quantized"]);
    let downloads = |id: &str| {
        let model = hub.models.find(id).unwrap();
        assert!(hub.graph.bases(model.into()).contains(&node), "{id}");
        let how = hub.graph.relation(model.into(), node).unwrap();
        (hub.models.number(Field::Downloads, model).unwrap(), how)
    };
    assert_eq!(hub.lineage().number(Field::Downloads, node), Some(178_779));
    for (id, count, how) in [
        ("NexaAI/Qwen3-VL-8B-Instruct-GGUF", 22_391, "quantized"),
        (
            "unsloth/Qwen3-VL-8B-Instruct-unsloth-bnb-4bit",
            8_000,
            "quantized",
        ),
        ("cpatonn/Qwen3-VL-8B-Instruct-AWQ-4bit", 3_260, "quantized"),
        (
            "huihui-ai/Huihui-Qwen3-VL-8B-Instruct-abliterated",
            587,
            "finetune",
        ),
        (
            "prithivMLmods/Qwen3-VL-8B-Instruct-abliterated",
            145,
            "finetune",
        ),
    ] {
        assert_eq!(downloads(id), (count, how), "{id}");
    }
}
