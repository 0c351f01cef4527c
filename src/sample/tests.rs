//! The sample as a reader sees it: written to memory, read back and measured by Polars.

use std::io::Cursor;

use polars::prelude::*;

use crate::sample::famous::{DERIVATIVES, FIGURES, QWEN3_VL};
use crate::sample::oddities::LONGEST_ID;
use crate::sample::shape;
use crate::sample::shape::{END, FULL, START};
use crate::sample::weights::DTYPES;
use crate::sample::{Recipe, write};

const ROWS: usize = 4_000;
const RECIPE: Recipe = Recipe {
    rows: ROWS,
    seed: 7,
    hostile: false,
};

fn bytes(recipe: Recipe) -> Vec<u8> {
    let mut out = Vec::new();
    let mut written = 0;
    write(&recipe, &mut out, |rows| written = rows).expect("the sample is written");
    assert_eq!(written, recipe.rows);
    out
}

fn hub(recipe: Recipe) -> DataFrame {
    let bytes = Cursor::new(bytes(recipe));
    ParquetReader::new(bytes)
        .finish()
        .expect("the sample is read")
}

/// What `expression` makes of the hub, one number.
fn number(hub: &DataFrame, expression: Expr) -> f64 {
    let answer = hub
        .clone()
        .lazy()
        .select([expression.cast(DataType::Float64).alias("x")]);
    let answer = answer.collect().expect("a query that works");
    let column = answer.column("x").expect("one column");
    column.f64().expect("numbers").get(0).unwrap_or(f64::NAN)
}

/// Share of the rows, in percent, for which `test` is true.
fn share(hub: &DataFrame, test: Expr) -> f64 {
    100.0 * number(hub, test.cast(DataType::Float64).sum()) / hub.height() as f64
}

fn field(column: &str, name: &str) -> Expr {
    col(column).struct_().field_by_name(name)
}

/// One row for each (model, base) pair: `id`, `relation`, `base`, `downloads`.
fn edges(hub: &DataFrame) -> DataFrame {
    let models = field("baseModels", "models");
    let ids = models.list().eval(element().struct_().field_by_name("id"));
    hub.clone()
        .lazy()
        .filter(col("baseModels").is_not_null())
        .select([
            col("id"),
            field("baseModels", "relation"),
            ids.alias("base"),
            col("downloads"),
        ])
        .explode(
            cols(["base"]),
            ExplodeOptions {
                empty_as_null: true,
                keep_nulls: true,
            },
        )
        .collect()
        .expect("edges")
}

#[track_caller]
fn near(found: f64, wanted: f64, margin: f64) {
    assert!(
        (found - wanted).abs() <= margin,
        "{found} is not {wanted} ± {margin}"
    );
}

#[test]
fn layout_is_the_one_of_may_2026() {
    let text = || DataType::String;
    let moment = || DataType::Datetime(TimeUnit::Microseconds, None);
    let whole = || DataType::Int64;
    let fields = |names: Vec<(&str, DataType)>| {
        DataType::Struct(
            names
                .into_iter()
                .map(|(name, kind)| Field::new(name.into(), kind))
                .collect(),
        )
    };
    let dtypes = fields(DTYPES.iter().map(|name| (*name, whole())).collect());
    let base = fields(vec![("_id", text()), ("id", text())]);
    let wanted = [
        ("id", text()),
        ("author", text()),
        ("createdAt", moment()),
        ("lastModified", moment()),
        ("downloads", whole()),
        ("downloadsAllTime", whole()),
        ("likes", whole()),
        ("trendingScore", DataType::Float64),
        ("tags", DataType::List(Box::new(text()))),
        ("cardData", text()),
        (
            "safetensors",
            fields(vec![("parameters", dtypes), ("total", whole())]),
        ),
        ("gguf", text()),
        (
            "baseModels",
            fields(vec![
                ("relation", text()),
                ("models", DataType::List(Box::new(base))),
            ]),
        ),
        ("pipeline_tag", text()),
        ("library_name", text()),
    ];
    let hub = hub(Recipe {
        rows: 100,
        ..RECIPE
    });
    let found: Vec<(&str, DataType)> = hub
        .schema()
        .iter()
        .map(|(name, kind)| (name.as_str(), kind.clone()))
        .collect();
    assert_eq!(found, wanted);
}

