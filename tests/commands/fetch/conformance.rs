//! The Hugging Face library for Python and this program in one cache and one environment. The tests
//! need an interpreter that has the library: `HUBSCOPE_PYTHON`, or `python3`; without one, they pass.

use std::env;

use serde_json::json;

use super::*;

/// The shards that the Hub converts a dataset to, and their branch.
const CONVERTED: &str = "refs/convert/parquet";
const CONVERTED_COMMIT: &str = "fedcba9876543210fedcba9876543210fedcba98";

/// Returns an interpreter that has the library. One that is named must have it.
fn interpreter() -> Option<String> {
    let has_library = |python: &str| {
        let mut import = Command::new(python);
        import.args(["-c", "import huggingface_hub"]);
        import
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|s| s.success())
    };
    if let Ok(named) = env::var("HUBSCOPE_PYTHON") {
        assert!(has_library(&named), "{named} has no huggingface_hub");
        return Some(named);
    }
    let usual = Some("python3".to_owned()).filter(|python| has_library(python));
    if usual.is_none() {
        println!("skipped: neither HUBSCOPE_PYTHON nor python3 has huggingface_hub");
    }
    usual
}

/// What the library asks for beside files, to describe itself.
fn not_ours(ask: &Ask) -> Option<Answer> {
    let is_other = ask.path.starts_with("/api/");
    is_other.then(|| Answer::Bare(404, String::new()))
}

/// The variables of a run.
type Variables<'v> = &'v [(&'v str, &'v str)];

