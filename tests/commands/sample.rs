//! The sample as a reader sees it: written to memory, read back and measured by Polars.

use std::collections::{HashMap, HashSet};
use std::io::Cursor;

use hubscope::sample::{Recipe, write};
use polars::prelude::*;

use crate::common::program::{hubscope, run};

const ROWS: usize = 4_000;
const BILLION: i64 = 1_000_000_000;
const FIRST: &str = "Qwen/Qwen3-VL-8B-Instruct";
/// The first creation date of the Hub and the date of the snapshot, in Unix seconds.
const START: i64 = 1_646_263_744;
const END: i64 = 1_761_177_600;

fn recipe(rows: usize, seed: u64, hostile: bool) -> Recipe {
    Recipe {
        rows,
        seed,
        hostile,
    }
}

fn bytes(recipe: Recipe) -> Vec<u8> {
    let mut out = Vec::new();
    let mut written = 0;
    write(&recipe, &mut out, |rows| written = rows).expect("the sample is written");
    assert_eq!(written, recipe.rows);
    out
}

fn read(bytes: &[u8]) -> DataFrame {
    let reader = ParquetReader::new(Cursor::new(bytes));
    reader.finish().expect("the sample is read")
}

fn hub() -> DataFrame {
    read(&bytes(recipe(ROWS, 7, false)))
}

/// Returns an expression over all rows, one number.
fn number(hub: &DataFrame, expression: Expr) -> f64 {
    let number = expression.cast(DataType::Float64).alias("x");
    let answer = hub.clone().lazy().select([number]).collect();
    let answer = answer.expect("a query that works").column("x").cloned();
    answer.unwrap().f64().unwrap().get(0).unwrap_or(f64::NAN)
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
    frame.column(name).unwrap().str().expect("text").clone()
}

fn field(column: &str, name: &str) -> Expr {
    col(column).struct_().field_by_name(name)
}

fn total() -> Expr {
    field("safetensors", "total")
}

fn parameters(dtype: &str) -> Expr {
    let parameters = field("safetensors", "parameters");
    parameters.struct_().field_by_name(dtype)
}

fn explode(hub: DataFrame, list: &str) -> DataFrame {
    let options = ExplodeOptions {
        empty_as_null: true,
        keep_nulls: true,
    };
    let rows = hub.lazy().explode(cols([list]), options);
    rows.collect().expect("rows")
}

/// Returns one row for each (model, base) pair: `id`, `relation`, `base`.
fn edges(hub: &DataFrame) -> DataFrame {
    let bases = field("baseModels", "models").list();
    let base = bases.eval(element().struct_().field_by_name("id"));
    let columns = [
        col("id"),
        field("baseModels", "relation"),
        base.alias("base"),
    ];
    let derived = filter(hub, col("baseModels").is_not_null()).lazy();
    explode(derived.select(columns).collect().expect("bases"), "base")
}

#[track_caller]
fn assert_near(found: f64, wanted: f64, margin: f64) {
    let distance = (found - wanted).abs();
    assert!(distance <= margin, "{found} is not {wanted} ± {margin}");
}

#[test]
fn layout_is_the_one_of_may_2026() {
    insta::assert_debug_snapshot!(read(&bytes(recipe(100, 7, false))).schema());
}

#[test]
fn shares_are_the_real_ones() {
    let hub = hub();
    let relation = || field("baseModels", "relation");
    for (test, percent) in [
        (col("downloads").gt(0), 35.51),
        (col("downloadsAllTime").gt(0), 59.70),
        (col("safetensors").is_not_null(), 23.38),
        (col("baseModels").is_not_null(), 28.09),
        (col("pipeline_tag").is_null(), 12.0),
        (col("library_name").is_null(), 13.0),
        (col("gguf").is_not_null(), 7.0),
    ] {
        assert_near(100.0 * count(&hub, test) as f64 / ROWS as f64, percent, 0.5);
    }
    for (name, full) in [
        ("adapter", 258_462),
        ("finetune", 218_000),
        ("quantized", 116_696),
        ("merge", 13_990),
    ] {
        let found = count(&hub, relation().eq(lit(name)));
        let wanted = f64::from(full) * ROWS as f64 / 2_161_698.0;
        assert_eq!(found, wanted.round() as usize, "{name}");
    }
    assert_eq!(number(&hub, col("downloads").median()), 0.0);
    assert_near(number(&hub, col("downloadsAllTime").median()), 19.0, 1.0);
    let sum = |name: &str| number(&hub, col(name).sum());
    let recent = sum("downloads") / sum("downloadsAllTime");
    assert_near(100.0 * recent, 3.75, 0.5);
}

