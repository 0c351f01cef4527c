//! Completions as shells ask for them, over the built program: what it offers is worked out from the
//! tables and from the rows; and the files for packages.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use clap::CommandFactory;
use hubscope::cli::args::Cli;
use hubscope::cli::usage;
use hubscope::engine::query::keys::{FILTERS, Flag};
use hubscope::engine::query::parse::parse;
use hubscope::engine::table::field::{FIELDS, Field};
use hubscope::engine::table::order::Order;
use hubscope::sample::{Recipe, write};
use hubscope::tui::sessions::Opening;
use serde_json::Value;

use crate::common::program::{Ran, hubscope, run};
use crate::common::{file, open, rows};

/// A user's home with a data file, which may be cached.
struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Home {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(file(), folder.path().join("hub.parquet")).unwrap();
        Home { folder }
    }

    /// The same after a command has opened the cached dataset and found it whole.
    fn cached() -> Home {
        let home = Home::new();
        assert_eq!(home.run(&["cache", "keep"]).code, Some(0));
        // Checks within a tick of the file system's clock are not relied on.
        thread::sleep(Duration::from_millis(80));
        assert_eq!(home.run(&["show", "gpt2"]).code, Some(0));
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn at_home(&self, mut command: Command) -> Command {
        command.env_remove("HUBSCOPE_NO_CACHE");
        command.env("HUBSCOPE_DATA", self.path("hub.parquet"));
        command.env("XDG_CACHE_HOME", self.path("cache"));
        command.env("XDG_CONFIG_HOME", self.path("config"));
        command.env("XDG_STATE_HOME", self.path("state"));
        command.current_dir(self.folder.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        run(self.at_home(hubscope(arguments)))
    }

    /// The completions of the last word, each with its meaning.
    fn complete(&self, words: &[&str]) -> Vec<(String, String)> {
        let arguments = [&["--", "hubscope"], words].concat();
        let mut command = self.at_home(hubscope(&arguments));
        command.env("HUBSCOPE_COMPLETE", "fish");
        let ran = run(command);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{words:?}");
        let line = |line: &str| {
            let (value, about) = line.split_once('\t').unwrap_or((line, ""));
            (value.to_owned(), about.to_owned())
        };
        ran.out.lines().map(line).collect()
    }

    fn values(&self, words: &[&str]) -> Vec<String> {
        let completions = self.complete(words).into_iter();
        completions.map(|(value, _)| value).collect()
    }

    /// The name, size and time of each file below.
    fn state(&self) -> Vec<String> {
        let mut folders = vec![self.folder.path().to_owned()];
        let mut state = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let about = path.metadata().unwrap();
                let (name, bytes) = (path.display(), about.len());
                state.push(format!("{name} {bytes} {:?}", about.modified()));
                folders.extend(about.is_dir().then_some(path));
            }
        }
        state.sort();
        state
    }
}

/// The ids that begin with a text, the most downloaded first, then in the order of the rows.
fn ids(text: &str) -> Vec<String> {
    let rows = rows();
    let downloads = |row: &Value| row["downloads"].as_i64().filter(|count| *count >= 0);
    let id = |row: &Value| row["id"].as_str().unwrap_or_default().to_owned();
    let mut found: Vec<&Value> = rows
        .iter()
        .filter(|row| id(row).starts_with(text))
        .collect();
    if found.is_empty() {
        let begins = |row: &&Value| id(row).to_lowercase().starts_with(&text.to_lowercase());
        found = rows.iter().filter(begins).collect();
    }
    found.sort_by_key(|row| Reverse(downloads(row)));
    found.into_iter().map(id).collect()
}