impl Setting {
    /// Returns a run of the library in the environment of [`Setting::command`].
    fn library_command(&self, python: &str, arguments: &[&str]) -> Command {
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/commands/fetch/conformance.py"
        );
        let mut library = Command::new(python);
        for (name, value) in self.command(&[]).get_envs() {
            match value {
                Some(value) => library.env(name, value),
                None => library.env_remove(name),
            };
        }
        library.arg(script).args(arguments).stdin(Stdio::null());
        library
    }

    fn library(&self, python: &str, arguments: &[&str], variables: Variables) -> Value {
        let mut library = self.library_command(python, arguments);
        let output = library.envs(variables.iter().copied()).output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{arguments:?} {variables:?}: {err}"
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn program(&self, arguments: &[&str], variables: Variables) -> Ran {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        run(command)
    }

    /// Returns the source that opens when none is named.
    fn source(&self) -> PathBuf {
        let ran = self.program(&["schema", "--json"], &[]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let schema: Value = serde_json::from_str(&ran.out).unwrap();
        PathBuf::from(schema["source"].as_str().unwrap())
    }

    fn brought(&self) -> usize {
        let asked = self.server.asked();
        asked.iter().filter(|ask| ask.path == "/bytes").count()
    }
}

const NO_LINKS: Variables = &[("HF_HUB_DISABLE_SYMLINKS", "1")];

#[test]
fn a_cache_that_the_library_made() {
    let Some(python) = interpreter() else { return };
    for (variables, is_shared) in [(&[][..], false), (NO_LINKS, false), (&[], true)] {
        let hub = Setting::new(not_ours);
        let path = hub.library(&python, &["download", "models.parquet"], variables);
        let path = Path::new(path.as_str().unwrap());
        assert_eq!(path, hub.file());
        assert_eq!(path.is_symlink(), variables.is_empty());
        if is_shared && hub.library(&python, &["share", "models.parquet"], &[]) != true {
            continue;
        }
        assert_eq!(hub.source(), path);
        for (arguments, said) in [
            (&["--columns", "all"][..], "up to date"),
            (&["--columns", "all", "--verify"], "has the SHA-256"),
            (&[], "up to date"),
        ] {
            let ran = hub.program(&[&["fetch"], arguments].concat(), variables);
            assert_eq!(ran.code, Some(0), "{}", ran.err);
            assert!(ran.err.contains(said), "{}", ran.err);
            assert_eq!(Path::new(ran.out.trim_end()), path);
        }
        let offline = hub.program(&["fetch", "--verify"], &[("HF_HUB_OFFLINE", "1")]);
        // Without a link, nothing states the digest.
        let is_named = variables.is_empty();
        assert_eq!(offline.code == Some(0), is_named, "{}", offline.err);
        assert_eq!(hub.brought(), 1);
        if !is_shared {
            continue;
        }
        // A damaged one is replaced for this dataset; others may have it, too.
        let shared = fs::canonicalize(path).unwrap();
        fs::remove_file(&shared).unwrap();
        fs::write(&shared, vec![0; hub.bytes.len()]).unwrap();
        let ran = hub.program(&["fetch", "--columns", "all", "--verify"], &[]);
        assert!(ran.err.contains("was damaged"), "{}", ran.err);
        hub.is_whole(&ran.out);
        assert!(fs::read(&shared).unwrap() == vec![0; hub.bytes.len()]);
        assert_eq!(
            hub.library(&python, &["find", "models.parquet"], &[])["warnings"],
            json!([])
        );
    }
}

#[test]
fn a_cache_that_this_program_made() {
    let Some(python) = interpreter() else { return };
    for variables in [&[][..], NO_LINKS] {
        let hub = Setting::new(|ask| {
            let bytes = fs::read(file()).unwrap();
            let own = json!([{
                "type": "file", "path": "models.parquet", "size": bytes.len(), "oid": "0",
                "lfs": { "oid": etag(&bytes), "size": bytes.len(), "pointerSize": 134 },
            }]);
            let is_list = ask.path.contains("/tree/");
            let list = is_list.then(|| Answer::Text(String::new(), own.to_string()));
            list.or_else(|| not_ours(ask))
        });
        let ran = hub.program(&["fetch", "--columns", "all"], variables);
        let path = ran.out.trim_end();
        let found = hub.library(&python, &["find", "models.parquet"], &[]);
        let expected = json!({
            "local": path, "cached": path, "warnings": [], "refs": { "main": COMMIT },
            "bytes": hub.bytes.len(),
        });
        assert_eq!(found, expected);
        let verified = hub.library(&python, &["verify"], &[]);
        assert_eq!(verified, json!({ "checked": 1, "wrong": [] }));
        // Nor does the library download it again.
        let again = hub.library(&python, &["download", "models.parquet"], variables);
        assert_eq!((again.as_str(), hub.brought()), (Some(path), 1));
    }
}

/// The two have the same cache, and the library finds there what was fetched.
#[test]
fn the_cache_folder_of_the_library() {
    let Some(python) = interpreter() else { return };
    let cases: [Variables; 9] = [
        &[],
        &[("HF_HOME", "~/x")],
        &[("XDG_CACHE_HOME", "$HOME/c")],
        &[("XDG_CACHE_HOME", "c"), ("HF_HOME", "${HOME}/x/$PART")],
        &[("HF_HUB_CACHE", "y"), ("HF_HOME", "~/x")],
        &[
            ("HUGGINGFACE_HUB_CACHE", "~/z/${PART}$NONE"),
            ("HF_HOME", "~/x"),
        ],
        &[
            ("HUGGINGFACE_HUB_CACHE", "~/z"),
            ("HF_HUB_CACHE", "$HOME/y/"),
        ],
        &[("HF_HUB_CACHE", "~/a b/$"), ("PART", "")],
        &[("HOME", "home/"), ("HF_HOME", "~/x")],
    ];
    let hub = Setting::new(|_| None);
    for variables in cases {
        let home = tempfile::tempdir().unwrap();
        let below = |mut command: Command| {
            for name in ["HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"] {
                command.env_remove(name);
            }
            command.env("HOME", home.path()).env("PART", "part");
            command.envs(variables.iter().copied());
            command.current_dir(home.path());
            command
        };
        let ran = run(below(hub.command(&["fetch", "--columns", "all"])));
        assert_eq!(ran.code, Some(0), "{variables:?}: {}", ran.err);
        let printed = home.path().join(ran.out.trim_end());
        let script = hub.library_command(&python, &["find", "models.parquet"]);
        let found = below(script).output().unwrap();
        let err = String::from_utf8_lossy(&found.stderr);
        assert!(found.status.success(), "{variables:?}: {err}");
        let found: Value = serde_json::from_slice(&found.stdout).unwrap();
        let local = Path::new(found["local"].as_str().unwrap());
        assert_eq!(
            local.canonicalize().unwrap(),
            printed.canonicalize().unwrap()
        );
        assert!(local.starts_with(home.path()), "{variables:?}: {local:?}");
    }
}

/// The token that requests have, and whether there are any.
#[test]
fn the_token_and_the_network_of_the_library() {
    let Some(python) = interpreter() else { return };
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("token"), " hf_file\r\n").unwrap();
    fs::write(home.path().join("other"), "hf_other").unwrap();
    let home = home.path().to_str().unwrap();
    let other = format!("{home}/other");
    let cases: [Variables; 16] = [
        &[],
        &[("HF_TOKEN", "hf_a")],
        &[("HF_TOKEN", " hf_\na\r\n")],
        &[("HF_TOKEN", ""), ("HUGGING_FACE_HUB_TOKEN", "hf_b")],
        &[("HF_TOKEN", " "), ("HUGGING_FACE_HUB_TOKEN", "hf_b")],
        &[("HF_TOKEN", "hf_a"), ("HUGGING_FACE_HUB_TOKEN", "hf_b")],
        &[("HF_TOKEN_PATH", &other)],
        &[("HF_TOKEN_PATH", "/nothing/there")],
        &[
            ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "ON"),
            ("HF_TOKEN", "hf_a"),
        ],
        &[("HF_HUB_DISABLE_IMPLICIT_TOKEN", "0")],
        &[("HF_HUB_OFFLINE", "Yes")],
        &[("HF_HUB_OFFLINE", "2")],
        &[("HF_HUB_OFFLINE", " 1")],
        &[("TRANSFORMERS_OFFLINE", "true")],
        &[("TRANSFORMERS_OFFLINE", "1"), ("HF_HUB_OFFLINE", "0")],
        &[("TRANSFORMERS_OFFLINE", "1"), ("HF_HUB_OFFLINE", "")],
    ];
    for variables in cases {
        let hub = Setting::new(not_ours);
        let variables = [&[("HF_HOME", home)], variables].concat();
        let settings = hub.library(&python, &["settings"], &variables);
        hub.program(&["fetch", "--plan"], &variables);
        let asked = hub.server.asked();
        let of_file = asked.iter().find(|ask| ask.path.contains("/resolve/"));
        assert_eq!(settings["offline"], of_file.is_none(), "{variables:?}");
        if let Some(ask) = of_file {
            let authorization = settings["authorization"].as_str();
            assert_eq!(ask.authorization.as_deref(), authorization, "{variables:?}");
        }
    }
}

