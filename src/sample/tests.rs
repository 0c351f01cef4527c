//! The sample as a reader sees it: written to memory, read back and measured by Polars.

use std::collections::{HashMap, HashSet};
use std::io::Cursor;

use polars::prelude::*;

use crate::sample::oddities::LONGEST_ID;
use crate::sample::targets::{self, END, FULL, START};
use crate::sample::timeline::{WELL_KNOWN, WellKnown};
use crate::sample::weights::DTYPES;
use crate::sample::{Recipe, write};

const ROWS: usize = 4_000;
const RECIPE: Recipe = Recipe {
    rows: ROWS,
    seed: 7,
    hostile: false,
};
const EXPLODE: ExplodeOptions = ExplodeOptions {
    empty_as_null: true,
    keep_nulls: true,
};

fn bytes(recipe: Recipe) -> Vec<u8> {
    let mut out = Vec::new();
    let mut written = 0;
    write(&recipe, &mut out, |rows| written = rows).expect("the sample is written");
    assert_eq!(written, recipe.rows);
    out
}

fn hub(recipe: Recipe) -> DataFrame {
    let reader = ParquetReader::new(Cursor::new(bytes(recipe)));
    reader.finish().expect("the sample is read")
}

/// Returns an expression over the hub, one number.
fn number(hub: &DataFrame, expression: Expr) -> f64 {
    let number = expression.cast(DataType::Float64).alias("x");
    let answer = hub
        .clone()
        .lazy()
        .select([number])
        .collect()
        .expect("a query that works");
    let column = answer.column("x").expect("one column");
    column.f64().expect("numbers").get(0).unwrap_or(f64::NAN)
}

/// Returns the number of rows that pass `test`.
fn count(hub: &DataFrame, test: Expr) -> usize {
    number(hub, test.cast(DataType::Int64).sum()) as usize
}

/// Returns the rows that pass `test`.
fn filter(hub: &DataFrame, test: Expr) -> DataFrame {
    hub.clone().lazy().filter(test).collect().expect("rows")
}

fn texts(frame: &DataFrame, name: &str) -> StringChunked {
    frame
        .column(name)
        .expect("a column")
        .str()
        .expect("text")
        .clone()
}

fn field(column: &str, name: &str) -> Expr {
    col(column).struct_().field_by_name(name)
}

fn parameters(dtype: &str) -> Expr {
    field("safetensors", "parameters")
        .struct_()
        .field_by_name(dtype)
}

/// Returns one row for each (model, base) pair: `id`, `relation`, `base`.
fn edges(hub: &DataFrame) -> DataFrame {
    let bases = field("baseModels", "models").list();
    let base = bases
        .eval(element().struct_().field_by_name("id"))
        .alias("base");
    let edges = filter(hub, col("baseModels").is_not_null())
        .lazy()
        .select([col("id"), field("baseModels", "relation"), base])
        .explode(cols(["base"]), EXPLODE);
    edges.collect().expect("edges")
}

#[track_caller]
fn assert_near(found: f64, wanted: f64, margin: f64) {
    let distance = (found - wanted).abs();
    assert!(distance <= margin, "{found} is not {wanted} ± {margin}");
}

#[test]
fn layout_is_the_one_of_may_2026() {
    let text = || DataType::String;
    let timestamp = || DataType::Datetime(TimeUnit::Microseconds, None);
    let whole = || DataType::Int64;
    let fields = |fields: Vec<(&str, DataType)>| {
        let fields = fields.into_iter();
        DataType::Struct(
            fields
                .map(|(name, dtype)| Field::new(name.into(), dtype))
                .collect(),
        )
    };
    let dtypes = fields(DTYPES.iter().map(|name| (*name, whole())).collect());
    let safetensors = fields(vec![("parameters", dtypes), ("total", whole())]);
    let base = fields(vec![("_id", text()), ("id", text())]);
    let models = DataType::List(Box::new(base));
    let base_models = fields(vec![("relation", text()), ("models", models)]);
    let wanted = [
        ("id", text()),
        ("author", text()),
        ("createdAt", timestamp()),
        ("lastModified", timestamp()),
        ("downloads", whole()),
        ("downloadsAllTime", whole()),
        ("likes", whole()),
        ("trendingScore", DataType::Float64),
        ("tags", DataType::List(Box::new(text()))),
        ("cardData", text()),
        ("safetensors", safetensors),
        ("gguf", text()),
        ("baseModels", base_models),
        ("pipeline_tag", text()),
        ("library_name", text()),
    ];
    let hub = hub(Recipe {
        rows: 100,
        ..RECIPE
    });
    let found = hub
        .schema()
        .iter()
        .map(|(name, dtype)| (name.as_str(), dtype.clone()));
    assert_eq!(found.collect::<Vec<_>>(), wanted);
}