#[test]
fn parameters_have_the_real_quartiles() {
    let hub = hub();
    for (at, wanted, margin) in [
        (0.25, 124.4e6, 8e6),
        (0.5, 764.5e6, 40e6),
        (0.75, 6738.4e6, 300e6),
    ] {
        let quantile = total().quantile(lit(at), QuantileMethod::Linear);
        assert_near(number(&hub, quantile), wanted, margin);
    }
    assert_eq!(number(&hub, total().max()), 19_980_000_000_000_000.0);
    assert!(number(&hub, total().min()) < 1_000.0);
    assert_eq!(count(&hub, total().gt(684_540_000_000_i64)), 1);
    let dtypes = hub.column("safetensors").unwrap().struct_().unwrap();
    let dtypes = dtypes.field_by_name("parameters").unwrap();
    assert_eq!(dtypes.struct_().unwrap().struct_fields().len(), 20);
    for dtype in dtypes.struct_().unwrap().struct_fields() {
        let dtype = dtype.name().as_str();
        let is_used = parameters(dtype).is_not_null();
        assert!(count(&hub, is_used) > 0, "{dtype} is used");
    }
}

/// Returns the models whose figures are in a table of the sample.
fn reported() -> Vec<csv::StringRecord> {
    let table = include_str!("../../assets/sample/models.csv");
    let rows = csv::Reader::from_reader(table.as_bytes()).into_records();
    let rows = rows.map(|row| row.expect("a row"));
    let reported: Vec<_> = rows.filter(|row| !row[5].is_empty()).collect();
    assert_eq!(reported.len(), 33);
    reported
}

#[test]
fn well_known_models_have_their_figures() {
    for rows in [300, ROWS] {
        let hub = read(&bytes(recipe(rows, 7, false)));
        for known in reported() {
            let row = filter(&hub, col("id").eq(lit(&known[0])));
            assert_eq!(row.height(), 1, "{known:?}");
            for (name, at) in [("downloads", 5), ("downloadsAllTime", 6)] {
                let found = number(&row, col(name).sum());
                assert_eq!(found, known[at].parse::<f64>().unwrap(), "{known:?}");
            }
        }
        let first = filter(&hub, col("id").eq(lit(FIRST)));
        assert_eq!(number(&first, col("likes")), 300.0);
        assert_eq!(number(&first, parameters("BF16")), 8_767_123_696.0);
        assert_eq!(number(&first, col("createdAt").dt().day()), 11.0);
    }
}

#[test]
fn classes_are_led_by_the_real_three() {
    let hub = hub();
    let known = reported();
    for (from, to, leaders) in [
        (0, BILLION, [1, 3, 2]),
        (7 * BILLION, 15 * BILLION, [4, 6, 5]),
        (100 * BILLION, 10_000_000 * BILLION, [7, 8, 9]),
    ] {
        let class = filter(&hub, total().gt_eq(from).and(total().lt(to)));
        let order = SortMultipleOptions::new().with_order_descending(true);
        let class = class.sort(["downloadsAllTime"], order).expect("a class");
        let found = texts(&class.head(Some(3)), "id");
        let wanted = leaders.map(|at: usize| Some(&known[at][0]));
        assert_eq!(found.iter().collect::<Vec<_>>(), wanted);
    }
}

#[test]
fn the_first_family_has_23_members() {
    let family = filter(&edges(&hub()), col("base").eq(lit(FIRST)));
    let with = |relation| count(&family, col("relation").eq(lit(relation)));
    assert_eq!(family.height(), 23);
    assert_eq!(with("quantized") + with("finetune"), 23);
    assert!(with("quantized") > 0 && with("finetune") > 0);
}

