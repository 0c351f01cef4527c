//! `hubscope doctor`: its facts are those that the system, Polars and the environment state, each thing
//! that is broken is a line with a remedy, and nothing secret is printed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use polars::prelude::*;
use serde_json::Value;

use crate::common::program::{Ran, run};
use crate::common::{self, file};
use crate::server::{Answer, Server};
use hubscope::engine::Hub;
use hubscope::engine::cache::Cache;
use hubscope::engine::source::Source;

/// The user of the tests.
const USER: &str = "annabel";

/// A home, and nothing else that the environment names.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Home {
        let home = Home(tempfile::tempdir().unwrap());
        fs::create_dir(home.path()).unwrap();
        home
    }

    fn path(&self) -> PathBuf {
        self.0.path().join(USER)
    }

    /// Writes a file below the home.
    fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// The program without a controlling terminal, and with these variables.
    fn command(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
        let program = env!("CARGO_BIN_EXE_hubscope");
        let mut command = match cfg!(target_os = "linux") {
            true => Command::new("setsid"),
            false => Command::new("env"),
        };
        command.arg(program).args(arguments).env_clear();
        self.surround(&mut command, variables);
        command
    }

    fn surround(&self, command: &mut Command, variables: &[(&str, &str)]) {
        let path = std::env::var_os("PATH").unwrap_or_default();
        command
            .env("PATH", path)
            .env("HOME", self.path())
            .env("USER", USER)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
    }

    fn doctor(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Report {
        let arguments = [&["doctor", "--json"], arguments].concat();
        Report::of(run(self.command(&arguments, variables)))
    }
}

/// The report as JSON, with the exit code that fits it.
struct Report(Value);

impl Report {
    fn of(ran: Ran) -> Report {
        assert_eq!(ran.err, "");
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        let is_fine = report["problems"].as_array().unwrap().is_empty();
        assert_eq!(ran.code, Some(i32::from(!is_fine)), "{}", ran.out);
        Report(report)
    }

    /// The value of a fact: `section.name`.
    fn get(&self, fact: &str) -> &Value {
        let (section, name) = fact.split_once('.').unwrap();
        let section = self.0[section].as_object().unwrap();
        let value = section.get(name);
        value.unwrap_or_else(|| panic!("no {fact}: {section:#?}"))
    }

    fn text(&self, fact: &str) -> &str {
        let value = self.get(fact);
        value.as_str().unwrap_or_else(|| panic!("{fact}: {value}"))
    }

    /// The problems: each as `section.name` and its text.
    fn problems(&self) -> Vec<(String, String)> {
        let text = |problem: &Value, name: &str| problem[name].as_str().unwrap().to_owned();
        let problem = |problem: &Value| {
            let fact = format!("{}.{}", text(problem, "section"), text(problem, "fact"));
            (fact, text(problem, "problem"))
        };
        let problems = self.0["problems"].as_array().unwrap();
        problems.iter().map(problem).collect()
    }

    /// Has one problem with this fact, whose text has all these words.
    fn has_problem(&self, fact: &str, words: &[&str]) {
        let problems = self.problems();
        let own: Vec<_> = problems.iter().filter(|(of, _)| of == fact).collect();
        assert_eq!(own.len(), 1, "{fact}: {problems:?}");
        let text = &own[0].1;
        assert!(
            words.iter().all(|word| text.contains(word)),
            "{fact}: {text}"
        );
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}

/// Returns the paths of everything below a folder.
fn tree(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(tree(&path));
        }
        found.insert(path);
    }
    found
}

