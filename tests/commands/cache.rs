//! Cached datasets: they give the same answers as the files, and damage and changes are noticed.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::common;
use crate::common::program::{Ran, hubscope, run};
use crate::server::etag;
use hubscope::engine::Hub;
use hubscope::engine::cache::Cache;
use hubscope::engine::parquet::schema::Schema;
use hubscope::engine::persist;
use hubscope::engine::source::Source;
use hubscope::engine::table::stage::Stage;
use hubscope::sample::{Recipe, write};

/// A folder with a file of some models, and room for a cache.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let place = Place {
            folder: tempfile::tempdir().unwrap(),
        };
        place.fill(&place.file(), 2_000);
        place
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("models.parquet")
    }

    fn fill(&self, path: &Path, rows: usize) {
        let recipe = Recipe {
            rows,
            seed: 7,
            hostile: true,
        };
        write(&recipe, File::create(path).unwrap(), |_| {}).unwrap();
    }

    fn source(&self) -> Source {
        Source::named(Some(&self.file())).unwrap()
    }

    fn cache(&self) -> Cache {
        Cache::at(self.folder.path().join("hubscope"))
    }

    /// The hub from the cache.
    fn open(&self) -> Option<Hub> {
        Hub::from_cache(&self.cache(), &self.source())
    }

    /// Reads the file and stores it; returns the archive's path.
    fn keep(&self) -> PathBuf {
        let hub = Hub::open(&self.source(), &|_| {}).unwrap();
        hub.store(&self.cache()).unwrap();
        let mut kept = self.cache().entries(&persist::layout());
        assert_eq!(kept.len(), 1);
        kept.remove(0).path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = hubscope(arguments);
        command.env_remove("HUBSCOPE_NO_CACHE");
        command.env("XDG_CACHE_HOME", self.folder.path());
        command.env("HUBSCOPE_DATA", self.file());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        run(self.command(arguments))
    }
}

/// Commands that together read everything that is cached.
const COMMANDS: [&[&str]; 9] = [
    &["search", "llama", "--limit", "0", "--json"],
    &[
        "search",
        "task:text-generation license:mit sort:created",
        "--limit",
        "0",
        "--json",
    ],
    &[
        "search",
        "tag:gguf lang:en -no:base ~lm",
        "--limit",
        "0",
        "--json",
    ],
    &["roots", "--limit", "0", "--json"],
    &[
        "tree",
        "meta-llama/Llama-3.1-8B",
        "--depth",
        "9",
        "--limit",
        "0",
        "--json",
    ],
    &["show", "google/gemma-7b", "--json"],
    &["stats", "--json"],
    &["hist", "created_at", "--json"],
    &["screen", "--keys", "/qwen<enter>t"],
];

#[test]
fn cached_answers_are_those_of_the_files() {
    let place = Place::new();
    for command in COMMANDS {
        let mut without = place.command(command);
        without.env("HUBSCOPE_NO_CACHE", "1");
        let (without, first, second) = (run(without), place.run(command), place.run(command));
        assert!(!without.out.is_empty(), "{command:?}: {}", without.err);
        assert_eq!(first.out, without.out, "{command:?}");
        assert_eq!(second.out, without.out, "{command:?}");
        assert_eq!((first.code, second.code), (without.code, without.code));
    }
    let kept = place.run(&["cache", "--json"]);
    let kept: serde_json::Value = serde_json::from_str(&kept.out).unwrap();
    let hubs = kept["datasets"].as_array().unwrap();
    assert_eq!(hubs.len(), 1);
    assert_eq!(hubs[0]["models"], 2_000);
    assert_eq!(hubs[0]["invalid"], serde_json::Value::Null);
    assert_eq!(place.run(&["cache", "clear"]).code, Some(0));
    assert_eq!(place.run(&["cache"]).code, Some(1));
}

