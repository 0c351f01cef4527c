//! The last session with each source: where the explorer was when it ended. Stored in
//! `$XDG_STATE_HOME/hubscope/sessions`, a JSON object a line, the newest last.

use std::path::{Component, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::config::values::unknown;
use super::keymap::{Action, KEYMAP};
use super::layout::{HiddenPanes, Pane};
use super::state::{StateFiles, read_end, replace};
use crate::engine::source::Source;

/// The sources whose sessions are kept.
const MAX_SOURCES: usize = 20;
/// The marks that are kept.
pub const MAX_MARKS: usize = 100;
/// The open rows of the tree that are kept.
pub const MAX_ROWS: usize = 50;
/// A longer line is none that the explorer wrote, in bytes.
const MAX_LINE: usize = 1 << 16;

/// A session as it is stored: models by their ids, everything else by its name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredSession {
    pub source: String,
    pub query: String,
    /// The order where the query states none; empty for that of the settings.
    pub sort: String,
    pub current: Option<String>,
    pub marks: Vec<String>,
    pub tree: Option<StoredTree>,
    /// The pane that has the focus; `None` for that of the settings, as in the next two.
    pub pane: Option<String>,
    pub zoomed: Option<bool>,
    pub hidden: Option<HiddenPanes>,
    /// The overlay on top.
    pub view: Option<String>,
}

/// The tree of a session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredTree {
    /// The id of the model that it is around; `None` for all families.
    pub focus: Option<String>,
    /// The open rows, each as the ids from the root down to it.
    pub open: Vec<Vec<String>>,
}

/// The opening of the explorer that the command line asks for.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    pub query: Option<String>,
    /// The name of a pane or an overlay.
    pub view: Option<String>,
    /// True to resume the last session with the source.
    pub resumes: bool,
}

impl Opening {
    /// Returns an opening with a view, if there is one of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(query: Option<String>, view: Option<String>, resumes: bool) -> Result<Opening> {
        if let Some(name) = &view {
            let is_known = pane_of(name).is_some() || overlay_of(name).is_some();
            let names = view_names();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            ensure!(is_known, "--view: {}", unknown("view", name, &names));
        }
        Ok(Opening {
            query,
            view,
            resumes,
        })
    }

    /// Returns the session to begin with, from the last one; `None` for a fresh one.
    pub fn session(&self, last: Option<StoredSession>) -> Option<StoredSession> {
        let last = last.filter(|_| self.resumes);
        if last.is_none() && self.query.is_none() && self.view.is_none() {
            return None;
        }
        let mut session = last.unwrap_or_default();
        if let Some(query) = &self.query {
            session.query.clone_from(query);
        }
        if let Some(view) = &self.view {
            let is_pane = pane_of(view).is_some();
            session.view = Some(view.clone()).filter(|_| !is_pane);
            session.pane = Some(view.clone()).filter(|_| is_pane).or(session.pane);
        }
        Some(session)
    }
}

/// Returns the names of panes and overlays.
pub fn view_names() -> Vec<String> {
    let panes = Pane::ALL.map(|pane| pane.title().to_lowercase());
    let overlays = overlays().into_iter().map(str::to_owned);
    panes.into_iter().chain(overlays).collect()
}

/// Returns the pane of a name.
pub fn pane_of(name: &str) -> Option<Pane> {
    let mut panes = Pane::ALL.into_iter();
    panes.find(|pane| pane.title().eq_ignore_ascii_case(name))
}

/// Returns the overlay of a name.
pub fn overlay_of(name: &str) -> Option<&'static str> {
    overlays().into_iter().find(|overlay| *overlay == name)
}

/// Returns the names of all overlays that a key opens.
fn overlays() -> Vec<&'static str> {
    let bindings = KEYMAP.contexts().iter().flat_map(|keys| &keys.bindings);
    let shown = bindings.filter_map(|binding| match binding.action {
        Action::Show(name) => Some(name),
        _ => None,
    });
    let mut overlays: Vec<&str> = shown.collect();
    overlays.sort_unstable();
    overlays.dedup();
    overlays
}