#[test]
fn facts_are_those_of_the_system() {
    let home = Home::new();
    let report = home.doctor(&[], &[("LC_CTYPE", "C"), ("LANG", "C.UTF-8")]);
    assert_eq!(report.problems(), []);
    assert_eq!(report.get("program.version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(
        report.get("program.profile"),
        if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        }
    );
    let cores = std::thread::available_parallelism().unwrap().get();
    assert_eq!(report.get("system.cores"), cores);
    assert_eq!(report.get("system.locale"), "C");
    assert_eq!(report.get("system.locale_reason"), "by $LC_CTYPE");
    assert_eq!(report.get("system.charset"), "ASCII");
    assert_eq!(report.get("system.home"), "~");
    let shell = Command::new("sh")
        .args(["-c", "ulimit -n"])
        .output()
        .unwrap();
    let limit = String::from_utf8(shell.stdout).unwrap();
    let limit = limit.trim().parse::<u64>().map_or(Value::Null, Value::from);
    assert_eq!(*report.get("system.limit_open_files"), limit);
    // There is no terminal, and why.
    if cfg!(target_os = "linux") {
        let kernel = Command::new("uname").arg("-r").output().unwrap().stdout;
        assert_eq!(
            report.text("system.kernel"),
            String::from_utf8(kernel).unwrap().trim()
        );
        assert_eq!(report.get("terminal.output_is_terminal"), false);
        assert_eq!(report.get("terminal.screen"), false);
        assert!(
            report
                .text("terminal.screen_reason")
                .contains("/dev/tty is a terminal")
        );
    }
    // No data is no problem.
    assert_eq!(report.get("data.source"), "sample");
    assert_eq!(report.get("data.synthetic"), true);
    assert_eq!(report.get("data.models"), 20_000);
    let reason = "no hub-stats file found in ~/.cache/huggingface/hub (by the home folder)";
    assert_eq!(report.get("data.source_reason"), reason);
    assert_eq!(report.get("cache.folder"), "~/.cache/hubscope");
    assert_eq!(report.get("config.file"), "~/.config/hubscope/config.toml");
    assert_eq!(
        report.get("hugging_face.endpoint"),
        "https://huggingface.co"
    );
    assert_eq!(report.get("hugging_face.token"), false);
    // Nothing was asked, and nothing written.
    assert_eq!(report.0["hugging_face"].get("answers"), None);
    assert_eq!(tree(&home.path()), BTreeSet::new());
}

#[test]
fn the_data_is_described_as_polars_and_the_system_do() {
    let home = Home::new();
    let folder = "hf/hub/datasets--cfahlgren1--hub-stats/snapshots/1a";
    let path = home.put(
        &format!("{folder}/models.parquet"),
        fs::read(file()).unwrap(),
    );
    let frame = ParquetReader::new(File::open(&path).unwrap())
        .finish()
        .unwrap();
    let hugging_face = home.path().join("hf");
    let report = home.doctor(&[], &[("HF_HOME", hugging_face.to_str().unwrap())]);
    assert_eq!(report.problems(), []);
    assert_eq!(
        report.text("data.source"),
        format!("~/{folder}/models.parquet")
    );
    assert_eq!(
        report.get("data.source_reason"),
        "the newest file in ~/hf/hub (by $HF_HOME)"
    );
    assert_eq!(report.get("hugging_face.cache_folder"), "~/hf/hub");
    assert_eq!(
        report.get("hugging_face.cache_folder_reason"),
        "by $HF_HOME"
    );
    assert_eq!(report.get("data.models"), frame.height());
    assert_eq!(report.get("data.columns"), frame.width());
    assert_eq!(*report.get("data.bytes"), path.metadata().unwrap().len());
    let modified = chrono::DateTime::parse_from_rfc3339(report.text("data.modified_at")).unwrap();
    assert_eq!(modified.timestamp(), path.metadata().unwrap().mtime());
    let newest = frame.column("lastModified").unwrap().max_reduce().unwrap();
    let newest = newest.value().cast(&DataType::Date).to_string();
    assert_eq!(report.text("data.newest_commit"), newest);
    assert_eq!(
        report.get("data.missing_columns"),
        &Value::from(Vec::<String>::new())
    );

    // Named by the environment, and by an argument, which wins.
    let few = home.path().join("few.parquet");
    let mut frame = frame.select(["id", "downloads", "tags"]).unwrap();
    frame.rename("downloads", "likes".into()).unwrap();
    common::write(&mut frame, &few);
    let few = few.to_str().unwrap();
    let named = home.doctor(&[], &[("HUBSCOPE_DATA", few)]);
    assert_eq!(named.get("data.source"), "~/few.parquet");
    assert_eq!(named.get("data.source_reason"), "by $HUBSCOPE_DATA");
    assert_eq!(named.get("environment.HUBSCOPE_DATA"), "~/few.parquet");
    let missing = named.get("data.missing_columns").as_array().unwrap();
    let missing: Vec<&str> = missing.iter().map(|name| name.as_str().unwrap()).collect();
    for (column, is_missing) in [
        ("downloads", true),
        ("lastModified", true),
        ("safetensors", true),
        ("id", false),
        ("likes", false),
        ("tags", false),
    ] {
        assert_eq!(
            missing.contains(&column),
            is_missing,
            "{column}: {missing:?}"
        );
    }
    assert_eq!(named.get("data.newest_commit"), &Value::Null);
    let argued = home.doctor(&["--data", "sample"], &[("HUBSCOPE_DATA", few)]);
    assert_eq!(argued.get("data.source"), "sample");
    assert_eq!(argued.get("data.source_reason"), "by the command line");
}

