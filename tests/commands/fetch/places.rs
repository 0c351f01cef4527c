//! The Hugging Face cache: where it is, who may write to it, and what is in it.

use super::*;

#[test]
fn a_damaged_file_is_found_and_mended() {
    let hub = Setting::new(|_| None);
    hub.arrived(&hub.fetch());
    let verified = run(hub.command(&["fetch", "--columns", "all", "--verify"]));
    assert!(verified.err.contains("has the SHA-256"), "{}", verified.err);
    hub.is_whole(&verified.out);

    let mut rotten = hub.bytes.clone();
    let last = rotten.len() - 1;
    rotten[last] ^= 1;
    fs::write(hub.blob(), &rotten).unwrap();
    let search = run(hub.command(&["search", "a"]));
    assert_eq!(search.code, Some(2));
    let remedy = "`hubscope fetch --columns all --verify` downloads it again";
    assert!(search.err.contains(remedy), "{}", search.err);
    assert!(hub.fetch().err.contains("up to date"));

    let mut offline = hub.command(&["fetch", "--columns", "all", "--verify"]);
    offline.env("HF_HUB_OFFLINE", "1");
    let offline = run(offline);
    assert_eq!((offline.code, offline.out.as_str()), (Some(2), ""));
    assert!(
        offline.err.contains("the file is damaged"),
        "{}",
        offline.err
    );

    let mended = run(hub.command(&["fetch", "--columns", "all", "--verify"]));
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
        for arguments in [&["fetch", "--columns", "all"][..], &["fetch", "--verify"]] {
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
    let mut command = hub.command(&["fetch", "--columns", "all"]);
    command.env("HF_HUB_OFFLINE", "1");
    assert_eq!(Path::new(run(command).out.trim_end()), hub.file());
    // Of another day, nothing is there.
    let mut command = hub.command(&["fetch", "--columns", "all", "--date", "2026-05-04"]);
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
        let both = [&["fetch", "--columns", "all"][..], &["fetch"]].map(|arguments| {
            let ran = run(unprivileged(hub.command(arguments)));
            assert_eq!(ran.code, Some(0), "{}", ran.err);
            assert!(ran.err.contains("up to date"), "{}", ran.err);
            let mut offline = hub.command(arguments);
            offline.env("HF_HUB_OFFLINE", "1");
            assert_eq!(run(unprivileged(offline)).out, ran.out);
            ran.out
        });
        assert_eq!(both[0], both[1]);
        both[0].clone()
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
    through(other, &command)
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
    assert_eq!(fetch(&["fetch", "--columns", "all"]), "");
    assert!(!hub.blob().exists());
    assert!(fetch(&["fetch", "--columns", "all"]).contains("up to date"));
    fs::write(hub.file(), vec![0; hub.bytes.len()]).unwrap();
    assert!(fetch(&["fetch", "--columns", "all", "--verify"]).contains("was damaged"));
    // A blob that another snapshot is linked to stays.
    let hub = Setting::new(|_| None);
    hub.arrived(&hub.fetch());
    let older = hub.at(&format!("{FOLDER}/snapshots/older"));
    fs::rename(hub.file().parent().unwrap(), &older).unwrap();
    let mut command = hub.command(&["fetch", "--columns", "all"]);
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
        let mut command = hub.command(&["fetch", "--columns", "all"]);
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
