//! The state of a folder, found out without writing to it.

use std::path::{Path, PathBuf};

use super::facts::Fact;
use crate::system::{free_space, write_refusal};

/// The state of a folder that need not exist yet.
pub struct FolderState {
    pub exists: bool,
    /// The reason why no file can be written into it, if there is one.
    pub refusal: Option<String>,
    /// Free bytes on its disk; `None` where the system does not say.
    pub free: Option<u64>,
}

impl FolderState {
    /// Returns the state of a folder, or of the one that it would be made in.
    pub fn of(folder: &Path) -> FolderState {
        let there = existing(folder);
        FolderState {
            exists: folder.is_dir(),
            refusal: refusal(&there),
            free: free_space(&there),
        }
    }

    /// Returns facts about a folder that is written to: whether it exists, whether it can be written,
    /// with a remedy where it cannot, and the free space.
    pub fn facts(self, folder: &Path, remedy: &str) -> [Fact; 3] {
        let name = folder.display();
        let problem = self.refusal.as_ref();
        let problem =
            problem.map(|reason| format!("{name}: cannot be written: {reason}; {remedy}"));
        [
            Fact::new("exists", self.exists),
            Fact::new("writable", self.refusal.is_none()).wrong_if(problem),
            Fact::of_bytes("free_bytes", self.free),
        ]
    }
}

/// The nearest folder on the way to this one that is there.
fn existing(folder: &Path) -> PathBuf {
    let there = folder
        .ancestors()
        .find(|path| path.symlink_metadata().is_ok());
    match there {
        Some(path) if path != Path::new("") => path.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn refusal(there: &Path) -> Option<String> {
    let name = there.display();
    match there.metadata() {
        Err(error) => Some(format!("{name}: {error}")),
        Ok(about) if !about.is_dir() => Some(format!("{name} is not a folder")),
        Ok(_) => write_refusal(there),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_missing_is_judged_by_its_parent() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink("/nowhere", folder.path().join("link")).unwrap();
        let of = |name: &str| FolderState::of(&folder.path().join(name));
        assert!(of("").exists && of("").refusal.is_none());
        let missing = of("a/b/c");
        assert!(!missing.exists && missing.refusal.is_none() && missing.free > Some(0));
        let refused = of("file/x").refusal.unwrap();
        assert_eq!(refused, format!("{} is not a folder", file.display()));
        assert!(of("link/x").refusal.unwrap().contains("link: "));
    }
}