#[test]
fn nothing_secret_is_printed() {
    const FILE: &str = "hf_InTheFile0123456789abcd";
    const SET: &str = "short-secret";
    let home = Home::new();
    home.put("hf/token", format!("{FILE}\n"));
    let hugging_face = home.path().join("hf");
    let folder = home.0.path().join("shared").join(USER).join(SET);
    let variables = [
        ("HF_HOME", hugging_face.to_str().unwrap()),
        ("HF_HUB_CACHE", folder.to_str().unwrap()),
        ("HF_ENDPOINT", "http://ann:pass-of-ann@localhost:9/"),
        ("HTTPS_PROXY", "http://bob:pass-of-bob@localhost:9"),
        ("http_proxy", "carl:pass-of-carl@localhost:9"),
        ("HUBSCOPE_DATA", "https://dora:pass-of-dora@hub.example/x"),
        ("XDG_CONFIG_HOME", "/hf_InAPath0123456789abcd"),
        ("AWS_SECRET_ACCESS_KEY", "secret-of-another-program"),
        ("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22"),
        ("NO_PROXY", "localhost"),
        ("HF_TOKEN", SET),
    ];
    let forms: [&[&str]; 5] = [
        &["doctor"],
        &["doctor", "--json"],
        &["doctor", "--csv"],
        &["doctor", "--markdown"],
        &["doctor", "--json", "--network"],
    ];
    for (form, variables) in forms.into_iter().flat_map(|form| {
        // With the token of the environment, and that of the file.
        [(form, &variables[..]), (form, &variables[..10])]
    }) {
        let ran = run(home.command(form, variables));
        let printed = ran.out + &ran.err;
        assert_eq!(ran.code, Some(1), "{printed}");
        assert!(printed.contains("localhost:9"), "{printed}");
        for secret in [
            "InTheFile",
            "pass-of",
            "InAPath",
            "secret-of",
            "192.0.2",
            USER,
            home.0.path().join(USER).to_str().unwrap(),
        ] {
            assert!(!printed.contains(secret), "{secret}: {printed}");
        }
        let has_token = variables.len() > 10;
        assert_eq!(printed.contains(SET), !has_token, "{printed}");
    }
    let report = home.doctor(&[], &variables);
    assert_eq!(report.get("hugging_face.token"), true);
    assert_eq!(report.get("hugging_face.token_reason"), "$HF_TOKEN");
    assert_eq!(
        report.get("hugging_face.endpoint"),
        "http://***@localhost:9/"
    );
    assert_eq!(report.get("hugging_face.http_proxy"), "***@localhost:9");
    assert_eq!(report.get("terminal.ssh"), true);
    let report = home.doctor(&[], &variables[..10]);
    assert_eq!(report.get("hugging_face.token"), true);
    let reason = "the file ~/hf/token (by $HF_HOME)";
    assert_eq!(report.get("hugging_face.token_reason"), reason);
}

#[test]
fn broken_data_and_settings_are_lines() {
    let home = Home::new();
    home.put(
        ".config/hubscope/config.toml",
        "mouse = false\nthem = 'dark'\nkeys.panes.mark = ['f5']\n",
    );
    home.put(".cache/huggingface/token/is-a-folder", "");
    let damaged = home.put("damaged.parquet", "PAR1 and no more PAR1");
    let variables = [
        ("HUBSCOPE_THEME", "pink"),
        ("HF_ENDPOINT", "huggingface.co"),
    ];
    let report = home.doctor(&["--data", damaged.to_str().unwrap()], &variables);
    report.has_problem("data.models", &["~/damaged.parquet: ", "download it again"]);
    assert_eq!(report.get("data.models"), &Value::Null);
    let mistake = "~/.config/hubscope/config.toml:2:1: there is no setting `them`";
    report.has_problem("config.mistakes", &[mistake, "did you mean `theme`"]);
    report.has_problem("config.theme", &["there is no theme `pink`"]);
    report.has_problem("hugging_face.endpoint", &["HF_ENDPOINT is no address"]);
    report.has_problem(
        "hugging_face.token",
        &["~/.cache/huggingface/token: ", "set HF_TOKEN"],
    );
    assert_eq!(report.problems().len(), 5);
    assert_eq!(report.get("config.mistakes"), 1);
    assert_eq!(
        report.get("config.changed_settings"),
        &Value::from(["mouse"].to_vec())
    );
    assert_eq!(
        report.get("config.changed_keys"),
        &Value::from(["panes.mark"].to_vec())
    );

    let missing = home.path().join("missing.parquet");
    let report = home.doctor(&["--data", missing.to_str().unwrap()], &[]);
    report.has_problem(
        "data.source",
        &["~/missing.parquet: cannot be opened; check the path"],
    );
    let other = home.put("other.csv", "id,likes\n");
    let report = home.doctor(&["--data", other.to_str().unwrap()], &[]);
    report.has_problem("data.models", &["~/other.csv: ", "not a Parquet file"]);
    let mut frame = df!("name" => ["a"], "likes" => [1]).unwrap();
    common::write(&mut frame, &other);
    let report = home.doctor(&["--data", other.to_str().unwrap()], &[]);
    report.has_problem("data.missing_columns", &["no column `id`"]);
    assert_eq!(report.get("data.models"), 1);
}