#[test]
fn shares_are_the_reports() {
    let hub = hub(RECIPE);
    let of_full = |count: usize| 100.0 * count as f64 / FULL as f64;
    near(
        share(&hub, col("downloads").gt(0)),
        of_full(shape::RECENT),
        0.5,
    );
    near(
        share(&hub, col("downloadsAllTime").gt(0)),
        of_full(shape::EVER),
        0.5,
    );
    near(
        share(&hub, col("safetensors").is_not_null()),
        of_full(shape::SAFETENSORS),
        0.5,
    );
    near(share(&hub, col("baseModels").is_not_null()), 28.09, 0.5);
    near(share(&hub, col("pipeline_tag").is_null()), 12.0, 0.5);
    near(share(&hub, col("library_name").is_null()), 13.0, 0.5);
    near(share(&hub, col("gguf").is_not_null()), 7.0, 0.5);
    for (word, count) in ["adapter", "finetune", "quantized", "merge"]
        .iter()
        .zip(shape::RELATIONS)
    {
        let found = number(&hub, field("baseModels", "relation").eq(lit(*word)).sum());
        assert_eq!(found as usize, shape::scaled(count, ROWS), "{word}");
    }
    assert_eq!(number(&hub, col("downloads").median()), 0.0);
    near(number(&hub, col("downloadsAllTime").median()), 19.0, 1.0);
    let recent = number(&hub, col("downloads").sum()) / number(&hub, col("downloadsAllTime").sum());
    near(100.0 * recent, 3.75, 0.5);
}

#[test]
fn parameters_have_the_reports_quartiles() {
    let hub = hub(RECIPE);
    let total = || field("safetensors", "total");
    let quartile = |at: f64| number(&hub, total().quantile(lit(at), QuantileMethod::Linear)) / 1e6;
    near(quartile(0.25), 124.4, 8.0);
    near(quartile(0.5), 764.5, 40.0);
    near(quartile(0.75), 6_738.4, 300.0);
    assert_eq!(number(&hub, total().max()), 19_980_000_000_000_000.0);
    assert!(number(&hub, total().min()) < 1_000.0);
    let sane = total().lt_eq(lit(684_540_000_000_i64));
    assert_eq!(number(&hub, sane.not().sum()), 1.0);
    for dtype in DTYPES {
        let used = field("safetensors", "parameters")
            .struct_()
            .field_by_name(dtype);
        assert!(
            number(&hub, used.is_not_null().sum()) > 0.0,
            "{dtype} is used"
        );
    }
}

#[test]
fn reported_models_have_their_figures() {
    for rows in [300, ROWS] {
        let hub = hub(Recipe { rows, ..RECIPE });
        let one = |id: &str, what: Expr| {
            let row = hub.clone().lazy().filter(col("id").eq(lit(id)));
            number(&row.collect().expect("a row"), what.sum())
        };
        for figures in FIGURES {
            assert_eq!(one(figures.id, lit(1)), 1.0, "{}", figures.id);
            assert_eq!(one(figures.id, col("downloads")), figures.downloads as f64);
            assert_eq!(
                one(figures.id, col("downloadsAllTime")),
                figures.all_time as f64
            );
        }
        assert_eq!(one(QWEN3_VL, col("likes")), 300.0);
        let bf16 = field("safetensors", "parameters")
            .struct_()
            .field_by_name("BF16");
        assert_eq!(one(QWEN3_VL, bf16), 8_767_123_696.0);
        assert_eq!(one(QWEN3_VL, col("createdAt").dt().day()), 11.0);
        for (id, _, downloads) in DERIVATIVES {
            assert_eq!(one(id, col("downloads")), downloads as f64, "{id}");
        }
    }
}

#[test]
fn classes_are_led_by_the_reports_three() {
    let hub = hub(RECIPE);
    let leaders = |from: i64, to: i64| -> Vec<String> {
        let total = field("safetensors", "total");
        let class = hub
            .clone()
            .lazy()
            .filter(total.clone().gt_eq(from).and(total.lt(to)));
        let order = SortMultipleOptions::new().with_order_descending(true);
        let best = class
            .sort(["downloadsAllTime"], order)
            .limit(3)
            .collect()
            .expect("a class");
        let ids = best.column("id").expect("ids").str().expect("text").clone();
        ids.iter().flatten().map(str::to_string).collect()
    };
    let billion = 1_000_000_000;
    let small = [FIGURES[1].id, FIGURES[3].id, FIGURES[2].id];
    let medium = [FIGURES[4].id, FIGURES[6].id, FIGURES[5].id];
    let large = [FIGURES[7].id, FIGURES[8].id, FIGURES[9].id];
    assert_eq!(leaders(0, billion), small);
    assert_eq!(leaders(7 * billion, 15 * billion), medium);
    assert_eq!(leaders(100 * billion, 10_000_000 * billion), large);
}

#[test]
fn the_reports_family_has_23_members() {
    let edges = edges(&hub(RECIPE));
    let family = edges
        .lazy()
        .filter(col("base").eq(lit(QWEN3_VL)))
        .collect()
        .expect("a family");
    assert_eq!(family.height(), 23);
    let quantized = number(&family, col("relation").eq(lit("quantized")).sum());
    let finetunes = number(&family, col("relation").eq(lit("finetune")).sum());
    assert_eq!(quantized + finetunes, 23.0);
    assert!(quantized > 0.0 && finetunes > 0.0);
}