#[test]
fn lineage_has_every_shape() {
    let hub = hub();
    let bases = field("baseModels", "models").list().len();
    assert_eq!(number(&hub, bases.max()), 47.0);
    let edges = edges(&hub);
    assert!(count(&edges, col("id").eq(col("base"))) >= 4, "self-bases");
    let (children, bases) = (texts(&edges, "id"), texts(&edges, "base"));
    let ids = texts(&hub, "id");
    let ids: HashSet<&str> = ids.iter().flatten().collect();
    let bases = || bases.iter().flatten();
    let missing = bases().filter(|base| !ids.contains(base)).count();
    assert_near(100.0 * missing as f64 / edges.height() as f64, 7.0, 3.0);
    let mut parents = HashMap::<&str, Vec<&str>>::new();
    for (child, base) in children.iter().flatten().zip(bases()) {
        parents.entry(child).or_default().push(base);
    }
    let only_base = |id: &&str| match parents.get(id).map(Vec::as_slice) {
        Some([base]) => Some(*base),
        _ => None,
    };
    let is_in_cycle = |start: &&&str| {
        let mut ancestors = std::iter::successors(only_base(start), only_base).take(5);
        ancestors.any(|id| id == **start)
    };
    // Two, three, four and five, and those that are their own base.
    assert!(parents.keys().filter(is_in_cycle).count() >= 2 + 3 + 4 + 5 + 4);
    let depth = |start: &&str| {
        let chain = std::iter::successors(Some(*start), |id| parents.get(id)?.first().copied());
        let mut seen = HashSet::new();
        chain.take_while(|id| seen.insert(*id)).count()
    };
    assert!(parents.keys().map(depth).max() >= Some(12));
}

#[test]
fn ids_and_dates_are_as_odd_as_the_real_ones() {
    let hub = hub();
    let bytes = || col("id").str().len_bytes();
    assert_eq!(number(&hub, bytes().max()) as usize, 116);
    assert_eq!(count(&hub, bytes().neq(col("id").str().len_chars())), 0);
    assert_eq!(number(&hub, col("id").n_unique()) as usize, ROWS - 3);
    assert!(count(&hub, col("author").is_null()) >= 5);
    assert!(count(&hub, col("downloads").gt(col("downloadsAllTime"))) >= 3);
    let micros = |name: &str| col(name).cast(DataType::Int64);
    assert_eq!(
        number(&hub, micros("createdAt").min()) as i64,
        START * 1_000_000
    );
    assert_eq!(
        number(&hub, micros("createdAt").max()) as i64,
        END * 1_000_000
    );
    assert!(number(&hub, micros("lastModified").max()) as i64 <= END * 1_000_000);
    assert_eq!(count(&hub, col("lastModified").lt(col("createdAt"))), 0);
}

#[test]
fn cards_and_descriptions_are_json() {
    let hub = hub();
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
    let seven = bytes(recipe(1_500, 7, false));
    assert_eq!(seven, bytes(recipe(1_500, 7, false)));
    assert_ne!(seven, bytes(recipe(1_500, 8, false)));
}

/// `hubscope sample --rows 20000` makes the file in `assets`: the same rows, even if a later
/// compressor makes other bytes of them.
#[test]
fn the_built_in_file_is_made_by_the_recipe() {
    let built_in = read(include_bytes!("../../assets/sample.parquet"));
    assert!(built_in.equals_missing(&read(&bytes(Recipe::BUILT_IN))));
}