#[test]
fn cached_datasets_are_listed_valid_or_not() {
    let home = Home::new();
    let path = home.put("models.parquet", fs::read(file()).unwrap());
    let source = Source::named(Some(&path)).unwrap();
    let hub = Hub::open(&source, &|_| {}).unwrap();
    hub.store(&Cache::at(home.path().join(".cache/hubscope")))
        .unwrap();
    let data = ["--data", path.to_str().unwrap()];
    let report = home.doctor(&data, &[]);
    assert_eq!(report.problems(), []);
    let datasets = report.get("cache.datasets").as_array().unwrap();
    assert_eq!(datasets.len(), 1);
    assert_eq!(datasets[0]["source"], "~/models.parquet");
    assert_eq!(datasets[0]["models"], hub.models.len());
    assert_eq!(datasets[0]["invalid"], Value::Null);
    assert_eq!(report.get("cache.has_the_source"), true);
    assert_eq!(report.get("cache.used"), true);
    let archive = fs::read_dir(home.path().join(".cache/hubscope")).unwrap();
    let mut archive = archive.map(|entry| entry.unwrap().path());
    let archive = archive
        .find(|path| path.extension().is_some_and(|e| e == "hub"))
        .unwrap();
    assert_eq!(
        *report.get("cache.bytes"),
        archive.metadata().unwrap().len()
    );

    // A damaged one is no problem: it is written anew. It is not removed here.
    let bytes = fs::read(&archive).unwrap();
    fs::write(&archive, &bytes[..bytes.len() / 2]).unwrap();
    let before = tree(&home.path());
    let report = home.doctor(&data, &[("HUBSCOPE_NO_CACHE", "1")]);
    assert_eq!(report.problems(), []);
    assert_eq!(
        report.get("cache.datasets")[0]["invalid"],
        "the file is cut off"
    );
    assert_eq!(report.get("cache.has_the_source"), false);
    assert_eq!(report.get("cache.used"), false);
    assert_eq!(tree(&home.path()), before);
}

#[test]
fn homes_that_cannot_be_written_are_lines() {
    let home = Home::new();
    let report = home.doctor(&[], &[("HOME", "relative")]);
    report.has_problem("system.home", &["there is no home folder", "set HOME"]);
    let file = home.put("file", "");
    let below = file.join("x");
    let report = home.doctor(&[], &[("HOME", below.to_str().unwrap())]);
    report.has_problem("system.home", &["the home folder is missing"]);
    for (fact, remedy) in [
        ("cache.writable", "set XDG_CACHE_HOME"),
        ("config.state_is_writable", "set XDG_STATE_HOME"),
        ("hugging_face.writable", "set HF_HUB_CACHE"),
    ] {
        report.has_problem(fact, &["cannot be written", "file is not a folder", remedy]);
    }
    // A home that may only be read. Root may write everywhere.
    let mut command = match rustix::process::geteuid().is_root() {
        true => {
            let mut other = Command::new("setpriv");
            other.args([
                "--reuid=54320",
                "--clear-groups",
                env!("CARGO_BIN_EXE_hubscope"),
            ]);
            other
        }
        false => Command::new(env!("CARGO_BIN_EXE_hubscope")),
    };
    let open = |mode| fs::Permissions::from_mode(mode);
    fs::set_permissions(home.0.path(), open(0o755)).unwrap();
    fs::set_permissions(home.path(), open(0o555)).unwrap();
    command.args(["doctor", "--json"]).env_clear();
    home.surround(&mut command, &[]);
    let report = Report::of(run(command));
    fs::set_permissions(home.path(), open(0o755)).unwrap();
    let words = [
        "~/.cache/hubscope: cannot be written: Permission denied",
        "set XDG_CACHE_HOME",
    ];
    report.has_problem("cache.writable", &words);
    assert_eq!(report.get("cache.writable"), false);
    assert_eq!(report.problems().len(), 3);
}

