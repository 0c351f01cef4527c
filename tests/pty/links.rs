//! Links are opened by the desktop, in a session of their own, and shown without one.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::session::{HUBSCOPE, Session};

const LINK: &str = "https://huggingface.co/";

/// Writes an opener into a folder. It records its link, process ids and standard streams, and exits
/// with this code.
fn opener(folder: &Path, code: i32) {
    let path = folder.join("xdg-open");
    let script = format!(
        "#!/bin/sh\nfiles=$(readlink /proc/$$/fd/[012])\ncut -d' ' -f1,6 /proc/$$/stat > \"$0.ids\"\necho \"$files\" > \"$0.files\"\necho \"$1\" > \"$0.link\"\nexit {code}\n"
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The explorer with this folder first in its search path, and more variables.
fn explorer(folder: &Path, more: &[(&str, &str)]) -> Session {
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let mut session = Session::start(HUBSCOPE, &[], &[&[("PATH", path.as_str())], more].concat());
    session.wait_keys("");
    session
}

/// Returns the ids of the explorer's children, zombies included.
fn children(session: &Session) -> String {
    let threads = format!("/proc/{}/task", session.pid().as_raw_nonzero());
    let children = |thread: std::io::Result<fs::DirEntry>| {
        fs::read_to_string(thread.ok()?.path().join("children")).ok()
    };
    let threads = fs::read_dir(threads).unwrap();
    threads.filter_map(children).collect()
}

fn quit(mut session: Session) {
    session.send("q");
    assert_eq!(session.exit(), 0);
    session.assert_restored();
}

#[test]
fn the_desktop_opens_a_link_detached_from_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    opener(folder.path(), 0);
    let mut session = explorer(folder.path(), &[("DISPLAY", ":0")]);
    session.send("o");
    session.wait_text(&format!("opened {LINK}"));
    let recorded = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(recorded("xdg-open.link").starts_with(LINK));
    assert_eq!(recorded("xdg-open.files"), "/dev/null\n".repeat(3));
    let ids = recorded("xdg-open.ids");
    let mut ids = ids.split_whitespace();
    assert_eq!(ids.next(), ids.next(), "it leads a session of its own");
    // It was reaped.
    session.wait_for("no children", |s| children(s).is_empty());
    quit(session);
}

#[test]
fn a_link_that_nothing_can_open_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    opener(folder.path(), 4);
    for more in [
        [("DISPLAY", ":0"), ("SSH_TTY", "")],
        [("DISPLAY", ":0"), ("SSH_TTY", "/dev/pts/0")],
        [("DISPLAY", ""), ("SSH_TTY", "")],
    ] {
        let mut session = explorer(folder.path(), &more);
        session.send("o");
        session.wait_for("the link", |s| {
            s.text().lines().last().unwrap().starts_with(LINK)
        });
        let asked = fs::remove_file(folder.path().join("xdg-open.link")).is_ok();
        assert_eq!(asked, more == [("DISPLAY", ":0"), ("SSH_TTY", "")]);
        quit(session);
    }
}