#[test]
fn ids_are_those_of_the_rows() {
    let home = Home::cached();
    assert_eq!(ids("meta/").first().unwrap(), "meta/llama");
    for text in [
        "meta/", "META/LL", "m", "many/m1", "ann/", "gpt", "GPT", "dl/", "zzz",
    ] {
        let expected = ids(text);
        assert!(expected.len() <= 50);
        assert_eq!(home.values(&["show", text]), expected, "{text}");
        assert_eq!(home.values(&["tree", text]), expected, "{text}");
        let query = home.values(&["search", &format!("llama -family:{text}")]);
        let prefixed = expected.iter().map(|id| format!("llama -family:{id}"));
        assert_eq!(query, prefixed.collect::<Vec<_>>(), "{text}");
    }
    let first = home.values(&["show", ""]);
    assert_eq!(first[..3], ids("")[..3]);
    // As typed into a shell: with quotes, and other data.
    assert_eq!(
        home.values(&["stats", "--where=\"base:gp"]),
        ["--where=base:gpt2"]
    );
    assert_eq!(
        home.complete(&["show", "gp"]),
        [("gpt2".to_owned(), "9K downloads".to_owned())]
    );
    let elsewhere = ["--data", "elsewhere.parquet", "show", "gp"];
    assert_eq!(home.values(&elsewhere), [""; 0]);
    let path = home.path("hub.parquet");
    let named = ["show", "--data", path.to_str().unwrap(), "gp"];
    assert_eq!(home.values(&named), ["gpt2"]);
    assert_eq!(home.values(&["--no-cache", "show", "gp"]), [""; 0]);
}

#[test]
fn nothing_is_loaded_or_written() {
    let home = Home::new();
    let lines: [&[&str]; 4] = [
        &["show", "gp"],
        &["search", "task:te"],
        &["--theme", ""],
        &["--query", "author:"],
    ];
    let unchanged = |home: &Home, ids: &[&str]| {
        let before = home.state();
        for words in lines {
            home.complete(words);
        }
        assert_eq!(home.values(&["show", "gp"]), ids);
        assert_eq!(home.state(), before);
    };
    unchanged(&home, &[]);
    let home = Home::cached();
    unchanged(&home, &["gpt2"]);
    let archive = fs::read_dir(home.path("cache/hubscope")).unwrap();
    let mut paths = archive.map(|entry| entry.unwrap().path());
    let archive = paths
        .find(|path| path.extension().unwrap() == "hub")
        .unwrap();
    let bytes = fs::read(&archive).unwrap();
    fs::write(&archive, &bytes[..bytes.len() / 2]).unwrap();
    unchanged(&home, &[]);
}

#[test]
fn queries_are_completed_from_the_table_of_filters() {
    let home = Home::cached();
    let search = |text: &str| home.values(&["search", text]);
    let keys = FILTERS.iter().map(|info| info.name);
    let keys = keys.filter(|name| name.starts_with("li"));
    let keys: Vec<String> = keys.map(|name| format!("llama -{name}:")).collect();
    assert!(keys.len() > 2);
    assert_eq!(search("llama -li"), keys);
    // Every key that compares nothing, and `sort:`.
    let all = FILTERS
        .iter()
        .filter(|info| !info.field.is_some_and(Field::is_compared));
    assert_eq!(search("").len(), all.count() + 1);

    let known = Flag::ALL.iter().map(|(name, _)| format!("is:{name}"));
    let compared = ["is:new", "is:renamed"];
    let alone: Vec<String> = known
        .filter(|name| !compared.contains(&name.as_str()))
        .collect();
    assert_eq!(search("is:"), alone);
    assert_eq!(
        home.values(&["--against", "x", "search", "is:ne"]),
        ["is:new"]
    );
    assert_eq!(
        search("relation:"),
        [
            "relation:finetune",
            "relation:adapter",
            "relation:quantized",
            "relation:merge"
        ]
    );
    assert_eq!(search("is:root,gh"), ["is:root,ghost"]);
    assert_eq!(search("sort:likes,down"), ["sort:likes,downloads"]);
    assert_eq!(search("sort:likes:d"), ["sort:likes:desc"]);
    // Values of the rows.
    assert_eq!(search("task:TEXT-C"), ["task:text-classification"]);
    assert_eq!(search("author:man"), ["author:many"]);
    assert_eq!(search("tag:safe"), ["tag:safetensors"]);
    for text in [
        "has:",
        "sort:",
        "license:",
        "dtype:",
        "no:",
        "params_source:",
    ] {
        let values = search(text);
        assert!(!values.is_empty(), "{text}");
        for value in values {
            assert!(parse(&value).is_ok(), "{value}");
        }
    }
    // What is no query, or has no values.
    assert_eq!(search("params:7"), [""; 0]);
}

