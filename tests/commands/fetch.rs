//! `hubscope fetch` through the real program, from a server of the Hub's protocol that each test
//! starts for itself, well-behaved or not.

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
struct Setting {
    server: Server,
    cache: TempDir,
    bytes: Vec<u8>,
    etag: String,
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
            etag: etag(&bytes),
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
        for name in [
            "HF_TOKEN",
            "HF_TOKEN_PATH",
            "HF_HUB_OFFLINE",
            "HF_HUB_DISABLE_SYMLINKS",
            "HUGGINGFACE_HUB_CACHE",
        ] {
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
    let cases: [(u16, &str, &[&str]); 8] = [
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
        (
            429,
            "RateLimit: \"api\";r=0;t=55\r\n",
            &["too many requests (429)", "in 55 seconds"],
        ),
        (503, "Retry-After: 9\r\n", &["try again in 9 seconds"]),
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
        (
            "X-Repo-Commit: c\r\nETag: \"e\"\r\nContent-Length: 0\r\n".to_owned(),
            "length",
        ),
        (
            format!("{whole}X-Repo-Commit: c\r\nX-Linked-ETag: \"e\"\r\nX-Linked-Size: 0\r\n"),
            "length",
        ),
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
    let blob = format!("{FOLDER}/blobs/{}", etag(&fs::read(file()).unwrap()));
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

/// Right in length, wrong in one byte: not kept, and not in the way of the next try.
#[test]
fn wrong_bytes_are_not_kept() {
    let tries = AtomicUsize::new(0);
    let hub = Setting::new(move |ask| {
        let is_first = ask.path == "/bytes" && tries.fetch_add(1, Ordering::Relaxed) == 0;
        is_first.then_some(Answer::Wrong)
    });
    hub.failed(
        &hub.fetch(),
        &["models.parquet does not have the SHA-256", "try again"],
    );
    assert!(!hub.part().exists());
    hub.arrived(&hub.fetch());

    // What is there of a partial file is hashed, too, whether it is resumed or complete.
    for length in [1_000, hub.bytes.len()] {
        let hub = Setting::new(|_| None);
        let mut begun = hub.bytes[..length].to_vec();
        begun[500] ^= 1;
        fs::create_dir_all(hub.part().parent().unwrap()).unwrap();
        fs::write(hub.part(), begun).unwrap();
        hub.failed(&hub.fetch(), &["does not have the SHA-256", "was removed"]);
        assert!(!hub.part().exists());
        hub.arrived(&hub.fetch());
    }
}

#[test]
fn a_damaged_file_is_found_and_mended() {
    let hub = Setting::new(|_| None);
    hub.arrived(&hub.fetch());
    let verified = run(hub.command(&["fetch", "--verify"]));
    assert!(verified.err.contains("has the SHA-256"), "{}", verified.err);
    hub.is_whole(&verified.out);

    let mut rotten = hub.bytes.clone();
    let last = rotten.len() - 1;
    rotten[last] ^= 1;
    fs::write(hub.blob(), &rotten).unwrap();
    let search = run(hub.command(&["search", "a"]));
    assert_eq!(search.code, Some(2));
    let remedy = "`hubscope fetch --verify` downloads it again";
    assert!(search.err.contains(remedy), "{}", search.err);
    assert!(hub.fetch().err.contains("up to date"));

    let mut offline = hub.command(&["fetch", "--verify"]);
    offline.env("HF_HUB_OFFLINE", "1");
    let offline = run(offline);
    assert_eq!((offline.code, offline.out.as_str()), (Some(2), ""));
    assert!(
        offline.err.contains("the file is damaged"),
        "{}",
        offline.err
    );

    let mended = run(hub.command(&["fetch", "--verify"]));
    assert_eq!(mended.code, Some(0));
    assert!(mended.err.contains("was damaged"), "{}", mended.err);
    hub.is_whole(&mended.out);
    assert_eq!(run(hub.command(&["search", "a"])).code, Some(0));
}

/// Without a network, the file in the cache is the answer.
#[test]
fn offline_with_the_file_there() {
    let hub = Setting::new(|_| None);
    hub.arrived(&hub.fetch());
    let asked = hub.server.asked().len();
    for (variable, value) in [
        ("HF_HUB_OFFLINE", "1"),
        ("HF_ENDPOINT", "http://127.0.0.1:9"),
    ] {
        for arguments in [&["fetch"][..], &["fetch", "--verify"]] {
            let mut command = hub.command(arguments);
            command.env(variable, value);
            let ran = run(command);
            assert_eq!(ran.code, Some(0), "{}", ran.err);
            assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
            assert!(ran.err.contains("is in the cache"), "{}", ran.err);
            hub.is_whole(&ran.out);
        }
    }
    assert_eq!(hub.server.asked().len(), asked);
    // A branch that moved on, as after a download of another file only.
    fs::write(hub.at(&format!("{FOLDER}/refs/main")), "another").unwrap();
    let mut command = hub.command(&["fetch"]);
    command.env("HF_HUB_OFFLINE", "1");
    assert_eq!(Path::new(run(command).out.trim_end()), hub.file());
    // Of another day, nothing is there.
    let mut command = hub.command(&["fetch", "--date", "2026-05-04"]);
    command.env("HF_HUB_OFFLINE", "1");
    assert_eq!(run(command).code, Some(2));
}

/// A cache that others share, and that this user may only read.
#[test]
fn a_read_only_cache() {
    let hub = Setting::new(|_| None);
    hub.arrived(&hub.fetch());
    let set_mode = |mode: &str| {
        let mut command = Command::new("chmod");
        command.args(["-R", mode]).arg(hub.cache.path());
        assert!(command.status().unwrap().success());
    };
    set_mode("a+rX,a-w");
    let fetch = || {
        let command = unprivileged(hub.command(&["fetch"]));
        let ran = run(command);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.err.contains("up to date"), "{}", ran.err);
        ran.out
    };
    hub.is_whole(&fetch());
    // The same bytes in an older commit.
    set_mode("u+w");
    let older = hub.at(&format!("{FOLDER}/snapshots/older"));
    fs::rename(hub.file().parent().unwrap(), &older).unwrap();
    fs::write(hub.at(&format!("{FOLDER}/refs/main")), "older").unwrap();
    set_mode("a-w");
    assert_eq!(Path::new(fetch().trim_end()), older.join("models.parquet"));
    set_mode("u+w");
}

/// Runs a command as another user, if this one may write everywhere.
fn unprivileged(command: Command) -> Command {
    if !rustix::process::geteuid().is_root() {
        return command;
    }
    let mut other = Command::new("setpriv");
    other.args(["--reuid=65534", "--clear-groups"]);
    other.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => other.env(name, value),
            None => other.env_remove(name),
        };
    }
    other.stdout(Stdio::piped()).stderr(Stdio::piped());
    other
}

