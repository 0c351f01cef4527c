//! `hubscope fetch` through the real program, from a server of the Hub's protocol that each test
//! starts for itself, well-behaved or not.

mod columns;
mod conformance;
mod days;
mod faults;
mod places;
mod servers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::common::file;
use crate::common::program::{Ran, ended, hubscope, run};
use crate::server::{Answer, Ask, COMMIT, Server, etag, linked};

/// A hub and an empty cache.
pub struct Setting {
    server: Server,
    cache: TempDir,
    bytes: Vec<u8>,
    etag: String,
}

/// Where hub-stats lies in a cache.
const FOLDER: &str = "datasets--cfahlgren1--hub-stats";

impl Setting {
    /// With a server that does as the Hub does, but where `oddity` has another answer.
    pub fn new(oddity: impl Fn(&Ask) -> Option<Answer> + Send + 'static) -> Setting {
        let bytes = fs::read(file()).unwrap();
        Setting {
            server: Server::start(bytes.clone(), oddity),
            cache: tempfile::tempdir().unwrap(),
            etag: etag(&bytes),
            bytes,
        }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = hubscope(arguments);
        command
            .env("HF_ENDPOINT", self.server.address())
            .env("HF_HUB_CACHE", self.cache.path())
            .env("XDG_CACHE_HOME", self.at("xdg"));
        for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        for name in [
            "HF_TOKEN",
            "HF_TOKEN_PATH",
            "HF_HUB_OFFLINE",
            "TRANSFORMERS_OFFLINE",
            "HF_HUB_DISABLE_SYMLINKS",
            "HF_HUB_DISABLE_IMPLICIT_TOKEN",
            "HUGGING_FACE_HUB_TOKEN",
            "HUGGINGFACE_HUB_CACHE",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// All requests so far.
    pub fn asked(&self) -> Vec<Ask> {
        self.server.asked()
    }

    fn fetch(&self) -> Ran {
        run(self.command(&["fetch", "--columns", "all"]))
    }

    fn at(&self, path: &str) -> PathBuf {
        self.cache.path().join(path)
    }

    fn part(&self) -> PathBuf {
        self.blob().with_extension("part")
    }

    fn blob(&self) -> PathBuf {
        self.at(&format!("{FOLDER}/blobs/{}", self.etag))
    }

    fn file(&self) -> PathBuf {
        self.at(&format!("{FOLDER}/snapshots/{COMMIT}/models.parquet"))
    }

    /// The file is there as the Hugging Face libraries would have put it, and was printed.
    fn arrived(&self, ran: &Ran) {
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        self.is_whole(&ran.out);
    }

    fn is_whole(&self, printed: &str) {
        let file = self.file();
        assert_eq!(Path::new(printed.trim_end()), file);
        assert!(fs::read(&file).unwrap() == self.bytes);
        let link = fs::read_link(&file).unwrap();
        assert_eq!(link, Path::new("../../blobs").join(&self.etag));
        let commit = fs::read_to_string(self.at(&format!("{FOLDER}/refs/main"))).unwrap();
        assert_eq!(commit, COMMIT);
        assert!(!self.part().exists());
    }

    /// One line that says all of this, and nothing that could be taken for the file.
    fn failed(&self, ran: &Ran, words: &[&str]) {
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        for word in words {
            assert!(ran.err.contains(word), "{word}: {}", ran.err);
        }
        assert!(!self.at(&format!("{FOLDER}/snapshots")).exists());
        assert!(!self.blob().exists());
    }
}

/// A command that another one runs, in the same environment.
fn through(mut outer: Command, command: &Command) -> Command {
    outer.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    outer.stdout(Stdio::piped()).stderr(Stdio::piped());
    outer
}

fn is_get(ask: &Ask) -> bool {
    ask.method == "GET"
}

#[test]
fn a_downloaded_file_is_the_default_source() {
    let hub = Setting::new(|_| None);
    hub.arrived(&hub.fetch());
    let asked: Vec<String> = hub.server.asked().iter().map(Ask::line).collect();
    let resolve = "/datasets/cfahlgren1/hub-stats/resolve";
    assert_eq!(
        asked,
        [
            format!("HEAD {resolve}/main/models.parquet"),
            format!("GET {resolve}/{COMMIT}/models.parquet"),
            "GET /bytes".to_owned(),
        ]
    );
    let schema = run(hub.command(&["schema", "--json"]));
    let schema: Value = serde_json::from_str(&schema.out).unwrap();
    let source = schema["source"].as_str().unwrap();
    assert!(
        source.ends_with(&format!("{COMMIT}/models.parquet")),
        "{source}"
    );
}

#[test]
fn a_cached_file_is_not_downloaded_again() {
    let hub = Setting::new(|_| None);
    hub.arrived(&hub.fetch());
    // The library in Python may have made the link of another commit only.
    fs::remove_dir_all(hub.at(&format!("{FOLDER}/snapshots"))).unwrap();
    let again = hub.fetch();
    assert_eq!(again.code, Some(0));
    assert!(again.err.contains("up to date"), "{}", again.err);
    hub.is_whole(&again.out);
    let asked = hub.server.asked();
    assert_eq!(asked.iter().filter(|ask| ask.path == "/bytes").count(), 1);
}

#[test]
fn a_blob_of_another_length_is_not_it() {
    let hub = Setting::new(|_| None);
    fs::create_dir_all(hub.at(&format!("{FOLDER}/blobs"))).unwrap();
    fs::write(hub.blob(), "half").unwrap();
    hub.arrived(&hub.fetch());
}

#[test]
fn a_week_of_the_archive() {
    let hub = Setting::new(|_| None);
    let ran = run(hub.command(&["fetch", "--columns", "all", "--date", "2026-05-04"]));
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let week = format!("snapshots/{COMMIT}/models/2026-05-04/models.parquet");
    let file = hub.at(&format!("datasets--hfmlsoc--hub_weekly_snapshots/{week}"));
    assert_eq!(Path::new(ran.out.trim_end()), file);
    assert!(fs::read(file).unwrap() == hub.bytes);
    let asked = hub.server.asked();
    assert_eq!(
        asked[0].path,
        "/datasets/hfmlsoc/hub_weekly_snapshots/resolve/main/models/2026-05-04/models.parquet"
    );
    let schema = run(hub.command(&["schema", "--json"]));
    assert!(schema.out.contains("2026-05-04"), "{}", schema.out);
}

#[test]
fn an_interrupted_download_is_resumed() {
    let hub = Setting::new(|ask| {
        let cut = ask.path == "/bytes" && ask.range.is_none();
        cut.then_some(Answer::Cut { after: 1_000 })
    });
    let words = ["hub-stats", "interrupted after 1 kB of", "same command"];
    hub.failed(&hub.fetch(), &words);
    assert!(fs::read(hub.part()).unwrap() == hub.bytes[..1_000]);
    hub.arrived(&hub.fetch());
    let last = hub.server.asked().pop().unwrap();
    assert_eq!(last.range.as_deref(), Some("bytes=1000-"));
}

#[test]
fn a_server_that_cannot_resume_starts_over() {
    let hub = Setting::new(|ask| (ask.path == "/bytes").then_some(Answer::Whole));
    fs::create_dir_all(hub.part().parent().unwrap()).unwrap();
    fs::write(hub.part(), "begun").unwrap();
    hub.arrived(&hub.fetch());
}

#[test]
fn a_complete_or_longer_partial_file() {
    let hub = Setting::new(|_| None);
    fs::create_dir_all(hub.part().parent().unwrap()).unwrap();
    fs::write(hub.part(), &hub.bytes).unwrap();
    hub.arrived(&hub.fetch());
    assert_eq!(hub.server.asked().len(), 1);

    let hub = Setting::new(|_| None);
    fs::create_dir_all(hub.part().parent().unwrap()).unwrap();
    fs::write(hub.part(), vec![0; hub.bytes.len() + 1]).unwrap();
    hub.arrived(&hub.fetch());
}

#[test]
fn interrupted_by_a_person() {
    let hub = Setting::new(|ask| {
        let stall = ask.path == "/bytes" && ask.range.is_none();
        stall.then_some(Answer::Stall { after: 1_000 })
    });
    let child = hub.command(&["fetch", "--columns", "all"]).spawn().unwrap();
    hub.server.wait_for_stall();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(err.lines().count(), 1, "{err}");
    assert!(err.contains("interrupted; run the same command"), "{err}");
    // Perhaps no byte was written yet; then the server would stall once more.
    fs::write(hub.part(), &hub.bytes[..1_000]).unwrap();
    hub.arrived(&hub.fetch());
}

#[test]
fn two_runs_do_not_write_one_file() {
    let hub = Setting::new(|ask| (ask.path == "/bytes").then_some(Answer::Stall { after: 1_000 }));
    let mut child = hub.command(&["fetch", "--columns", "all"]).spawn().unwrap();
    hub.server.wait_for_stall();
    hub.failed(&hub.fetch(), &["another fetch is downloading it", "wait"]);
    child.kill().unwrap();
    ended(child);
}
