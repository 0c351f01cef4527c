//! What is exported is what the command prints, and no file is replaced without a question.

use std::fs;
use std::process::Command;

use crate::session::{HUBSCOPE, Session};

/// Returns what a command prints.
fn printed(arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new(HUBSCOPE);
    let output = command.args(arguments).env("NO_COLOR", "1").output();
    output.unwrap().stdout
}

#[test]
fn files_hold_what_the_command_prints() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.csv");
    let named = format!("\x15{}\r", path.display());
    let mut session = Session::explorer(&["--data", "sample"]);
    session.wait_keys("");
    session.send("/qwen likes:>3\reCSV file\r");
    session.wait_text("Write to the file");
    session.send(&named);
    session.wait_text("Wrote ");
    let wanted = printed(&[
        "search",
        "--data",
        "sample",
        "--limit",
        "0",
        "--csv",
        "qwen likes:>3",
    ]);
    assert!(wanted.len() > 1_000);
    assert_eq!(fs::read(&path).unwrap(), wanted);

    // The same name again, for the histogram: it is kept until the user agrees.
    session.send("3eJSON file\r");
    session.wait_text("Write to the file");
    session.send(&named);
    session.wait_text("The file is there already");
    assert_eq!(fs::read(&path).unwrap(), wanted);
    session.send("replace\r");
    session.wait_text("Wrote ");
    let wanted = printed(&[
        "hist",
        "--data",
        "sample",
        "--json",
        "--where=qwen likes:>3",
        "downloads",
    ]);
    assert_eq!(fs::read(&path).unwrap(), wanted);

    // A picture of the screen, of any view.
    let picture = folder.path().join("p.svg");
    session.send("PePicture\r");
    session.wait_text("Write to the file");
    session.send(&format!("\x15{}\r", picture.display()));
    session.wait_text("Wrote ");
    assert!(fs::read_to_string(&picture).unwrap().starts_with("<svg"));
    let names = fs::read_dir(folder.path()).unwrap();
    assert_eq!(names.count(), 2, "no partial file is left");
}

#[test]
fn what_cannot_be_written_is_said() {
    let mut session = Session::explorer(&["--data", "sample"]);
    session.wait_keys("");
    session.send("eCSV file\r");
    session.wait_text("Write to the file");
    session.send("\x15/dev/full\r");
    session.wait_text("Not exported: /dev/full: is not a regular file");
    session.send("eCSV file\r");
    session.wait_text("Write to the file");
    session.send("\x15/no/such/folder/m.csv\r");
    session.wait_text("Not exported: /no/such/folder: no such folder");
}

#[test]
fn an_export_is_finished_when_the_explorer_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.json");
    let mut session = Session::explorer(&["--data", "sample"]);
    session.wait_keys("");
    session.send("eJSON file\r");
    session.wait_text("Write to the file");
    session.send(&format!("\x15{}\rq", path.display()));
    assert_eq!(session.exit(), 0);
    session.assert_restored();
    let wanted = printed(&["search", "--data", "sample", "--limit", "0", "--json", ""]);
    assert_eq!(fs::read(&path).unwrap(), wanted);
}

#[test]
fn the_opened_file_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("models.parquet");
    let name = path.to_str().unwrap();
    printed(&["sample", "--rows", "50", "--out", name]);
    let before = fs::read(&path).unwrap();
    let mut session = Session::explorer(&["--data", name]);
    session.wait_text("50 models");
    session.send("eParquet file\r");
    session.wait_text("Write to the file");
    session.send(&format!("\x15{name}\r"));
    session.wait_text("Not exported");
    session.send("q");
    assert_eq!(session.exit(), 0);
    assert_eq!(fs::read(&path).unwrap(), before);
}