/// Returns the name under which sessions with a source are kept. All snapshots of a dataset in the
/// Hugging Face cache have one, so that a session outlives the next `hubscope fetch`.
pub fn key_of(source: &Source) -> String {
    let Some(path) = source.path() else {
        return source.name();
    };
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let is = |part: &Component, wanted: fn(&str) -> bool| {
        let name = part.as_os_str().to_str();
        name.is_some_and(wanted)
    };
    let (mut in_dataset, mut in_snapshots) = (false, false);
    let parts = path.components().filter(|part| {
        let is_revision = in_snapshots;
        in_snapshots = in_dataset && is(part, |name| name == "snapshots");
        in_dataset = is(part, |name| name.starts_with("datasets--"));
        !is_revision
    });
    parts.collect::<PathBuf>().display().to_string()
}

impl StateFiles {
    /// Returns the last session with a source.
    pub fn session(&self, source: &str) -> Option<StoredSession> {
        let mut sessions = self.sessions().into_iter();
        sessions.rfind(|session| session.source == source)
    }

    /// Keeps a session in place of the last one with its source.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep_session(&self, mut session: StoredSession) -> Result<()> {
        if serde_json::to_string(&session)?.len() > MAX_LINE {
            // Long names in many open rows: the rest is worth more.
            session.tree = None;
        }
        let _lock = self.lock()?;
        let mut sessions = self.sessions();
        sessions.retain(|other| other.source != session.source);
        sessions.push(session);
        let outdated = sessions.len().saturating_sub(MAX_SOURCES);
        let lines = sessions.iter().skip(outdated).map(serde_json::to_string);
        let lines = lines.collect::<Result<_, _>>()?;
        replace(
            &self.path("sessions").context("there is no home folder")?,
            lines,
        )
    }

    /// Returns the sessions with all sources, the newest last. Lines that are none are ignored.
    fn sessions(&self) -> Vec<StoredSession> {
        let path = self.path("sessions");
        let bytes = path
            .and_then(|path| read_end(&path).ok())
            .unwrap_or_default();
        let lines = bytes.split(|byte| *byte == b'\n');
        let lines = lines.filter(|line| line.len() <= MAX_LINE);
        lines
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::engine::table::clean::is_clean;

    fn session(source: &str, query: &str) -> StoredSession {
        StoredSession {
            source: source.to_owned(),
            query: query.to_owned(),
            marks: vec!["a/b".to_owned()],
            tree: Some(StoredTree {
                focus: None,
                open: vec![vec!["a/b".to_owned(), "c/d".to_owned()]],
            }),
            ..StoredSession::default()
        }
    }

    #[test]
    fn the_last_session_of_each_source_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let files = StateFiles::at(home.path());
        assert_eq!(files.session("one"), None);
        let queries = [("one", "llama"), ("two", "x\ty\n\u{e4}\""), ("one", "qwen")];
        for (source, query) in queries {
            files.keep_session(session(source, query)).unwrap();
        }
        assert_eq!(files.session("one"), Some(session("one", "qwen")));
        assert_eq!(files.session("two"), Some(session("two", "x\ty\n\u{e4}\"")));
        assert_eq!(files.session("three"), None);
        let path = home.path().join("hubscope/sessions");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let about = fs::metadata(&path).unwrap();
            assert_eq!(about.permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(fs::read_to_string(path).unwrap().lines().count(), 2);
    }

    #[test]
    fn the_sources_are_bounded() {
        let home = tempfile::tempdir().unwrap();
        let files = StateFiles::at(home.path());
        for number in 0..MAX_SOURCES + 3 {
            files
                .keep_session(session(&number.to_string(), "x"))
                .unwrap();
        }
        let kept = files.sessions();
        let sources: Vec<String> = kept.into_iter().map(|session| session.source).collect();
        let wanted: Vec<String> = (3..MAX_SOURCES + 3).map(|n| n.to_string()).collect();
        assert_eq!(sources, wanted);
    }

    #[test]
    fn damaged_files_are_ignored() {
        let home = tempfile::tempdir().unwrap();
        let files = StateFiles::at(home.path());
        files.keep_session(session("one", "llama")).unwrap();
        let path = home.path().join("hubscope/sessions");
        let good = fs::read(&path).unwrap();
        let huge = format!(
            "{{\"source\":\"one\",\"query\":\"{}\"}}\n",
            "x".repeat(MAX_LINE)
        );
        let cases: [&[u8]; 6] = [
            b"",
            b"{\"source\":\"one\",\"query\":3}\n",
            b"\xFF\xFE\x00[[[[[[\n",
            b"{\"source\":\"one\"",
            huge.as_bytes(),
            &[b'['; 100_000],
        ];
        for before in cases {
            fs::write(&path, [before, b"\n", &good[..]].concat()).unwrap();
            assert_eq!(files.session("one"), Some(session("one", "llama")));
            fs::write(&path, before).unwrap();
            assert_eq!(files.session("one"), None, "{before:?}");
            files.keep_session(session("one", "new")).unwrap();
            assert_eq!(files.session("one"), Some(session("one", "new")));
        }
        // A folder in its place is neither read nor replaced.
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(files.session("one"), None);
        assert!(files.keep_session(session("one", "x")).is_err());
    }

    #[test]
    fn concurrent_explorers_lose_no_session() {
        let home = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let files = StateFiles::at(home.path());
                scope.spawn(move || {
                    for number in 0..20 {
                        let own = session(&writer.to_string(), &number.to_string());
                        files.keep_session(own).unwrap();
                    }
                });
            }
        });
        let files = StateFiles::at(home.path());
        for writer in ["0", "1", "2", "3"] {
            assert_eq!(files.session(writer), Some(session(writer, "19")));
        }
        assert_eq!(files.sessions().len(), 4);
    }

    #[test]
    fn snapshots_of_a_dataset_share_their_session() {
        let file = |path: &str| key_of(&Source::File(PathBuf::from(path)));
        let cached = "/home/a/hub/datasets--x--y/snapshots/";
        assert_eq!(
            file(&format!("{cached}0123/models.parquet")),
            file(&format!("{cached}4567/models.parquet"))
        );
        assert_ne!(
            file("/data/1/models.parquet"),
            file("/data/2/models.parquet")
        );
        assert!(PathBuf::from(file("models.parquet")).is_absolute());
        assert_eq!(key_of(&Source::Sample), "sample");
        assert!(is_clean(&file("/data/models.parquet")));
    }

    #[test]
    fn an_opening_takes_the_place_of_the_last_session() {
        let last = || {
            Some(StoredSession {
                pane: Some("tree".to_owned()),
                view: Some("schema".to_owned()),
                ..session("one", "llama")
            })
        };
        let open = |query: Option<&str>, view: Option<&str>, resumes| {
            let owned = |text: &str| text.to_owned();
            Opening::new(query.map(owned), view.map(owned), resumes)
        };
        let begun = |opening: Result<Opening>| opening.unwrap().session(last());
        assert_eq!(begun(open(None, None, false)), None);
        assert_eq!(begun(open(None, None, true)), last());
        let fresh = begun(open(Some("qwen"), None, false)).unwrap();
        let wanted = StoredSession {
            query: "qwen".to_owned(),
            ..StoredSession::default()
        };
        assert_eq!(fresh, wanted);
        let resumed = begun(open(Some("qwen"), Some("histogram"), true)).unwrap();
        let wanted = StoredSession {
            query: "qwen".to_owned(),
            pane: Some("histogram".to_owned()),
            view: None,
            ..last().unwrap()
        };
        assert_eq!(resumed, wanted);
        let error = open(None, Some("statistic"), false).unwrap_err();
        let wanted = "--view: there is no view `statistic`; did you mean `statistics`?";
        assert_eq!(error.to_string(), wanted);
    }
}