#[test]
fn shares_are_the_real_ones() {
    let hub = hub(RECIPE);
    let of_full = |count: usize| 100.0 * count as f64 / FULL as f64;
    for (test, percent) in [
        (
            col("downloads").gt(0),
            of_full(targets::DOWNLOADED_RECENTLY),
        ),
        (col("downloadsAllTime").gt(0), of_full(targets::DOWNLOADED)),
        (
            col("safetensors").is_not_null(),
            of_full(targets::SAFETENSORS),
        ),
        (col("baseModels").is_not_null(), 28.09),
        (col("pipeline_tag").is_null(), 12.0),
        (col("library_name").is_null(), 13.0),
        (col("gguf").is_not_null(), 7.0),
    ] {
        assert_near(100.0 * count(&hub, test) as f64 / ROWS as f64, percent, 0.5);
    }
    let relations = ["adapter", "finetune", "quantized", "merge"];
    for (relation, full) in relations.into_iter().zip(targets::RELATIONS) {
        let found = count(&hub, field("baseModels", "relation").eq(lit(relation)));
        assert_eq!(found, targets::scaled(full, ROWS), "{relation}");
    }
    assert_eq!(number(&hub, col("downloads").median()), 0.0);
    assert_near(number(&hub, col("downloadsAllTime").median()), 19.0, 1.0);
    let recent = number(&hub, col("downloads").sum()) / number(&hub, col("downloadsAllTime").sum());
    assert_near(100.0 * recent, 3.75, 0.5);
}

#[test]
fn parameters_have_the_real_quartiles() {
    let hub = hub(RECIPE);
    let total = || field("safetensors", "total");
    for (at, millions, margin) in [
        (0.25, 124.4, 8.0),
        (0.5, 764.5, 40.0),
        (0.75, 6_738.4, 300.0),
    ] {
        let found = number(&hub, total().quantile(lit(at), QuantileMethod::Linear));
        assert_near(found / 1e6, millions, margin);
    }
    assert_eq!(number(&hub, total().max()), 19_980_000_000_000_000.0);
    assert!(number(&hub, total().min()) < 1_000.0);
    assert_eq!(count(&hub, total().gt(684_540_000_000_i64)), 1);
    for dtype in DTYPES {
        assert!(
            count(&hub, parameters(dtype).is_not_null()) > 0,
            "{dtype} is used"
        );
    }
}

/// Returns the well-known models made from the first one.
fn first_family() -> impl Iterator<Item = &'static WellKnown> {
    let first = &WELL_KNOWN[0].id;
    WELL_KNOWN
        .iter()
        .filter(move |known| known.base.as_ref() == Some(first))
}

#[test]
fn well_known_models_have_their_figures() {
    for rows in [300, ROWS] {
        let hub = hub(Recipe { rows, ..RECIPE });
        let one = |id: &str, what: Expr| number(&filter(&hub, col("id").eq(lit(id))), what.sum());
        for known in WELL_KNOWN[..10].iter().chain(first_family()) {
            assert_eq!(one(&known.id, lit(1)), 1.0, "{}", known.id);
            assert_eq!(
                Some(one(&known.id, col("downloads")) as i64),
                known.downloads
            );
            assert_eq!(
                one(&known.id, col("downloadsAllTime")) as i64,
                known.all_time
            );
        }
        let first = &WELL_KNOWN[0].id;
        assert_eq!(one(first, col("likes")), 300.0);
        assert_eq!(one(first, parameters("BF16")), 8_767_123_696.0);
        assert_eq!(one(first, col("createdAt").dt().day()), 11.0);
    }
}

#[test]
fn classes_are_led_by_the_real_three() {
    let hub = hub(RECIPE);
    let billion = 1_000_000_000;
    for (from, to, leaders) in [
        (0, billion, [1, 3, 2]),
        (7 * billion, 15 * billion, [4, 6, 5]),
        (100 * billion, 10_000_000 * billion, [7, 8, 9]),
    ] {
        let total = || field("safetensors", "total");
        let class = filter(&hub, total().gt_eq(from).and(total().lt(to)));
        let order = SortMultipleOptions::new().with_order_descending(true);
        let class = class.sort(["downloadsAllTime"], order).expect("a class");
        let wanted = leaders.map(|at: usize| Some(WELL_KNOWN[at].id.as_str()));
        assert_eq!(
            texts(&class.head(Some(3)), "id").iter().collect::<Vec<_>>(),
            wanted
        );
    }
}

#[test]
fn the_first_family_has_23_members() {
    let edges = edges(&hub(RECIPE));
    let family = filter(&edges, col("base").eq(lit(WELL_KNOWN[0].id.as_str())));
    assert_eq!(family.height(), 23);
    let with_relation = |relation| count(&family, col("relation").eq(lit(relation)));
    let (quantized, finetunes) = (with_relation("quantized"), with_relation("finetune"));
    assert_eq!(quantized + finetunes, 23);
    assert!(quantized > 0 && finetunes > 0);
}