#[test]
fn a_cached_hub_is_complete() {
    let place = Place::new();
    place.keep();
    let loaded = Hub::open(&place.source(), &|_| {}).unwrap();
    let kept = place.open().unwrap();
    assert_eq!(kept.stage, Stage::Complete);
    assert_eq!(kept.newest(), loaded.newest());
    assert_eq!(kept.lacking(), loaded.lacking());
    let frames = [&kept, &loaded].map(|hub| hub.models.frame());
    for (ours, theirs) in frames[0].columns().iter().zip(frames[1].columns()) {
        let text = |column: &polars::prelude::Column| {
            column.cast(&polars::prelude::DataType::String).unwrap()
        };
        assert!(text(ours).equals_missing(&text(theirs)), "{}", ours.name());
    }
    for node in loaded.graph.nodes() {
        assert_eq!(kept.name(node), loaded.name(node));
        assert_eq!(kept.graph.bases(node), loaded.graph.bases(node));
        assert_eq!(kept.graph.children(node), loaded.graph.children(node));
    }
    let tags = |hub: &Hub| {
        let tags = hub.tags.listed();
        tags.map(|tag| (hub.tags.name(tag).to_owned(), hub.tags.of_tag(tag)))
            .collect::<Vec<_>>()
    };
    assert_eq!(tags(&kept), tags(&loaded));
}

/// Places all over a file, and at its end, where the table is.
fn places(file: &Path) -> Vec<u64> {
    let bytes = file.metadata().unwrap().len();
    let all_over = (0..bytes).step_by(usize::try_from(bytes / 150).unwrap());
    all_over.chain(bytes - 60..bytes).collect()
}

fn flip(file: &Path, at: u64) {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(file)
        .unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[byte[0] ^ 0x10]).unwrap();
}

#[test]
fn a_changed_or_truncated_archive_is_invalid() {
    let place = Place::new();
    let file = place.keep();
    let sound = fs::read(&file).unwrap();
    let sealed = file.metadata().unwrap().modified().unwrap();
    let seal = |path: &Path| {
        let times = FileTimes::new().set_modified(sealed);
        File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_times(times)
            .unwrap();
    };
    for at in places(&file) {
        flip(&file, at);
        assert!(place.open().is_none(), "flipped at {at}");
        flip(&file, at);
        let file_of = |len: u64| {
            File::options()
                .write(true)
                .open(&file)
                .unwrap()
                .set_len(len)
        };
        file_of(at).unwrap();
        // Even if its times say that nothing happened.
        seal(&file);
        assert!(place.open().is_none(), "cut off at {at}");
        fs::write(&file, &sound).unwrap();
        seal(&file);
    }
    assert!(place.open().is_some());
}

#[test]
fn bit_rot_is_found_by_reading_all() {
    let place = Place::new();
    let file = place.keep();
    let sound = fs::read(&file).unwrap();
    let sealed = file.metadata().unwrap().modified().unwrap();
    let mut found = 0;
    for at in places(&file) {
        fs::write(&file, &sound).unwrap();
        flip(&file, at);
        let times = FileTimes::new().set_modified(sealed);
        File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_times(times)
            .unwrap();
        let is_gap = {
            let before = sound[..usize::try_from(at).unwrap()].iter().rev();
            before.take_while(|byte| **byte == 0).count() > 0
                && sound[usize::try_from(at).unwrap()] == 0
        };
        match place.cache().check(&place.source()) {
            Err(_) => {
                found += 1;
                assert!(!file.exists(), "left at {at}");
            }
            Ok(()) => assert!(is_gap, "not found at {at}"),
        }
    }
    assert!(found > 100, "{found}");
}

#[test]
fn a_replaced_source_is_read_again() {
    let place = Place::new();
    place.keep();
    place.fill(&place.file(), 2_500);
    assert!(place.open().is_none());
    let entries = place.cache().entries(&persist::layout());
    assert_eq!(
        entries[0].invalid.as_deref(),
        Some("its source has changed")
    );
    let json = place.run(&["stats", "--json"]).out;
    let stats: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(stats["models"], 2_500);
}