#[test]
fn lineage_has_every_shape() {
    let hub = hub(RECIPE);
    let sizes = || field("baseModels", "models").list().len();
    assert_eq!(number(&hub, sizes().max()), 47.0);
    let edges = edges(&hub);
    assert!(
        number(&edges, col("id").eq(col("base")).sum()) >= 4.0,
        "models that name themselves"
    );
    let texts = |name: &str| {
        edges
            .column(name)
            .expect("a column")
            .str()
            .expect("text")
            .clone()
    };
    let (children, bases) = (texts("id"), texts("base"));
    let ids = hub.column("id").expect("ids").str().expect("text").clone();
    let known: std::collections::HashSet<&str> = ids.iter().flatten().collect();
    let pairs = || children.iter().flatten().zip(bases.iter().flatten());
    let ghosts = pairs().filter(|(_, base)| !known.contains(base)).count();
    near(100.0 * ghosts as f64 / edges.height() as f64, 7.0, 3.0);
    let mut parents = std::collections::HashMap::<&str, Vec<&str>>::new();
    pairs().for_each(|(child, base)| parents.entry(child).or_default().push(base));
    let circle = |start: &&str| {
        let mut at = *start;
        (0..5).any(|_| {
            let next = parents.get(at).filter(|bases| bases.len() == 1);
            at = next.map_or("", |bases| bases[0]);
            at == *start
        })
    };
    // Two, three, four and five, and those that name themselves.
    assert!(parents.keys().filter(|id| circle(id)).count() >= 2 + 3 + 4 + 5 + 4);
    assert!(deepest(&parents) >= 12);
}

/// Models in the longest line of firsts among bases.
fn deepest(parents: &std::collections::HashMap<&str, Vec<&str>>) -> usize {
    let depth = |start: &str| {
        let line = std::iter::successors(Some(start), |at| Some(*parents.get(at)?.first()?));
        let mut seen = std::collections::HashSet::new();
        line.take_while(|at| seen.insert(*at)).count()
    };
    parents.keys().map(|id| depth(id)).max().unwrap_or_default()
}

#[test]
fn ids_and_dates_are_as_odd_as_the_real_ones() {
    let hub = hub(RECIPE);
    let bytes = || col("id").str().len_bytes();
    assert_eq!(number(&hub, bytes().max()) as usize, LONGEST_ID);
    assert_eq!(
        number(&hub, bytes().eq(col("id").str().len_chars()).not().sum()),
        0.0
    );
    assert_eq!(number(&hub, col("id").n_unique()) as usize, ROWS - 3);
    assert!(number(&hub, col("author").is_null().sum()) >= 5.0);
    assert!(number(&hub, col("downloads").gt(col("downloadsAllTime")).sum()) >= 3.0);
    let latest = |name: &str| number(&hub, col(name).cast(DataType::Int64).max()) as i64;
    let first = number(&hub, col("createdAt").cast(DataType::Int64).min()) as i64;
    assert_eq!(first, START * 1_000_000);
    assert_eq!(latest("createdAt"), END * 1_000_000);
    assert!(latest("lastModified") <= END * 1_000_000);
    assert_eq!(
        number(&hub, col("lastModified").lt(col("createdAt")).sum()),
        0.0
    );
}

#[test]
fn cards_and_descriptions_are_json() {
    let hub = hub(RECIPE);
    for name in ["cardData", "gguf"] {
        let column = hub
            .column(name)
            .expect("a column")
            .str()
            .expect("text")
            .clone();
        for text in column.iter().flatten() {
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

/// The file in `assets` is what `hubscope sample --rows 20000` writes: same rows, whatever a later
/// compressor makes of their bytes.
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
    let tags = hub.select(["tags"]).expect("tags").lazy().explode(
        cols(["tags"]),
        ExplodeOptions {
            empty_as_null: true,
            keep_nulls: true,
        },
    );
    let tags = tags.collect().expect("tags");
    let edges = edges(&hub);
    let poisoned = |frame: &DataFrame, name: &str, poison: &str| {
        let column = frame
            .column(name)
            .expect("a column")
            .str()
            .expect("text")
            .clone();
        let texts = column.iter().flatten();
        let found = texts.filter(|text| text.contains(poison)).count();
        100.0 * found as f64 / frame.height() as f64
    };
    for name in ["id", "author", "pipeline_tag", "library_name"] {
        assert!(poisoned(&hub, name, "\u{1b}") > 1.0, "{name}");
    }
    for poison in ["\u{9b}", "\n", "\t", "\u{202e}", "\u{200b}", "模型"] {
        assert!(poisoned(&hub, "id", poison) > 0.0, "{poison:?}");
    }
    assert!(poisoned(&hub, "cardData", "\\u001b") > 5.0);
    assert!(poisoned(&tags, "tags", "\u{1b}") > 1.0);
    assert!(poisoned(&edges, "base", "\u{1b}") > 1.0);
}

#[test]
fn tiny_hubs_are_hubs() {
    for rows in [0, 1, 2, 10, 33, 34, 100, 500, 1_000] {
        for hostile in [false, true] {
            assert_eq!(
                hub(Recipe {
                    rows,
                    hostile,
                    ..RECIPE
                })
                .height(),
                rows
            );
        }
    }
}