/// As the Python library does it where links cannot be made.
#[test]
fn a_cache_without_links() {
    let hub = Setting::new(|_| None);
    let fetch = |arguments: &[&str]| {
        let mut command = hub.command(arguments);
        command.env("HF_HUB_DISABLE_SYMLINKS", "1");
        let ran = run(command);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert_eq!(Path::new(ran.out.trim_end()), hub.file());
        assert!(hub.file().symlink_metadata().unwrap().is_file());
        assert!(fs::read(hub.file()).unwrap() == hub.bytes);
        ran.err
    };
    assert_eq!(fetch(&["fetch"]), "");
    assert!(!hub.blob().exists());
    assert!(fetch(&["fetch"]).contains("up to date"));
    fs::write(hub.file(), vec![0; hub.bytes.len()]).unwrap();
    assert!(fetch(&["fetch", "--verify"]).contains("was damaged"));
    // A blob that another snapshot is linked to stays.
    let hub = Setting::new(|_| None);
    hub.arrived(&hub.fetch());
    let older = hub.at(&format!("{FOLDER}/snapshots/older"));
    fs::rename(hub.file().parent().unwrap(), &older).unwrap();
    let mut command = hub.command(&["fetch"]);
    command.env("HF_HUB_DISABLE_SYMLINKS", "1");
    assert_eq!(run(command).code, Some(0));
    for path in [hub.file(), older.join("models.parquet")] {
        assert!(fs::read(path).unwrap() == hub.bytes);
    }
}