/// The branch has slashes, so its name in `refs` is one of folders.
#[test]
fn converted_shards_that_the_library_fetched() {
    let Some(python) = interpreter() else { return };
    let hub = Setting::new(|ask| {
        let is_converted = ask.path.contains("/resolve/refs%2Fconvert%2Fparquet/");
        is_converted.then(|| {
            let bytes = fs::read(file()).unwrap();
            let location = format!(
                "http://{}/bytes",
                ask.host.replace("127.0.0.1", "localhost")
            );
            let headers = linked(&bytes, &location).replace(COMMIT, CONVERTED_COMMIT);
            Answer::Bare(302, headers)
        })
    });
    let shard = "models/train/0000.parquet";
    let path = hub.library(&python, &["download", shard, CONVERTED], &[]);
    let path = Path::new(path.as_str().unwrap());
    assert!(path.ends_with(format!("snapshots/{CONVERTED_COMMIT}/{shard}")));
    assert!(hub.at(FOLDER).join("refs").join(CONVERTED).is_file());
    assert_eq!(hub.source(), path.parent().unwrap());
    // The branch with the file itself is another one, which the newer commit of this one does not hide.
    let offline = hub.program(&["fetch"], &[("HF_HUB_OFFLINE", "1")]);
    assert_eq!((offline.code, &*offline.out), (Some(2), ""));
    // Its bytes are those of the shard here.
    hub.is_whole(&hub.fetch().out);
    let found = hub.library(&python, &["find", "models.parquet"], &[]);
    assert_eq!(found["warnings"], json!([]));
    assert_eq!(
        found["refs"],
        json!({ "main": COMMIT, CONVERTED: CONVERTED_COMMIT })
    );
}

/// The addresses that the two ask for, of mirrors with a path, and those that they are sent to.
#[test]
fn mirrors_as_the_library_uses_them() {
    let Some(python) = interpreter() else { return };
    type Oddity = fn(&Ask) -> Option<Answer>;
    let moved: Oddity = |ask| {
        let path = ask.path.replace("/cfahlgren1/", "/somebody/");
        let location = format!("Location: http://{}{path}\r\n", ask.host);
        (path != ask.path).then_some(Answer::Bare(307, location))
    };
    let relative: Oddity = |ask| {
        let is_old = ask.path.contains("/cfahlgren1/");
        let location = "Location: ../../../../somebody/stats/resolve/main/models.parquet\r\n";
        is_old.then(|| Answer::Bare(308, location.to_owned()))
    };
    for (suffix, oddity) in [
        ("", (|_| None) as Oddity),
        ("/", |_| None),
        ("/hub/mirror", |_| None),
        ("/hub/mirror//", |_| None),
        ("/mirror", moved),
        ("/mirror/", relative),
    ] {
        let [ours, theirs] = [0, 1].map(|_| Setting::new(oddity));
        let ask = |hub: &Setting| format!("{}{suffix}", hub.server.address());
        let heads = |hub: &Setting| -> Vec<(String, Option<String>)> {
            let asked = hub.server.asked().into_iter().filter(|ask| !is_get(ask));
            asked.map(|ask| (ask.path, ask.authorization)).collect()
        };
        let token = ("HF_TOKEN", "hf_a");
        let endpoint = ask(&ours);
        let ran = ours.program(
            &["fetch", "--columns", "all"],
            &[("HF_ENDPOINT", &endpoint), token],
        );
        ours.arrived(&ran);
        let endpoint = ask(&theirs);
        let variables = [("HF_ENDPOINT", &*endpoint), token];
        theirs.library(&python, &["download", "models.parquet"], &variables);
        assert_eq!(heads(&ours), heads(&theirs), "{suffix}");
        assert!(heads(&ours).iter().all(|(_, token)| token.is_some()));
    }
}