/// The parser, which knows nothing of completions, accepts each.
#[test]
fn values_of_options_are_accepted() {
    let home = Home::new();
    home.write(
        "config/hubscope/config.toml",
        "[themes.solar]\nbase = \"dark\"\n",
    );
    let lines: [(&[&str], usize); 9] = [
        (&["hist", ""], 10),
        (&["hist", "likes", "--scale", ""], 3),
        (&["search", "x", "--sort", ""], Order::fields().count() - 2),
        (
            &["roots", "--sort", "likes:asc,"],
            Order::fields().count() - 2,
        ),
        (&["export", "x.csv", "--columns", "id,"], FIELDS.len()),
        (&["diff", "a", "b", "--sort", ""], 3),
        (&["tree", "x", "--relation", ""], 4),
        (&["--theme", ""], 6),
        (&["completions", ""], 5),
    ];
    for (words, least) in lines {
        let values = home.values(words);
        assert!(values.len() >= least, "{words:?}: {values:?}");
        let (_, before) = words.split_last().unwrap();
        for value in values
            .iter()
            .filter(|value| !value.starts_with("id,likes:"))
        {
            let all = [&["hubscope"], before, &[value.as_str()]].concat();
            let parsed = usage::parse(all.into_iter().map(Into::into));
            // A field is in an order once.
            assert!(
                parsed.is_ok() || value == "likes:asc,likes",
                "{words:?}: {value}"
            );
        }
    }
    assert!(home.values(&["--theme", "so"]) == ["solar"]);
    let views = home.values(&["screen", "--view", ""]);
    assert!(views.len() >= 9, "{views:?}");
    for view in views {
        assert!(Opening::new(None, Some(view), false).is_ok());
    }
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/guide");
    let pages = fs::read_dir(guide)
        .unwrap()
        .map(|page| page.unwrap().path());
    let mut pages: Vec<String> = pages
        .map(|page| page.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let mut topics = home.values(&["help", ""]);
    pages.sort();
    topics.sort();
    assert_eq!(topics, pages);
}

#[test]
fn saved_queries_are_completed_by_their_text() {
    let home = Home::new();
    home.write(
        "state/hubscope/queries",
        "big\tllama params:>70B\nnew\ttask:x\n",
    );
    let saved = ("llama params:>70B".to_owned(), "saved as big".to_owned());
    for words in [
        &["search", "ll"][..],
        &["stats", "--where", "llama p"],
        &["--query", "l"],
    ] {
        assert!(home.complete(words).contains(&saved), "{words:?}");
    }
    assert!(!home.complete(&["search", "llama -"]).contains(&saved));
}

/// A shell inserts what all completions begin with: that must not be more than what all ids share, even
/// if only some of them are offered.
#[test]
fn what_completions_share_all_ids_share() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.parquet");
    let recipe = Recipe {
        rows: 1_500,
        seed: 5,
        hostile: false,
    };
    write(&recipe, fs::File::create(&path).unwrap(), |_| {}).unwrap();
    let hub = open(&path);
    let all: Vec<&str> = hub.models.ids().collect();
    let shared = |ids: &[&str]| {
        let first = ids[0].to_owned();
        let ends = first.char_indices().map(|(at, char)| at + char.len_utf8());
        let is_shared = |end: &usize| ids.iter().all(|id| id.starts_with(&first[..*end]));
        ends.take_while(is_shared).last().unwrap_or(0)
    };
    let (mut cut, mut beginnings) = (0, 0);
    for id in all.iter().step_by(97) {
        for end in id.char_indices().map(|(at, _)| at).skip(1).take(12) {
            let text = &id[..end];
            let those: Vec<&str> = all
                .iter()
                .copied()
                .filter(|id| id.starts_with(text))
                .collect();
            for limit in [1, 2, 5, 50] {
                let found = hub.ids_beginning(text, limit).into_iter();
                let found: Vec<&str> = found.map(|model| hub.models.id(model)).collect();
                assert_eq!(found.len(), limit.min(those.len()), "{text}");
                assert!(found.iter().all(|id| those.contains(id)), "{text}");
                if limit > 1 {
                    assert_eq!(shared(&found), shared(&those), "{text} {limit}");
                }
                cut += usize::from(found.len() < those.len());
            }
            beginnings += 1;
        }
    }
    assert!(beginnings > 100 && cut > 100, "{beginnings} {cut}");
}

