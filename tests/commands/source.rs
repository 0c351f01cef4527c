//! Every answer states its source, and the sample is never taken for real data.

use serde_json::Value;

use crate::common::file;
use crate::common::program::hubscope;

/// A command of each kind that answers in JSON, and a model that both sources have.
const COMMANDS: [&[&str]; 7] = [
    &["search", "a", "--limit", "1"],
    &["show", "MODEL"],
    &["tree", "MODEL"],
    &["roots", "--limit", "1"],
    &["hist", "likes"],
    &["stats"],
    &["schema"],
];

/// Runs a command with more arguments, and returns its answer and what it printed to standard error.
fn answer(command: &[&str], model: &str, more: &[&str]) -> (Value, String) {
    let command = command.iter().map(|word| match *word {
        "MODEL" => model,
        word => word,
    });
    let command: Vec<&str> = command
        .chain(["--json"])
        .chain(more.iter().copied())
        .collect();
    let output = hubscope(&command).output().unwrap();
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{command:?}: {printed}");
    (serde_json::from_slice(&output.stdout).unwrap(), printed)
}

#[test]
fn answers_from_the_sample_say_so() {
    for command in COMMANDS {
        let (unasked, printed) = answer(command, "openai-community/gpt2", &[]);
        assert_eq!(unasked["source"], "sample", "{command:?}");
        assert_eq!(unasked["synthetic"], true, "{command:?}");
        assert_eq!(printed.lines().count(), 1, "{command:?}: {printed}");
        for words in ["synthetic sample", "hubscope fetch", "--data sample"] {
            assert!(printed.contains(words), "{command:?}: {printed}");
        }
        let (asked, printed) = answer(command, "openai-community/gpt2", &["--data", "sample"]);
        assert_eq!(asked, unasked, "{command:?}");
        assert_eq!(printed, "", "{command:?}");
    }
}

#[test]
fn answers_from_a_file_name_it() {
    let path = file();
    let path = path.to_str().unwrap();
    let (found, _) = answer(COMMANDS[0], "", &["--data", path]);
    let model = found["hits"][0]["id"].as_str().unwrap().to_owned();
    for command in COMMANDS {
        let (answer, printed) = answer(command, &model, &["--data", path]);
        assert_eq!(answer["source"], path, "{command:?}");
        assert_eq!(answer["synthetic"], false, "{command:?}");
        assert_eq!(printed, "", "{command:?}");
    }
}

/// A file of that name is opened, not the sample.
#[test]
fn a_file_named_sample_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(file(), folder.path().join("sample")).unwrap();
    let output = hubscope(&["stats", "--json", "--data", "sample"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["source"], "sample");
    assert_eq!(answer["synthetic"], false);
}