/// A system that gives no threads, few files and small ones.
#[test]
#[cfg(target_os = "linux")]
fn low_limits_are_lines() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let home = Home::new();
    fs::set_permissions(home.0.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut limited = Command::new("prlimit");
    limited.args(["--nproc=1:1", "--nofile=100:100", "--fsize=1000000:1000000"]);
    if rustix::process::geteuid().is_root() {
        // The limit of processes is one of a user, and not of root.
        let user = 64_321 + RUNS.fetch_add(1, Ordering::Relaxed);
        limited.args(["setpriv", &format!("--reuid={user}"), "--clear-groups"]);
    }
    limited
        .args([env!("CARGO_BIN_EXE_hubscope"), "doctor", "--json"])
        .env_clear();
    home.surround(
        &mut limited,
        &[("XDG_CACHE_HOME", "/tmp"), ("XDG_STATE_HOME", "/tmp")],
    );
    let report = Report::of(run(limited));
    report.has_problem("system.threads", &["no more threads", "ulimit -u"]);
    report.has_problem("system.limit_open_files", &["only 100 files", "ulimit -n"]);
    report.has_problem("system.limit_file_bytes", &["1000000 bytes", "ulimit -f"]);
    assert_eq!(report.problems().len(), 3, "{:?}", report.problems());
    assert_eq!(report.get("data.models"), 20_000);
}

#[test]
fn the_network_is_asked_when_that_is_wanted() {
    let home = Home::new();
    let bytes = fs::read(file()).unwrap();
    let server = Server::start(bytes.clone(), |_| None);
    let address = server.address();
    let report = home.doctor(
        &["--network"],
        &[("HF_ENDPOINT", &address), ("HF_TOKEN", "hf_x")],
    );
    assert_eq!(report.problems(), []);
    assert_eq!(report.get("hugging_face.answers"), true);
    assert_eq!(report.get("hugging_face.newest_bytes"), bytes.len());
    assert!(report.get("hugging_face.milliseconds").as_u64().unwrap() < 10_000);
    let asked = server.asked();
    assert!(asked.iter().all(|ask| ask.method == "HEAD"), "{asked:?}");
    assert_eq!(asked[0].authorization.as_deref(), Some("Bearer hf_x"));

    let closed = home.doctor(&["--network"], &[("HF_ENDPOINT", "http://127.0.0.1:9")]);
    let words = ["http://127.0.0.1:9 cannot be reached", "check the network"];
    closed.has_problem("hugging_face.answers", &words);
    let refusing = Server::start(bytes, |_| Some(Answer::Bare(401, String::new())));
    let refused = home.doctor(&["--network"], &[("HF_ENDPOINT", &refusing.address())]);
    refused.has_problem("hugging_face.answers", &["no access", "HF_TOKEN"]);
    let offline = [("HF_ENDPOINT", &*address), ("HF_HUB_OFFLINE", "1")];
    let offline = home.doctor(&["--network"], &offline);
    assert_eq!(offline.problems(), []);
    assert_eq!(offline.get("hugging_face.answers"), &Value::Null);
    assert_eq!(server.asked().len(), asked.len());
    assert_eq!(tree(&home.path()), BTreeSet::new());
}

/// All forms have the same facts; the Markdown is one block.
#[test]
fn each_form_has_every_fact() {
    let home = Home::new();
    let missing = [("HUBSCOPE_DATA", "missing.parquet")];
    let print = |form: &str| {
        let ran = run(home.command(&["doctor", form], &missing));
        assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""));
        ran.out
    };
    let (json, csv, markdown) = (print("--json"), print("--csv"), print("--markdown"));
    let report: Value = serde_json::from_str(&json).unwrap();
    let sections = report.as_object().unwrap().iter();
    let facts = sections.filter_map(|(name, section)| Some((name, section.as_object()?)));
    let facts = facts.flat_map(|(section, facts)| {
        let names = facts.keys().filter(|name| !name.ends_with("_reason"));
        names.map(move |name| format!("{section},{name},"))
    });
    let facts: BTreeSet<String> = facts.collect();
    assert!(facts.len() > 50, "{facts:?}");
    assert_eq!(csv.lines().count(), facts.len() + 1);
    for fact in &facts {
        assert!(csv.lines().any(|line| line.starts_with(fact)), "{fact}");
    }
    let block = markdown.strip_prefix("```text\n").unwrap();
    let block = block.strip_suffix("\n```\n").unwrap();
    assert!(!block.contains("```"));
    assert!(
        block.lines().all(|line| line.chars().count() <= 100),
        "{block}"
    );
    let problem = "\nPROBLEMS\n  1. missing.parquet: cannot be opened; check the path";
    assert!(block.contains(problem), "{block}");
}