#[test]
fn lineage_has_every_shape() {
    let hub = hub(RECIPE);
    assert_eq!(
        number(&hub, field("baseModels", "models").list().len().max()),
        47.0
    );
    let edges = edges(&hub);
    assert!(
        count(&edges, col("id").eq(col("base"))) >= 4,
        "models that are their own base"
    );
    let (ids, children, bases) = (
        texts(&hub, "id"),
        texts(&edges, "id"),
        texts(&edges, "base"),
    );
    let ids: HashSet<&str> = ids.iter().flatten().collect();
    let missing = bases
        .iter()
        .flatten()
        .filter(|base| !ids.contains(base))
        .count();
    assert_near(100.0 * missing as f64 / edges.height() as f64, 7.0, 3.0);
    let mut parents = HashMap::<&str, Vec<&str>>::new();
    for (child, base) in children.iter().flatten().zip(bases.iter().flatten()) {
        parents.entry(child).or_default().push(base);
    }
    let is_in_cycle = |start: &&str| {
        let mut at = *start;
        (0..5).any(|_| {
            let next = parents.get(at).filter(|bases| bases.len() == 1);
            at = next.map_or("", |bases| bases[0]);
            at == *start
        })
    };
    // Two, three, four and five, and those that are their own base.
    assert!(parents.keys().filter(|id| is_in_cycle(id)).count() >= 2 + 3 + 4 + 5 + 4);
    assert!(deepest(&parents) >= 12);
}

/// Returns the number of models in the longest chain of first bases.
fn deepest(parents: &HashMap<&str, Vec<&str>>) -> usize {
    let depth = |start: &&str| {
        let chain = std::iter::successors(Some(*start), |at| Some(*parents.get(at)?.first()?));
        let mut seen = HashSet::new();
        chain.take_while(|at| seen.insert(*at)).count()
    };
    parents.keys().map(depth).max().unwrap_or_default()
}

#[test]
fn ids_and_dates_are_as_odd_as_the_real_ones() {
    let hub = hub(RECIPE);
    let bytes = || col("id").str().len_bytes();
    assert_eq!(number(&hub, bytes().max()) as usize, LONGEST_ID);
    assert_eq!(count(&hub, bytes().neq(col("id").str().len_chars())), 0);
    assert_eq!(number(&hub, col("id").n_unique()) as usize, ROWS - 3);
    assert!(count(&hub, col("author").is_null()) >= 5);
    assert!(count(&hub, col("downloads").gt(col("downloadsAllTime"))) >= 3);
    let seconds = |name: &str| col(name).cast(DataType::Int64) / lit(1_000_000);
    assert_eq!(number(&hub, seconds("createdAt").min()) as i64, START);
    assert_eq!(number(&hub, seconds("createdAt").max()) as i64, END);
    assert!(number(&hub, seconds("lastModified").max()) as i64 <= END);
    assert_eq!(count(&hub, col("lastModified").lt(col("createdAt"))), 0);
}

#[test]
fn cards_and_descriptions_are_json() {
    let hub = hub(RECIPE);
    for name in ["cardData", "gguf"] {
        for text in texts(&hub, name).iter().flatten() {
            let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
            assert!(value.is_object());
            assert!(name != "gguf" || value["total"].is_u64());
        }
    }
}

#[test]
fn the_same_recipe_makes_the_same_bytes() {
    let small = Recipe {
        rows: 1_500,
        ..RECIPE
    };
    assert_eq!(bytes(small), bytes(small));
    assert_ne!(bytes(small), bytes(Recipe { seed: 8, ..small }));
}

/// `hubscope sample --rows 20000` makes the file in `assets`: the same rows, even if a later
/// compressor makes other bytes of them.
#[test]
fn the_built_in_file_is_made_by_the_recipe() {
    let built_in = Cursor::new(include_bytes!("../../assets/sample.parquet"));
    let built_in = ParquetReader::new(built_in).finish().unwrap();
    assert!(built_in.equals_missing(&hub(Recipe::BUILT_IN)));
}

#[test]
fn hostile_text_is_everywhere() {
    let hub = hub(Recipe {
        hostile: true,
        ..RECIPE
    });
    let tags = hub
        .select(["tags"])
        .expect("tags")
        .lazy()
        .explode(cols(["tags"]), EXPLODE);
    let tags = tags.collect().expect("tags");
    let edges = edges(&hub);
    let percent = |frame: &DataFrame, name: &str, fragment: &str| {
        let texts = texts(frame, name);
        let found = texts
            .iter()
            .flatten()
            .filter(|text| text.contains(fragment))
            .count();
        100.0 * found as f64 / frame.height() as f64
    };
    for name in ["id", "author", "pipeline_tag", "library_name"] {
        assert!(percent(&hub, name, "\u{1b}") > 1.0, "{name}");
    }
    for fragment in ["\u{9b}", "\n", "\t", "\u{202e}", "\u{200b}", "模型"] {
        assert!(percent(&hub, "id", fragment) > 0.0, "{fragment:?}");
    }
    assert!(percent(&hub, "cardData", "\\u001b") > 5.0);
    assert!(percent(&tags, "tags", "\u{1b}") > 1.0);
    assert!(percent(&edges, "base", "\u{1b}") > 1.0);
}

#[test]
fn tiny_hubs_are_hubs() {
    for rows in [0, 1, 2, 10, 33, 34, 100, 500, 1_000] {
        for hostile in [false, true] {
            let recipe = Recipe {
                rows,
                hostile,
                ..RECIPE
            };
            assert_eq!(hub(recipe).height(), rows);
        }
    }
}
