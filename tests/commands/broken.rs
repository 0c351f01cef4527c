//! Files that are no hub. Whatever is wrong with one, the program says so in one line that names
//! the file and what to do, and does not crash, hang or fill the memory.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::mpsc::channel;
use std::thread;

use anyhow::Result;
use hubscope::engine::Hub;
use hubscope::engine::source::Source;
use polars::prelude::*;
use proptest::prelude::*;
use proptest::sample::Index;
use tempfile::TempDir;

use crate::common::program::{PATIENCE, hubscope_bounded, run};
use crate::common::{frame, write, write_groups};

/// One of these is in every message.
const REMEDIES: [&str; 9] = [
    "check the path",
    "check its permissions",
    "download it again",
    "name another file",
    "name a file",
    "name a parquet file",
    "name a models file",
    "choose another",
    "take it out of the folder",
];

/// Makes something broken in a folder; gives the way to it.
type Break = fn(&Path) -> PathBuf;

/// Runs the program on it: one line, exit code 2. The library gives the same line.
fn refused(break_it: Break) -> String {
    let folder = TempDir::new().unwrap();
    let path = break_it(folder.path());
    let said = said_of(&path, &["show", "x"]);
    let error = opened(&path)
        .map(|_| ())
        .expect_err("the program refused it");
    let other = format!("{error:#}");
    assert_eq!(without_reason(&said), without_reason(&other));
    said.replace(&folder.path().display().to_string(), "DIR")
}

/// A message without the reader's own words in brackets: of two broken columns that are read at
/// the same time, either may be reported of.
fn without_reason(said: &str) -> String {
    match (said.find(" ("), said.rfind(')')) {
        (Some(start), Some(end)) if start < end => {
            format!("{}{}", &said[..start], &said[end + 1..])
        }
        _ => said.to_owned(),
    }
}

/// What a command says of a broken file.
fn said_of(path: &Path, command: &[&str]) -> String {
    let name = path.to_str().unwrap();
    let ran = run(hubscope_bounded(&[command, &["--data", name]].concat()));
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
    let said = ran.err.strip_prefix("hubscope: ").expect(&ran.err);
    let said = said.strip_suffix('\n').expect("a line");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(name), "{said}");
    assert!(
        REMEDIES.iter().any(|remedy| said.contains(remedy)),
        "{said}"
    );
    for word in ["panicked", "RUST_BACKTRACE", "unwrap"] {
        assert!(!said.contains(word), "{said}");
    }
    said.to_owned()
}

/// Opens it as the program does: on a thread whose panics are reported as errors.
fn opened(path: &Path) -> Result<Hub> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !hubscope::panics::is_caught(&thread::current()) {
                tell(info);
            }
        }));
        let pool = rayon::ThreadPoolBuilder::new().thread_name(|n| format!("engine-{n}"));
        // Another test may have made the pool; its panics are reported then, which does no harm.
        let _ = pool.build_global();
    });
    let (to, from) = channel();
    let path = path.to_owned();
    let work = move || {
        let hub = Source::named(Some(&path)).and_then(|source| Hub::open(&source, &|_| {}));
        let _ = to.send(hub);
    };
    thread::Builder::new()
        .name("engine-test".to_owned())
        .spawn(work)
        .unwrap();
    from.recv_timeout(PATIENCE).expect("opening it ends")
}

/// The whole file's bytes, changed and written under another name.
fn changed(folder: &Path, change: impl Fn(&mut Vec<u8>)) -> PathBuf {
    let whole = folder.join("whole.tmp");
    write(&mut frame(), &whole);
    let mut bytes = fs::read(&whole).unwrap();
    change(&mut bytes);
    let path = folder.join("models.parquet");
    fs::write(&path, bytes).unwrap();
    path
}

fn written(folder: &Path, mut frame: DataFrame) -> PathBuf {
    let path = folder.join("models.parquet");
    write(&mut frame, &path);
    path
}

/// Where the footer begins.
fn footer(bytes: &[u8]) -> usize {
    let at = bytes.len() - 8;
    let length = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    at - length as usize
}

/// Where the pages of a column stand in its file.
fn pages_of(path: &Path, column: &str) -> Vec<Range<usize>> {
    let mut reader = ParquetReader::new(fs::File::open(path).unwrap());
    let metadata = reader.get_metadata().unwrap().clone();
    let chunks = metadata.row_groups[0]
        .columns_under_root_iter(column)
        .unwrap();
    let ranges = chunks.map(|chunk| chunk.byte_range());
    ranges
        .map(|range| range.start as usize..range.end as usize)
        .collect()
}