/// Bash as it calls the function of the script: with words that readline split, of which it replaces the
/// last part.
#[test]
fn bash_replaces_the_part_that_readline_does() {
    if Command::new("bash").arg("--version").output().is_err() {
        return;
    }
    let home = Home::cached();
    home.write("state/hubscope/queries", "big\tllama params:>70B\n");
    for (line, words, part, expected) in [
        ("hubscope sh", "sh", "sh", "show"),
        (
            "hubscope search task:text-c",
            "search task : text-c",
            "text-c",
            "text-classification",
        ),
        (
            "hubscope stats --where=task:text-c",
            "stats --where = task : text-c",
            "text-c",
            "text-classification",
        ),
        (
            "hubscope stats --where \"x task:text-c",
            "stats --where '\"x task:text-c'",
            "x task:text-c",
            "x task:text-classification",
        ),
        ("hubscope search base:gp", "search base : gp", "gp", "gpt2"),
        (
            "hubscope search base:gp",
            "search base:gp",
            "base:gp",
            "base:gpt2",
        ),
        (
            "hubscope search ll",
            "search ll",
            "ll",
            "llama\\ params:\\>70B",
        ),
        (
            "hubscope search 'll",
            "search \"'ll\"",
            "ll",
            "llama params:>70B",
        ),
        (
            "hubscope roots --sort likes,dow",
            "roots --sort likes,dow",
            "likes,dow",
            "likes,downloads",
        ),
        ("hubscope show GP", "show GP", "GP", "gpt2"),
    ] {
        let script = format!(
            "source <(hubscope completions bash)\nCOMP_LINE=$1 COMP_POINT=${{#1}}\n\
             COMP_WORDS=(hubscope {words})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
             _hubscope hubscope \"$2\" \"\"\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let mut bash = Command::new("bash");
        bash.args(["--norc", "--noprofile", "-c", &script, "bash", line, part]);
        let folder = Path::new(env!("CARGO_BIN_EXE_hubscope")).parent().unwrap();
        let path = std::env::var_os("PATH").unwrap();
        let paths = [folder.to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&path));
        bash.env("PATH", std::env::join_paths(paths).unwrap());
        bash.stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let ran = run(home.at_home(bash));
        assert_eq!(
            (ran.out.as_str(), ran.err.as_str()),
            (&*format!("{expected}\n"), ""),
            "{line}"
        );
    }
}

/// The manual page has every option of every command, and its code holds no markup of ours.
#[test]
fn the_manual_page_has_every_option() {
    let page = run(hubscope(&["man"]))
        .out
        .replace("\\-", "-")
        .replace("\\&", "");
    let mut program = Cli::command();
    program.build();
    let mut commands = vec![&program];
    let mut options = 0;
    while let Some(command) = commands.pop() {
        let name = command.get_bin_name().unwrap_or("hubscope");
        assert!(
            page.contains(&format!("\\fB{name}\\fR")) || page.contains(name),
            "{name}"
        );
        for argument in command.get_arguments() {
            let help = argument
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(
                !help.is_empty(),
                "{name}: {} is not explained",
                argument.get_id()
            );
            if let Some(long) = argument.get_long() {
                assert!(page.contains(&format!("--{long}")), "{name} --{long}");
                options += 1;
            }
        }
        commands.extend(command.get_subcommands());
    }
    assert!(options > 60, "{options}");
    assert!(!page.contains('`'), "{page}");
    for section in ["QUERIES", "FILES", "ENVIRONMENT", "EXIT STATUS"] {
        assert!(
            page.contains(&format!(".SH \"{section}\""))
                || page.contains(&format!(".SH {section}\n")),
            "{section}"
        );
    }
}

/// Packages ship what the program prints.
#[test]
fn packages_have_the_present_files() {
    let share =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/python/hubscope.data/data/share");
    for (name, arguments) in [
        ("man/man1/hubscope.1", &["man"][..]),
        (
            "bash-completion/completions/hubscope",
            &["completions", "bash"],
        ),
        ("zsh/site-functions/_hubscope", &["completions", "zsh"]),
        (
            "fish/vendor_completions.d/hubscope.fish",
            &["completions", "fish"],
        ),
    ] {
        let (path, printed) = (share.join(name), run(hubscope(arguments)).out);
        if std::env::var_os("REMAKE_SHARE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &printed).unwrap();
        }
        let shipped = fs::read_to_string(&path).unwrap_or_default();
        let remake = "REMAKE_SHARE=1 cargo test --test commands packages";
        assert!(
            shipped == printed,
            "{name} is not what the program prints: {remake}"
        );
    }
}