#[test]
fn many_at_once_answer_alike_and_leave_one_valid_archive() {
    let place = Place::new();
    let asked = ["search", "llama", "--json", "--limit", "0"];
    let started: Vec<_> = (0..6)
        .map(|_| place.command(&asked).spawn().unwrap())
        .collect();
    let outputs: Vec<_> = started
        .into_iter()
        .map(|child| child.wait_with_output().unwrap())
        .collect();
    for output in &outputs {
        assert_eq!(output.stdout, outputs[0].stdout);
        assert!(output.status.success());
    }
    let entries = place.cache().entries(&persist::layout());
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].invalid, None);
    let files = fs::read_dir(place.cache().folder()).unwrap().count();
    assert_eq!(files, 1, "unfinished files are left");
}

#[test]
fn a_cache_that_cannot_be_written_costs_nothing() {
    let place = Place::new();
    let mut command = place.command(&["search", "llama", "--ids"]);
    command.env("XDG_CACHE_HOME", place.file());
    let nowhere = run(command);
    assert_eq!((nowhere.code, nowhere.err.as_str()), (Some(0), ""));
    assert!(nowhere.out.lines().count() > 1);
}

/// The XDG specification says to ignore a path that is not absolute.
#[test]
fn a_relative_folder_is_ignored() {
    let place = Place::new();
    let mut command = place.command(&["cache", "keep"]);
    command.current_dir(place.folder.path());
    command.env("XDG_CACHE_HOME", "caches");
    command.env("HOME", place.folder.path());
    assert_eq!(run(command).code, Some(0));
    assert!(!place.folder.path().join("caches").exists());
    let kept = place.folder.path().join(".cache/hubscope");
    assert_eq!(fs::read_dir(kept).unwrap().count(), 1);
}

#[test]
fn the_newest_archives_stay_and_no_unfinished_ones() {
    let place = Place::new();
    let cache = place.cache();
    fs::create_dir_all(cache.folder()).unwrap();
    let [left, busy] = ["0000000000000001.4194304", "0000000000000002.4194304"]
        .map(|name| cache.folder().join(name));
    fs::write(&left, "left by one that was killed").unwrap();
    let being_written = File::create(&busy).unwrap();
    being_written.lock().unwrap();
    for number in 0..6 {
        let path = place.folder.path().join(format!("{number}.parquet"));
        place.fill(&path, 300);
        let source = Source::named(Some(&path)).unwrap();
        Hub::open(&source, &|_| {}).unwrap().store(&cache).unwrap();
        assert!(Hub::from_cache(&cache, &source).is_some());
    }
    assert_eq!(cache.entries(&persist::layout()).len(), 4);
    assert!(!left.exists() && busy.exists());
}