/// The variables of the Hugging Face libraries, expanded as they do it.
#[test]
fn the_cache_is_where_the_environment_says() {
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[("HF_HOME", "~/x")], "x/hub"),
        (&[("HF_HOME", "$HOME/${PART}")], "part/hub"),
        (&[("HF_HUB_CACHE", "~/y"), ("HF_HOME", "~/x")], "y"),
        (&[("HUGGINGFACE_HUB_CACHE", "~/z"), ("HF_HOME", "~/x")], "z"),
        (
            &[("HF_HOME", ""), ("XDG_CACHE_HOME", "~/c")],
            "c/huggingface/hub",
        ),
    ];
    let hub = Setting::new(|_| None);
    for (variables, expected) in cases {
        let home = tempfile::tempdir().unwrap();
        let mut command = hub.command(&["fetch"]);
        command.env_remove("HF_HUB_CACHE").current_dir(home.path());
        command.env("HOME", home.path()).env("PART", "part");
        command.envs(variables.iter().copied());
        let ran = run(command);
        let file = format!("{expected}/{FOLDER}/snapshots/{COMMIT}/models.parquet");
        assert_eq!(Path::new(ran.out.trim_end()), home.path().join(file));
        assert!(!home.path().join("~").exists());
    }
}

/// The folders of the cache are sources.
#[test]
fn folders_of_the_cache() {
    let hub = Setting::new(|_| None);
    hub.arrived(&hub.fetch());
    // Another table of the dataset is no shard of this one.
    fs::write(hub.file().with_file_name("spaces.parquet"), "PAR1").unwrap();
    for folder in ["", FOLDER, &format!("{FOLDER}/snapshots/{COMMIT}")] {
        let named = hub.at(folder);
        let ran = run(hub.command(&["schema", "--json", "--data", named.to_str().unwrap()]));
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let schema: Value = serde_json::from_str(&ran.out).unwrap();
        let source = schema["source"].as_str().unwrap();
        let file = hub.file();
        assert!(
            file.ends_with(source) || Path::new(source).ends_with(&file),
            "{source}"
        );
    }
}

/// A disk that is full by a limit, which ends a program that does not ignore its signal.
#[test]
fn a_limit_of_file_sizes() {
    let hub = Setting::new(|_| None);
    let fetch = hub.command(&["fetch"]);
    let mut limited = Command::new("sh");
    // In units of 512 bytes.
    limited.args(["-c", "ulimit -f 8 && exec \"$0\" fetch"]);
    limited.arg(fetch.get_program());
    for (name, value) in fetch.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    limited.stdout(Stdio::piped()).stderr(Stdio::piped());
    hub.failed(
        &run(limited),
        &["hub-stats", "is the disk full?", "to resume"],
    );
    assert!(fs::read(hub.part()).unwrap() == hub.bytes[..4_096]);
    hub.arrived(&hub.fetch());
}

/// The storage is another server, on another port of the same host.
#[test]
fn the_token_is_for_one_port() {
    let bytes = fs::read(file()).unwrap();
    let storage = Server::start(bytes.clone(), |_| None);
    let headers = linked(&bytes, &format!("{}/bytes", storage.address()));
    let hub = Setting::new(move |_| Some(Answer::Bare(302, headers.clone())));
    let mut command = hub.command(&["fetch"]);
    command.env("HF_TOKEN", "hf_secret");
    hub.arrived(&run(command));
    let of = |server: &Server| -> Vec<Option<String>> {
        server
            .asked()
            .into_iter()
            .map(|ask| ask.authorization)
            .collect()
    };
    let token = Some("Bearer hf_secret".to_owned());
    assert_eq!(of(&hub.server), [token.clone(), token]);
    assert_eq!(of(&storage), [None]);
}

/// A mirror that leads to another server for everything.
#[test]
fn a_mirror_that_redirects() {
    let bytes = fs::read(file()).unwrap();
    let real = Server::start(bytes, |_| None);
    let address = real.address();
    let hub = Setting::new(move |ask| {
        let location = format!("Location: {address}{}\r\n", ask.path);
        Some(Answer::Bare(308, location))
    });
    let mut command = hub.command(&["fetch"]);
    command.env("HF_TOKEN", "hf_secret");
    hub.arrived(&run(command));
    assert!(real.asked().iter().all(|ask| ask.authorization.is_none()));
    assert!(
        hub.server
            .asked()
            .iter()
            .all(|ask| ask.authorization.is_some())
    );
}

/// The Hub is to know who asks; the server that it sends to is not.
#[test]
fn the_token_is_for_the_hub_alone() {
    let hub = Setting::new(|_| None);
    let home = tempfile::tempdir().unwrap();
    // A pipe that nobody writes to is no token.
    let made = Command::new("mkfifo")
        .arg(home.path().join("token"))
        .status();
    assert!(made.unwrap().success());
    let mut command = hub.command(&["fetch"]);
    command.env("HF_HOME", home.path());
    assert_eq!(run(command).code, Some(0));
    fs::remove_file(home.path().join("token")).unwrap();
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
