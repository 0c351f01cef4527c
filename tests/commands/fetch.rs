//! `hubscope fetch` through the real program, from a server of the Hub's protocol that each test
//! starts for itself, well-behaved or not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::common::file;
use crate::common::program::{Ran, ended, hubscope, run};
use crate::server::{Answer, Ask, COMMIT, ETAG, Server};

/// A hub and an empty cache.
struct Setting {
    server: Server,
    cache: TempDir,
    bytes: Vec<u8>,
}

/// Where hub-stats lies in a cache.
const FOLDER: &str = "datasets--cfahlgren1--hub-stats";

impl Setting {
    /// With a server that does as the Hub does, but where `oddity` has another answer.
    fn new(oddity: impl Fn(&Ask) -> Option<Answer> + Send + 'static) -> Setting {
        let bytes = fs::read(file()).unwrap();
        Setting {
            server: Server::start(bytes.clone(), oddity),
            cache: tempfile::tempdir().unwrap(),
            bytes,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = hubscope(arguments);
        command
            .env("HF_ENDPOINT", self.server.address())
            .env("HF_HUB_CACHE", self.cache.path());
        for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        for name in ["HF_TOKEN", "HF_HUB_OFFLINE"] {
            command.env_remove(name);
        }
        command
    }

    fn fetch(&self) -> Ran {
        run(self.command(&["fetch"]))
    }

    fn at(&self, path: &str) -> PathBuf {
        self.cache.path().join(path)
    }

    fn part(&self) -> PathBuf {
        self.at(&format!("{FOLDER}/blobs/{ETAG}.part"))
    }

    /// The file is there as the Hugging Face libraries would have put it, and was printed.
    fn arrived(&self, ran: &Ran) {
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        self.is_whole(&ran.out);
    }

    fn is_whole(&self, printed: &str) {
        let file = self.at(&format!("{FOLDER}/snapshots/{COMMIT}/models.parquet"));
        assert_eq!(Path::new(printed.trim_end()), file);
        assert!(fs::read(&file).unwrap() == self.bytes);
        let link = fs::read_link(&file).unwrap();
        assert_eq!(link, Path::new("../../blobs").join(ETAG));
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
        assert!(!self.at(&format!("{FOLDER}/blobs/{ETAG}")).exists());
    }
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
    fs::write(hub.at(&format!("{FOLDER}/blobs/{ETAG}")), "half").unwrap();
    hub.arrived(&hub.fetch());
}

#[test]
fn a_week_of_the_archive() {
    let hub = Setting::new(|_| None);
    let ran = run(hub.command(&["fetch", "--date", "2026-05-04"]));
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
    let child = hub.command(&["fetch"]).spawn().unwrap();
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
    let mut child = hub.command(&["fetch"]).spawn().unwrap();
    hub.server.wait_for_stall();
    hub.failed(&hub.fetch(), &["another fetch is downloading it", "wait"]);
    child.kill().unwrap();
    ended(child);
}

#[test]
fn refusals_say_what_to_try() {
    let cases: [(u16, &str, &[&str]); 6] = [
        (
            401,
            "",
            &[
                "no access to it (401)",
                "accept its terms at http://127.0.0.1",
                "HF_TOKEN",
            ],
        ),
        (403, "", &["no access (403)", "HF_TOKEN"]),
        (
            404,
            "",
            &[
                "no models.parquet there (404)",
                "/tree/main/models",
                "--date",
            ],
        ),
        (
            429,
            "Retry-After: 17\r\n",
            &["too many requests (429)", "in 17 seconds"],
        ),
        (429, "Retry-After: Tue\r\n", &["try again later"]),
        (503, "", &["(503)", "try again later", "--date"]),
    ];
    for late in [false, true] {
        for (status, headers, words) in cases {
            let hub = Setting::new(move |ask| {
                (is_get(ask) == late).then(|| Answer::Bare(status, headers.to_owned()))
            });
            hub.failed(&hub.fetch(), &[&["cfahlgren1/hub-stats"], words].concat());
        }
    }
}

#[test]
fn another_dataset_suggests_hub_stats() {
    let hub = Setting::new(|_| Some(Answer::Bare(404, String::new())));
    let ran = run(hub.command(&["fetch", "--from", "a/b", "--date", "2026-01-05"]));
    let words = [
        "a/b: no models/2026-01-05/models.parquet",
        "--from cfahlgren1/hub-stats",
    ];
    hub.failed(&ran, &words);
}

#[test]
fn a_server_without_the_headers_of_the_hub() {
    let whole = "Content-Length: 10\r\n";
    let cases = [
        (format!("{whole}ETag: \"e\"\r\n"), "commit"),
        (format!("{whole}X-Repo-Commit: c\r\n"), "ETag"),
        (
            format!("{whole}X-Repo-Commit: ../../c\r\nETag: \"e\"\r\n"),
            "commit",
        ),
        (
            format!("{whole}X-Repo-Commit: c\r\nETag: \"../e\"\r\n"),
            "ETag",
        ),
        ("X-Repo-Commit: c\r\nETag: \"e\"\r\n".to_owned(), "length"),
    ];
    for (headers, missing) in cases {
        let hub = Setting::new(move |_| Some(Answer::Bare(200, headers.clone())));
        let words = [&format!("without a valid {missing}"), "HF_ENDPOINT"];
        hub.failed(&hub.fetch(), &words);
    }
    let to_itself = |ask: &Ask| Some(Answer::Bare(307, format!("Location: {}\r\n", ask.path)));
    let hub = Setting::new(to_itself);
    hub.failed(&hub.fetch(), &["end of redirects"]);
}

#[test]
fn an_unreachable_server() {
    let hub = Setting::new(|_| None);
    let mut command = hub.command(&["fetch"]);
    // A port that was free a moment ago, and that nobody is reported of.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", port.local_addr().unwrap());
    drop(port);
    command.env("HF_ENDPOINT", &address);
    hub.failed(
        &run(command),
        &["cannot be reached", &address, "check the network"],
    );
    let mut command = hub.command(&["fetch"]);
    command.env("HF_HUB_OFFLINE", "1");
    hub.failed(&run(command), &["HF_HUB_OFFLINE", "unset"]);
    assert!(hub.server.asked().is_empty());
}

#[test]
fn another_length_than_announced() {
    let longer =
        |ask: &Ask| is_get(ask).then(|| Answer::Bare(200, "Content-Length: 9\r\n".to_owned()));
    let beyond = |ask: &Ask| is_get(ask).then(|| Answer::Bare(416, String::new()));
    let endless = |ask: &Ask| is_get(ask).then_some(Answer::Endless);
    let words = ["models.parquet does not have the length", "try again"];
    for hub in [
        Setting::new(longer),
        Setting::new(beyond),
        Setting::new(endless),
    ] {
        hub.failed(&hub.fetch(), &words);
        assert!(!hub.part().exists());
    }
}

#[test]
fn a_full_disk() {
    let huge = format!(
        "X-Repo-Commit: c\r\nETag: \"e\"\r\nContent-Length: {}\r\n",
        u64::MAX / 4
    );
    let hub = Setting::new(move |_| Some(Answer::Bare(200, huge.clone())));
    hub.failed(&hub.fetch(), &["to download", "free;", "HF_HUB_CACHE"]);
    assert_eq!(hub.server.asked().len(), 1);
}

#[test]
fn a_cache_that_cannot_be_written() {
    let hub = Setting::new(|_| None);
    fs::write(hub.at("file"), "").unwrap();
    let mut command = hub.command(&["fetch"]);
    command.env("HF_HUB_CACHE", hub.at("file"));
    hub.failed(
        &run(command),
        &["file", "cannot be written", "HF_HUB_CACHE"],
    );
}

/// A device, a pipe, a folder or a link under a name that `fetch` writes stays.
#[test]
fn only_files_of_the_cache_are_replaced() {
    use std::os::unix::fs::symlink;
    let blob = format!("{FOLDER}/blobs/{ETAG}");
    let names = [
        blob.clone(),
        format!("{blob}.part"),
        format!("{FOLDER}/snapshots/{COMMIT}/models.parquet"),
        format!("{FOLDER}/refs/main"),
    ];
    let place: [fn(&Path); 3] = [
        |path| fs::create_dir(path).unwrap(),
        |path| symlink("/dev/full", path).unwrap(),
        |path| {
            let made = Command::new("mkfifo").arg(path).status();
            assert!(made.unwrap().success());
        },
    ];
    for name in &names {
        for place in place {
            let hub = Setting::new(|_| None);
            let path = hub.at(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            place(&path);
            let before = fs::symlink_metadata(&path).unwrap().file_type();
            let ran = hub.fetch();
            assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{name}");
            assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
            assert!(ran.err.contains(name), "{name}: {}", ran.err);
            let after = fs::symlink_metadata(&path).unwrap().file_type();
            assert_eq!(before, after, "{name}");
        }
    }
    // The bytes of another file are not written over through a link.
    let hub = Setting::new(|_| None);
    fs::write(hub.at("mine"), "mine").unwrap();
    fs::create_dir_all(hub.part().parent().unwrap()).unwrap();
    symlink("../../mine", hub.part()).unwrap();
    assert_eq!(hub.fetch().code, Some(2));
    assert_eq!(fs::read(hub.at("mine")).unwrap(), b"mine");
}

/// The Hub is to know who asks; the server that it sends to is not.
#[test]
fn the_token_is_for_the_hub_alone() {
    let hub = Setting::new(|_| None);
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("token"), "hf_file\n").unwrap();
    for (variable, token) in [("hf_set", "hf_set"), ("", "hf_file")] {
        let mut command = hub.command(&["fetch"]);
        command
            .env("HF_HOME", home.path())
            .env("HF_TOKEN", variable);
        assert_eq!(run(command).code, Some(0));
        let asked = hub.server.asked();
        let authorization = Some(format!("Bearer {token}"));
        let head = asked.iter().rfind(|ask| !is_get(ask)).unwrap();
        assert_eq!(head.authorization, authorization);
    }
    let asked = hub.server.asked();
    let bytes = asked.iter().find(|ask| ask.path == "/bytes").unwrap();
    assert_eq!(bytes.authorization, None);
}

#[test]
fn through_a_proxy() {
    let hub = Setting::new(|_| None);
    let mut command = hub.command(&["fetch"]);
    command
        .env("HF_ENDPOINT", "http://hub.invalid/")
        .env("HTTP_PROXY", hub.server.address());
    hub.arrived(&run(command));
}

#[test]
fn a_dataset_that_was_renamed() {
    let hub = Setting::new(|ask| {
        let path = ask.path.replace("/cfahlgren1/", "/somebody/");
        (path != ask.path).then(|| Answer::Bare(307, format!("Location: {path}\r\n")))
    });
    hub.arrived(&hub.fetch());
}

#[test]
fn malformed_names_and_days() {
    for arguments in [
        ["--from", "../x"],
        ["--from", "stats"],
        ["--date", "2026-02-30"],
    ] {
        let hub = Setting::new(|_| None);
        let ran = run(hub.command(&[&["fetch"][..], &arguments].concat()));
        assert_eq!(ran.code, Some(2));
        assert!(ran.err.contains(arguments[1]), "{}", ran.err);
        assert!(hub.server.asked().is_empty());
    }
}