/// Names that are nearly those of the cache, and a source under just such a name.
#[test]
fn nothing_but_files_of_the_cache_is_ever_removed() {
    let place = Place::new();
    let cache = place.cache();
    fs::create_dir_all(cache.folder().join("0123456789abcdef.hub")).unwrap();
    let at = |name: &str| cache.folder().join(name);
    let others = [
        "may.hub",
        "notes",
        "notes.txt",
        "123",
        "0123456789abcde.hub",
        "0123456789abcdef0.hub",
        "0123456789ABCDEF.hub",
        "0123456789abcdef.hub.bak",
        "0123456789abcdef.parquet",
        "0123456789abcdef.0123",
        "0123456789abcdef.-1",
        ".0123456789abcdef.hub",
    ];
    for name in others {
        fs::write(at(name), "somebody's").unwrap();
    }
    std::os::unix::fs::symlink(at("notes"), at("00000000000000aa.hub")).unwrap();
    let sources = ["may.parquet", "00000000000000bb.hub"].map(at);
    for source in &sources {
        place.fill(source, 300);
    }
    let listed = || {
        let mut names: Vec<_> = fs::read_dir(cache.folder())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    let before = listed();
    for source in &sources {
        let source = source.to_str().unwrap();
        for _ in 0..6 {
            let ran = place.run(&["stats", "--data", source]);
            assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        }
    }
    // One archive with its note for each source.
    assert_eq!(listed().len(), before.len() + 4);
    fs::write(at("00000000000000cc.lock"), "").unwrap();
    fs::write(at("00000000000000cc.4194304"), "").unwrap();
    let cleared = place.run(&["cache", "clear"]);
    assert!(cleared.out.contains(" 2 "), "{}", cleared.out);
    assert_eq!(listed(), before);
    for name in others {
        assert_eq!(fs::read(at(name)).unwrap(), b"somebody's", "{name}");
    }
    for source in &sources {
        assert_eq!(fs::read(source).unwrap(), fs::read(&sources[0]).unwrap());
    }
}

/// A folder under the name of an archive or a lock stays, and commands work without the cache.
#[test]
fn only_regular_files_are_replaced() {
    let place = Place::new();
    let archive = place.keep();
    for name in [archive.clone(), archive.with_extension("lock")] {
        place.run(&["cache", "clear"]);
        fs::create_dir(&name).unwrap();
        let ran = place.run(&["search", "llama", "--ids"]);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        let ran = place.run(&["cache", "keep"]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
        assert!(ran.err.contains(name.to_str().unwrap()), "{}", ran.err);
        assert!(name.is_dir());
        fs::remove_dir(&name).unwrap();
    }
}

#[test]
fn one_process_stores_a_source() {
    let place = Place::new();
    let lock = place.cache().lock(&place.source()).unwrap();
    assert!(lock.is_some());
    let ran = place.run(&["cache", "keep"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("another"), "{}", ran.out);
    assert!(place.open().is_none());
    drop(lock);
    for _ in 0..2 {
        let ran = place.run(&["cache", "keep"]);
        assert!(ran.out.ends_with("models.parquet: cached\n"), "{}", ran.out);
    }
    assert!(place.open().is_some());
    // The archive, and the note that it was compared with its checksums.
    assert_eq!(fs::read_dir(place.cache().folder()).unwrap().count(), 2);
    let sample = place.run(&["cache", "keep", "--data", ""]);
    assert_eq!(sample.code, Some(2));
}

/// The answer is printed first.
#[test]
fn a_large_hub_is_stored_in_the_background() {
    let place = Place::new();
    place.fill(&place.file(), 100_000);
    let ran = place.run(&["search", "llama", "--ids", "--limit", "1"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let end = Instant::now() + Duration::from_mins(2);
    while place.open().is_none() {
        assert!(Instant::now() < end, "nothing was kept");
        std::thread::yield_now();
    }
}

/// Writes to a file without changing its size and modification time.
fn rot(file: &Path, at: usize, bytes: &[u8]) {
    let modified = file.metadata().unwrap().modified().unwrap();
    let mut open = OpenOptions::new().write(true).open(file).unwrap();
    open.seek(SeekFrom::Start(at as u64)).unwrap();
    open.write_all(bytes).unwrap();
    open.set_times(FileTimes::new().set_modified(modified))
        .unwrap();
}

/// Rots this many pages of the cache, one at a time: each in one command's answer, which is that of the
/// whole cache. The archive is rebuilt, and commands read the new one.
fn rotten_pages(pages: Range<usize>) {
    const PAGE: usize = 4_096;
    let place = Place::new();
    let archive = place.keep();
    let answers: Vec<_> = COMMANDS
        .iter()
        .map(|command| place.run(command).out)
        .collect();
    for number in pages {
        let dice = &mut Pcg64::seed_from_u64(number as u64);
        // Compared a while ago, so that this is noted.
        place.open().expect("the archive is valid");
        thread::sleep(Duration::from_millis(60));
        place.open().expect("the archive is valid");
        let before = fs::read(&archive).unwrap();
        let at = dice.random_range(0..before.len() / PAGE) * PAGE;
        let mut page = before[at..at + PAGE].to_vec();
        match dice.random_range(0..3) {
            0 => page.fill(0),
            1 => dice.fill(&mut page[..]),
            _ => page[dice.random_range(0..PAGE)] ^= 1 << dice.random_range(0..8),
        }
        // Zeros over zeros, or in the gaps between arrays.
        let is_same = page == before[at..at + PAGE];
        rot(&archive, at, &page);
        let command = number % COMMANDS.len();
        let ran = place.run(COMMANDS[command]);
        assert_eq!(
            ran.out, answers[command],
            "{number}: page at {at}: {}",
            ran.err
        );
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{number}");
        if !is_same {
            let entries = place.cache().entries(&persist::layout());
            assert_eq!(entries.len(), 1, "{number}");
            assert_eq!(entries[0].invalid, None, "{number}");
        }
    }
}

#[test]
fn some_rotten_pages() {
    rotten_pages(0..6);
}

#[test]
#[ignore = "1,000 rotten pages: some minutes"]
fn a_thousand_rotten_pages() {
    rotten_pages(0..1_000);
}

/// Waiting for the writer of a pipe would never end.
#[test]
fn pipes_in_the_cache_are_not_waited_for() {
    let place = Place::new();
    let archive = place.keep();
    let wanted = place.run(&["search", "llama", "--ids"]);
    for name in ["hub", "checked", "lock"] {
        place.run(&["cache", "clear"]);
        place.keep();
        let pipe = archive.with_extension(name);
        let _ = fs::remove_file(&pipe);
        let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        for command in [
            &["search", "llama", "--ids"][..],
            &["cache"],
            &["cache", "keep"],
        ] {
            let ran = place.run(command);
            if command[0] == "search" {
                assert_eq!(
                    (ran.out.as_str(), ran.err.as_str()),
                    (wanted.out.as_str(), "")
                );
            }
        }
        assert!(pipe.symlink_metadata().unwrap().file_type().is_fifo());
        fs::remove_file(&pipe).unwrap();
    }
}

/// Arrays of other values with the right checksums, as a mistake in this program might write them.
/// Commands that panic over them read the source, in silence.
#[test]
fn a_panic_over_the_cache_reads_the_source() {
    let place = Place::new();
    let archive = place.keep();
    let whole = fs::read(&archive).unwrap();
    let arrays = {
        let (_, arrays) = contents(&whole);
        arrays
    };
    // The larger ones; small ones are sizes, which are checked when an archive is opened.
    let large: Vec<usize> = (0..arrays.len())
        .filter(|at| arrays[*at].1 > 4_000)
        .collect();
    let (mut again, mut tried) = (0, 0);
    for (turn, at) in large.iter().enumerate().step_by(3) {
        let command = COMMANDS[turn / 3 % COMMANDS.len()];
        rewrite(&archive, &whole, *at);
        let ran = place.run(command);
        tried += 1;
        assert!(
            matches!(ran.code, Some(0 | 1)),
            "array {at}, {command:?}: {}",
            ran.err
        );
        assert!(
            !ran.err.contains("panicked"),
            "array {at}, {command:?}: {}",
            ran.err
        );
        let now = fs::read(&archive).unwrap_or_default();
        let is_new = contents(&now).1.get(*at).map(|array| array.2) == Some(arrays[*at].2);
        again += usize::from(is_new);
    }
    assert!(again > 0, "none of {tried} was noticed");
}

/// The contents of an archive as JSON, and start, bytes and checksum of each array.
fn contents(archive: &[u8]) -> (serde_json::Value, Vec<(usize, usize, u64)>) {
    let Some(tail) = archive.len().checked_sub(16) else {
        return (serde_json::Value::Null, Vec::new());
    };
    let length = u32::from_le_bytes(archive[tail..tail + 4].try_into().unwrap()) as usize;
    let json = serde_json::from_slice(&archive[tail - length..tail]).unwrap();
    let number = |array: &serde_json::Value, key: &str| array[key].as_u64().unwrap();
    let json: serde_json::Value = json;
    let arrays = json["arrays"].as_array().unwrap().iter();
    let arrays = arrays.map(|array| {
        let [start, bytes] = ["start", "bytes"].map(|key| number(array, key) as usize);
        (start, bytes, number(array, "crc"))
    });
    let arrays = arrays.collect();
    (json, arrays)
}

/// Writes an archive with ones in all of an array, and the checksum of that.
fn rewrite(archive: &Path, whole: &[u8], array: usize) {
    let (mut json, arrays) = contents(whole);
    let end = json["arrays"].as_array().unwrap().last().unwrap();
    let end = end["start"].as_u64().unwrap() + end["bytes"].as_u64().unwrap();
    let mut bytes = whole[..usize::try_from(end.next_multiple_of(64)).unwrap()].to_vec();
    let (start, length, _) = arrays[array];
    bytes[start..start + length].fill(0xFF);
    json["arrays"][array]["crc"] = crc32fast::hash(&bytes[start..start + length]).into();
    let json = serde_json::to_vec(&json).unwrap();
    bytes.extend(&json);
    bytes.extend((json.len() as u32).to_le_bytes());
    bytes.extend(crc32fast::hash(&json).to_le_bytes());
    bytes.extend(b"hubscope");
    let modified = SystemTime::UNIX_EPOCH
        + Duration::from_secs(contents(whole).0["modified"].as_u64().unwrap());
    fs::write(archive, bytes).unwrap();
    let times = FileTimes::new().set_modified(modified);
    let open = File::options().write(true).open(archive).unwrap();
    open.set_times(times).unwrap();
}

/// A file of one model with a license, of the same length for each of them.
fn licensed(license: &str) -> tempfile::NamedTempFile {
    let rows = [
        serde_json::json!({"id": "a/b", "downloads": 1, "cardData": format!("license: {license}"),
        "tags": [format!("license:{license}")]}),
    ];
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut frame = common::frame_of(&rows, &common::layout());
    polars::prelude::ParquetWriter::new(file.reopen().unwrap())
        .with_compression(polars::prelude::ParquetCompression::Uncompressed)
        .finish(&mut frame)
        .unwrap();
    file
}

/// Of the same size and modification time, whether it is a new file or written over the old one.
#[test]
fn details_are_never_those_of_another_file_at_the_path() {
    let replace: [fn(&Path, &Path); 4] = [
        |new, path| fs::rename(new, path).unwrap(),
        |new, path| fs::write(path, fs::read(new).unwrap()).unwrap(),
        |new, path| {
            fs::remove_file(path).unwrap();
            fs::copy(new, path).unwrap();
        },
        |_, path| {
            // Cut off, and of the old size again.
            let file = OpenOptions::new().write(true).open(path).unwrap();
            let length = file.metadata().unwrap().len();
            file.set_len(length / 2).unwrap();
            file.set_len(length).unwrap();
        },
    ];
    for replace in replace {
        let place = Place::new();
        let file = place.file();
        fs::copy(licensed("old").path(), &file).unwrap();
        place.keep();
        let cached = place.open().unwrap();
        let loaded = Hub::open(&place.source(), &|_| {}).unwrap();
        let record = |hub: &Hub| hub.record(hub.models.find("a/b").unwrap());
        let before = [&cached, &loaded].map(|hub| record(hub).unwrap());
        assert_eq!(before[0].tags, ["license:old"]);
        // As the explorer shows it.
        let schema = |hub: &Hub| {
            let schema = hub.of_files(|files| Schema::of(&hub.source, files));
            schema.map_err(|error| format!("{error:#}"))
        };
        let schemas = [&cached, &loaded].map(|hub| schema(hub).unwrap());
        let samples = &schemas[0]
            .columns
            .iter()
            .find(|c| c.name == "tags")
            .unwrap()
            .samples;
        assert_eq!(samples, &["license:old"]);

        let metadata = file.metadata().unwrap();
        let new = licensed("new").into_temp_path();
        assert_eq!(new.metadata().unwrap().len(), metadata.len());
        replace(&new, &file);
        let times = FileTimes::new().set_modified(metadata.modified().unwrap());
        let written = File::options().write(true).open(&file).unwrap();
        written.set_times(times).unwrap();

        let error = record(&cached).unwrap_err().to_string();
        assert!(error.ends_with("has changed since it was read"), "{error}");
        match record(&loaded) {
            Ok(record) => assert_eq!(record, before[1]),
            Err(error) => {
                let error = format!("{error:#}");
                assert!(error.ends_with("has changed since it was read"), "{error}");
            }
        }
        assert!(schema(&cached).is_err());
        match schema(&loaded) {
            Ok(schema) => assert_eq!(schema, schemas[1]),
            Err(error) => assert!(error.ends_with("has changed since it was read"), "{error}"),
        }
        assert!(place.open().is_none() && !loaded.is_current(&place.source()));
    }
}

/// The folder is that of the specification of these variables, with `~` for the home.
#[test]
fn the_folder_of_the_cache() {
    let home = tempfile::tempdir().unwrap();
    for (variable, folder) in [
        ("", ".cache"),
        ("relative", ".cache"),
        ("~/x", "x"),
        ("$HOME/y", "y"),
    ] {
        let mut command = hubscope(&["cache", "--json"]);
        command.env("HOME", home.path());
        command.env("XDG_CACHE_HOME", variable);
        let listing: serde_json::Value = serde_json::from_str(&run(command).out).unwrap();
        let folder = home.path().join(folder).join("hubscope");
        assert_eq!(listing["folder"], folder.to_str().unwrap(), "{variable}");
    }
}

/// A blob of the Hugging Face cache is named by its SHA-256.
#[test]
fn the_sources_are_verified() {
    let place = Place::new();
    let blobs = place.folder.path().join("blobs");
    fs::create_dir(&blobs).unwrap();
    let bytes = fs::read(place.file()).unwrap();
    for (name, state) in [
        (etag(&bytes), "valid"),
        ("0".repeat(64), "its source is damaged"),
        // A small file is named by another digest.
        ("0".repeat(40), "valid"),
    ] {
        let blob = blobs.join(name);
        fs::write(&blob, &bytes).unwrap();
        let run = |arguments: &[&str]| {
            let mut command = place.command(arguments);
            command.env("HUBSCOPE_DATA", &blob);
            run(command)
        };
        assert_eq!(run(&["cache", "clear"]).code, Some(0));
        assert_eq!(run(&["cache", "keep"]).code, Some(0));
        for (arguments, expected) in [(&["cache"][..], "valid"), (&["cache", "--verify"], state)] {
            let listed = run(arguments).out;
            let line = listed.lines().nth(1).unwrap();
            let found = line.split('\t').nth(3).unwrap();
            assert!(found.starts_with(expected), "{arguments:?}: {listed}");
        }
    }
}

/// Where few threads can be started, fewer do the work; where too few can, a line says so.
#[cfg(target_os = "linux")]
#[test]
fn few_threads() {
    let place = Place::new();
    let permissions = fs::Permissions::from_mode(0o755);
    fs::set_permissions(place.folder.path(), permissions).unwrap();
    let is_root = rustix::process::geteuid().is_root();
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let limited = |limit: usize, command: &str| {
        let mut limited = Command::new("prlimit");
        limited.arg(format!("--nproc={limit}:{limit}"));
        if is_root {
            // The limit is one of a user, and not of root; nobody else is this one, and no process of an
            // earlier run that the system is still clearing away.
            let user = format!("--reuid={}", 54_321 + RUNS.fetch_add(1, Ordering::Relaxed));
            limited.args(["setpriv", &user, "--clear-groups"]);
        }
        limited.args([env!("CARGO_BIN_EXE_hubscope"), command]);
        limited.env("HUBSCOPE_DATA", place.file());
        limited.env("HUBSCOPE_NO_CACHE", "1");
        limited.env("HF_HOME", place.folder.path().join("none"));
        limited.env("HF_ENDPOINT", "http://localhost:9");
        limited.stdout(Stdio::piped()).stderr(Stdio::piped());
        run(limited)
    };
    let all = place.run(&["--no-cache", "stats"]);
    for limit in 1..=6 {
        let few = limited(limit, "stats");
        match few.code {
            Some(0) => assert_eq!((few.out, few.err.as_str()), (all.out.clone(), "")),
            _ => is_one_line(&few, "no more threads can be started"),
        }
        assert!(few.code == Some(0) || limit < 4 || !is_root, "{limit}");
        let fetch = limited(limit, "fetch");
        is_one_line(&fetch, "");
    }
    is_one_line(&limited(1, "stats"), "no more threads can be started");
}

fn is_one_line(ran: &Ran, words: &str) {
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert!(ran.err.contains(words), "{}", ran.err);
}
