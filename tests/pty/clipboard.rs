//! The clipboard through the real tmux and GNU screen; without them there is nothing to test. Their
//! servers have folders of their own.

use std::path::Path;
use std::process::Command;

use crate::session::{HUBSCOPE, Session};

/// The id of the first model of the sample, encoded.
const ENCODED: &str = "c2VudGVuY2UtdHJhbnNmb3JtZXJzL2FsbC1NaW5pTE0tTDYtdjI=";

fn is_installed(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", "command -v \"$0\" > /dev/null", program])
        .status();
    found.is_ok_and(|status| status.success())
}

/// A folder with a short path, which sockets need, and which nobody else may read.
fn folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let only_own = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(folder.path(), only_own).unwrap();
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_copy_is_sent_to_the_terminal() {
    let mut session = Session::loaded();
    session.send("y");
    session.wait_text("sent to the terminal's clipboard: sentence-transformers/");
    assert_eq!(session.count(&format!("\x1b]52;c;{ENCODED}\x1b\\")), 1);
}

#[test]
fn gnu_screen_passes_a_copy_on() {
    if !is_installed("screen") {
        return;
    }
    let folder = folder();
    let env = [("SCREENDIR", text(folder.path()))];
    let mut session = Session::start("screen", &["-q", "-m", HUBSCOPE], &env);
    session.wait_text(" of 20,000 ");
    session.send("y");
    session.wait_text("sent to the terminal's clipboard: sentence-transformers/");
    session.wait_for("the text", |s| {
        s.count(&format!("\x1b]52;c;{ENCODED}\x07")) == 1
    });
    // All at once are more than a piece.
    session.forget();
    session.send(&" ".repeat(40));
    session.send("y");
    session.wait_for("all", |s| {
        let written = String::from_utf8_lossy(&s.bytes);
        let encoded = written
            .split_once("\x1b]52;c;")
            .and_then(|(_, rest)| rest.split_once('\x07'));
        encoded.is_some_and(|(encoded, _)| {
            let is_letter = |b: u8| b.is_ascii_alphanumeric() || b"+/=".contains(&b);
            encoded.len() > 1_000 && encoded.bytes().all(is_letter)
        })
    });
    session.send("q");
    session.exit();
}

#[test]
fn tmux_takes_a_copy_and_passes_it_on() {
    if !is_installed("tmux") {
        return;
    }
    let folder = folder();
    let env = [("TMUX_TMPDIR", text(folder.path()))];
    let arguments = ["-f", "/dev/null", "new-session", HUBSCOPE];
    let mut session = Session::start("tmux", &arguments, &env);
    session.wait_text(" of 20,000 ");
    session.send("y");
    session.wait_text("in tmux's buffer, which hands it to the terminal's clipboard");
    session.wait_for("the text", |s| s.count(ENCODED) == 1);
    let buffer = Command::new("tmux")
        .arg("show-buffer")
        .env("TMUX_TMPDIR", folder.path())
        .env_remove("TMUX")
        .output();
    assert_eq!(
        buffer.unwrap().stdout,
        b"sentence-transformers/all-MiniLM-L6-v2"
    );
    session.send("q");
    session.exit();
}