#[test]
fn hostile_text_is_everywhere() {
    let hub = read(&bytes(recipe(ROWS, 7, true)));
    let tags = explode(hub.select(["tags"]).expect("tags"), "tags");
    let edges = edges(&hub);
    for (frame, name, fragment, percent) in [
        (&hub, "id", "\u{1b}", 1.0),
        (&hub, "author", "\u{1b}", 1.0),
        (&hub, "pipeline_tag", "\u{1b}", 1.0),
        (&hub, "library_name", "\u{1b}", 1.0),
        (&hub, "id", "\u{9b}", 0.0),
        (&hub, "id", "\n", 0.0),
        (&hub, "id", "\t", 0.0),
        (&hub, "id", "\u{202e}", 0.0),
        (&hub, "id", "\u{200b}", 0.0),
        (&hub, "id", "模型", 0.0),
        (&hub, "cardData", "\\u001b", 5.0),
        (&tags, "tags", "\u{1b}", 1.0),
        (&edges, "base", "\u{1b}", 1.0),
    ] {
        let texts = texts(frame, name);
        let found = texts
            .iter()
            .flatten()
            .filter(|text| text.contains(fragment));
        let found = 100.0 * found.count() as f64 / frame.height() as f64;
        assert!(found > percent, "{name} {fragment:?}");
    }
}

#[test]
fn tiny_hubs_are_hubs() {
    for rows in [0, 1, 2, 10, 33, 34, 100, 500, 1_000] {
        for hostile in [false, true] {
            assert_eq!(read(&bytes(recipe(rows, 7, hostile))).height(), rows);
        }
    }
}

/// The program writes to regular files alone, and through a link to one.
#[test]
fn only_a_regular_file_is_replaced() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let sample = |name: &str| {
        let path = at(name);
        let path = path.to_str().unwrap();
        run(hubscope(&["sample", "--rows", "30", "--out", path]))
    };
    let names = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    std::fs::create_dir(at("folder.parquet")).unwrap();
    symlink("/dev/null", at("null.parquet")).unwrap();
    symlink("nothing", at("broken.parquet")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(at("pipe.parquet"))
        .status();
    assert!(made.unwrap().success());
    let before = names();
    for name in &before {
        let name = name.to_str().unwrap();
        let ran = sample(name);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{name}");
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        assert!(ran.err.contains(name), "{}", ran.err);
    }
    assert_eq!(names(), before);
    assert!(
        std::fs::metadata("/dev/null")
            .unwrap()
            .file_type()
            .is_char_device()
    );

    std::fs::write(at("folder.parquet/real.parquet"), "old").unwrap();
    symlink("folder.parquet/real.parquet", at("link.parquet")).unwrap();
    // A file that happens to have the name that others give to partial ones.
    std::fs::write(at("link.parquet.partial"), "somebody's").unwrap();
    let ran = sample("link.parquet");
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert!(at("link.parquet").is_symlink());
    let written = std::fs::read(at("folder.parquet/real.parquet")).unwrap();
    let seed = Recipe::BUILT_IN.seed;
    assert!(written == bytes(recipe(30, seed, false)));
    let partial = std::fs::read(at("link.parquet.partial")).unwrap();
    assert_eq!(partial, b"somebody's");
}

/// Progress is for a terminal; it ends with all models.
#[test]
fn a_terminal_shows_progress() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let sample = at("sample.parquet");
    let shown = on_terminal(&[
        "sample",
        "--rows",
        "1000",
        "--out",
        sample.to_str().unwrap(),
    ]);
    assert!(shown.contains("1,000 of 1,000 models"), "{shown}");
    let out = at("out.csv");
    let export = [
        "export",
        out.to_str().unwrap(),
        "--data",
        sample.to_str().unwrap(),
    ];
    let shown = on_terminal(&export);
    assert!(shown.contains("1,000 models, 26 columns"), "{shown}");
}

/// Returns the output of the program on a terminal.
fn on_terminal(arguments: &[&str]) -> String {
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_hubscope"));
    command.args(arguments);
    command.arg("--no-cache");
    command.env("TERM", "xterm-256color");
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut shown = Vec::new();
    // The end of a pseudo-terminal may be an error.
    let mut reader = pair.master.try_clone_reader().unwrap();
    let _ = std::io::Read::read_to_end(&mut reader, &mut shown);
    let shown = String::from_utf8(shown).unwrap();
    assert_eq!(child.wait().unwrap().exit_code(), 0, "{shown}");
    shown
}