/// A whole hub in which the pages of one column are overwritten.
fn damaged(folder: &Path, column: &str) -> PathBuf {
    let path = written(folder, frame());
    let mut bytes = fs::read(&path).unwrap();
    for Range { start, end } in pages_of(&path, column) {
        // The header of the first page stays as it is.
        bytes[start + (end - start) / 2..end].fill(0xA5);
    }
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn no_file() {
    let said = refused(|folder| folder.join("none.parquet"));
    assert!(
        said.starts_with("DIR/none.parquet: cannot be opened"),
        "{said}"
    );
}

#[test]
fn no_parquet() {
    let texts: [Break; 5] = [
        |folder| changed(folder, |bytes| bytes.clear()),
        |folder| changed(folder, |bytes| *bytes = b"id,downloads\ngpt2,1\n".to_vec()),
        |folder| changed(folder, |bytes| *bytes = b"PAR1".to_vec()),
        |folder| changed(folder, |bytes| *bytes = b"PAR1PAR1".to_vec()),
        |folder| changed(folder, |bytes| *bytes = vec![0; 100_000]),
    ];
    for text in texts {
        assert!(refused(text).starts_with("DIR/models.parquet: "));
    }
}

#[test]
fn cut_off() {
    let cuts: [Break; 5] = [
        |folder| changed(folder, |bytes| bytes.truncate(10)),
        |folder| changed(folder, |bytes| bytes.truncate(bytes.len() / 10)),
        |folder| changed(folder, |bytes| bytes.truncate(bytes.len() / 2)),
        |folder| changed(folder, |bytes| bytes.truncate(footer(bytes) + 20)),
        |folder| changed(folder, |bytes| bytes.truncate(bytes.len() - 1)),
    ];
    for cut in cuts {
        assert!(refused(cut).contains("not a whole parquet file"));
    }
    // The middle is missing, so that the footer points behind the end.
    refused(|folder| {
        changed(folder, |bytes| {
            let footer = footer(bytes);
            bytes.drain(8..footer);
        })
    });
}

#[test]
fn a_footer_of_the_wrong_length() {
    let lengths: [Break; 4] = [
        |folder| changed(folder, |bytes| footer_length(bytes, u32::MAX)),
        |folder| changed(folder, |bytes| footer_length(bytes, 1 << 31)),
        |folder| changed(folder, |bytes| footer_length(bytes, 0)),
        |folder| changed(folder, |bytes| footer_length(bytes, 77)),
    ];
    for length in lengths {
        refused(length);
    }
}

fn footer_length(bytes: &mut [u8], length: u32) {
    let at = bytes.len() - 8;
    bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
}

#[test]
fn a_damaged_footer() {
    refused(|folder| {
        changed(folder, |bytes| {
            let (start, end) = (footer(bytes), bytes.len() - 8);
            bytes[start..end].iter_mut().for_each(|byte| *byte ^= 0xFF);
        })
    });
    refused(|folder| {
        changed(folder, |bytes| {
            let (start, end) = (footer(bytes), bytes.len() - 8);
            bytes[usize::midpoint(start, end)..end].fill(0);
        })
    });
}

/// Damage in columns of every stage of loading, and to the schema.
#[test]
fn damaged_pages() {
    let columns: [Break; 5] = [
        |folder| damaged(folder, "id"),
        |folder| damaged(folder, "downloads"),
        |folder| damaged(folder, "safetensors"),
        |folder| damaged(folder, "baseModels"),
        |folder| damaged(folder, "createdAt"),
    ];
    for column in columns {
        refused(column);
        let folder = TempDir::new().unwrap();
        said_of(&column(folder.path()), &["schema", "--json"]);
    }
}

#[test]
fn no_models() {
    let said = refused(|folder| written(folder, frame().drop("id").unwrap()));
    assert!(said.contains("no column `id` or `modelId`"), "{said}");
    let said = refused(|folder| {
        let mut frame = frame();
        frame.rename("downloads", "x".into()).unwrap();
        frame.drop_in_place("id").unwrap();
        written(
            folder,
            frame
                .with_column(Column::new("id".into(), vec![1_i64; frame.height()]))
                .unwrap()
                .clone(),
        )
    });
    assert!(said.contains("column id holds i64, not ids"), "{said}");
    let said = refused(|folder| written(folder, frame().head(Some(0))));
    assert!(said.contains("no rows"), "{said}");
}

#[test]
fn folders() {
    let said = refused(Path::to_owned);
    assert!(
        said.starts_with("DIR: no .parquet file in this folder"),
        "{said}"
    );
    // A folder where a shard should be.
    let said = refused(|folder| {
        fs::create_dir(folder.join("shard-1.parquet")).unwrap();
        folder.to_owned()
    });
    assert!(said.starts_with("DIR/shard-1.parquet: "), "{said}");
    // One shard of three is cut off, has no ids, or is of another kind altogether.
    let last: [Break; 3] = [
        |folder| changed(folder, |bytes| bytes.truncate(bytes.len() - 3)),
        |folder| written(folder, frame().drop("id").unwrap()),
        |folder| damaged(folder, "likes"),
    ];
    for broken in last {
        let folder = TempDir::new().unwrap();
        for name in ["a.parquet", "b.parquet"] {
            write(&mut frame(), &folder.path().join(name));
        }
        let said = said_of_folder(&broken(folder.path()), folder.path());
        assert!(said.contains("models.parquet: "), "{said}");
    }
}

/// What the program says of a folder; it names the shard.
fn said_of_folder(shard: &Path, folder: &Path) -> String {
    let error = opened(folder).map(|_| ()).expect_err("a broken shard");
    let said = said_of(folder, &["show", "x"]);
    assert_eq!(said, format!("{error:#}"));
    assert!(said.contains(shard.to_str().unwrap()), "{said}");
    said
}

/// A pipe has no end to look at; waiting for its writer would be a hang.
#[cfg(unix)]
#[test]
fn a_pipe() {
    let said = refused(|folder| {
        let pipe = folder.join("pipe");
        let made = std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap();
        assert!(made.success());
        pipe
    });
    assert!(said.contains("name a parquet file"), "{said}");
}

/// Row counts that do not add up must not be believed: with one large enough, cutting the rows
/// into batches would not end.
#[test]
fn a_lie_about_the_rows() {
    let said = refused(|folder| {
        changed(folder, |bytes| {
            // The file's own count stands before those of its row groups: a number after a list.
            let claim = [0x16, u8::try_from(frame().height() * 2).unwrap()];
            let start = footer(bytes);
            let at = bytes[start..].windows(2).position(|two| *two == claim);
            bytes[start + at.unwrap() + 1] -= 2;
        })
    });
    assert!(said.contains("rows were promised"), "{said}");
}

fn assert_one_line(error: &anyhow::Error, path: &Path) {
    let said = format!("{error:#}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(path.to_str().unwrap()), "{said}");
    assert!(
        REMEDIES.iter().any(|remedy| said.contains(remedy)),
        "{said}"
    );
}

/// A page that claims fewer than no values would have Polars ask for all the memory there is.
#[test]
fn a_page_that_claims_too_much() {
    let said = refused(|folder| {
        let path = written(folder, frame());
        let range = pages_of(&path, "id")[0].clone();
        let mut bytes = fs::read(&path).unwrap();
        // As many values as there are rows; a dictionary that stands before the page has its own.
        let claim = [0x15, u8::try_from(frame().height() * 2).unwrap()];
        let mut places = bytes[range.clone()].windows(2);
        let at = places.rposition(|two| *two == claim);
        // In Thrift's zigzag form 1 stands for -1.
        bytes[range.start + at.unwrap() + 1] = 1;
        fs::write(&path, bytes).unwrap();
        path
    });
    assert!(said.contains("a page claims values"), "{said}");
}

/// A small hub, with and without compression, in one row group and in many.
fn small(compressed: bool, groups: bool) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("small.parquet");
    let mut frame = frame();
    match (compressed, groups) {
        (true, true) => write_groups(&mut frame, &path, Some(9)),
        (true, false) => write(&mut frame, &path),
        (false, _) => {
            let writer = ParquetWriter::new(fs::File::create(&path).unwrap());
            let writer = writer.with_compression(ParquetCompression::Uncompressed);
            writer.finish(&mut frame).unwrap();
        }
    }
    fs::read(path).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// Some damage cannot be seen, such as another letter in a name. Then the hub opens, and every
    /// model can be looked at or refused; else the error is one line. Nothing else ever happens.
    #[test]
    fn flipped_bytes(
        compressed: bool,
        groups: bool,
        in_footer: bool,
        flips in prop::collection::vec((any::<Index>(), 1..=255_u8), 1..6),
    ) {
        let mut bytes = small(compressed, groups);
        let start = if in_footer { footer(&bytes) } else { 0 };
        for (place, flip) in flips {
            let at = start + place.index(bytes.len() - start);
            bytes[at] ^= flip;
        }
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("flipped.parquet");
        fs::write(&path, bytes).unwrap();
        match opened(&path) {
            Err(error) => assert_one_line(&error, &path),
            Ok(hub) => looked_at(hub, path),
        }
        let memory = most_memory().unwrap_or(0);
        prop_assert!(memory < 1_500, "{memory} MB for so small a file");
    }
}

/// What this process ever held in memory, in megabytes, where the system tells.
fn most_memory() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1_000)
}

/// Reads the details of every model, as the explorer would, on a thread of its own.
fn looked_at(hub: Hub, path: PathBuf) {
    let (to, from) = channel();
    let work = move || {
        for model in hub.models.all() {
            hub.family(model.into());
            if let Err(error) = hub.record(model) {
                let said = format!("{error:#}");
                assert_eq!(said.lines().count(), 1, "{said}");
                assert!(said.contains(path.to_str().unwrap()), "{said}");
            }
        }
        let _ = to.send(());
    };
    thread::Builder::new()
        .name("look".to_owned())
        .spawn(work)
        .unwrap();
    from.recv_timeout(PATIENCE)
        .expect("looking at it ends well");
}
