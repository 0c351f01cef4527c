//! Brings some columns of a Parquet file on the Hub as a Parquet file of its own: `file.rs` plans it
//! from the footer, `ranges.rs` joins what lies near, `storage.rs` asks for ranges, `bring.rs` copies
//! them, and `part.rs` keeps what has arrived.
//!
//! Thin files lie in the folders of the Hugging Face cache's layout, but in a cache of their own, since
//! no other program expects a part of a file there.

mod bring;
mod entries;
mod file;
mod origin;
mod part;
mod ranges;
mod storage;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

pub use entries::{ThinEntry, remove_thin, thin_entries};
use file::ThinFile;
pub use file::Wanted;
use origin::Origin;
use part::Part;
use storage::{Changed, Storage};

use crate::engine::source::dataset_file::DatasetFile;
use crate::engine::source::handle::open_regular;
use crate::engine::source::hub_cache::dataset_folder;
use crate::engine::source::thin_folder;
use crate::engine::table::stage::Stage;
use crate::hub::client::Remote;
use crate::hub::digest::digest;
use crate::hub::headers::Version;
use crate::hub::place::check_room;

/// The times that a download begins anew because the file has changed.
const CHANGES: usize = 3;

/// The extension of the file that has the SHA-256 of a thin one.
const DIGEST: &str = "sha256";

/// What happens during a download.
pub enum Progress<'p> {
    /// This many bytes of so many are there already.
    Start { done: u64, all: u64 },
    /// This many more bytes are there.
    Bytes(u64),
    /// The server asks to wait.
    Waiting(Duration),
    /// A file of ids and downloads alone is there; it is removed when the whole is.
    Names(&'p Path),
}

/// Gets the progress, from several threads.
pub type Watch<'w> = &'w (dyn Fn(Progress) + Sync);

/// The thin files of a dataset.
pub(super) struct ThinPlace {
    folder: PathBuf,
}

impl ThinPlace {
    /// # Errors
    /// When there is no home folder.
    pub fn of(dataset: &str) -> Result<ThinPlace> {
        let root = thin_folder().context("there is no home folder; set XDG_CACHE_HOME")?;
        Ok(ThinPlace {
            folder: dataset_folder(&root.path, dataset),
        })
    }

    fn path(&self, commit: &str, file: &str) -> PathBuf {
        self.folder.join("snapshots").join(commit).join(file)
    }

    /// The thin files of a file, of all commits, with their origins.
    fn all(&self, file: &str) -> impl Iterator<Item = (PathBuf, Origin)> {
        let commits = fs::read_dir(self.folder.join("snapshots"));
        let paths = commits
            .into_iter()
            .flatten()
            .flatten()
            .map(move |commit| commit.path().join(file));
        paths.filter_map(|path| {
            let origin = Origin::of(&path)?;
            Some((path, origin))
        })
    }

    /// Returns the thin file of a version that has these columns, if it is there.
    pub fn find(&self, file: &str, version: &Version, wanted: &Wanted) -> Option<PathBuf> {
        let fits = |origin: &Origin| {
            origin.etag == version.etag
                && origin.size == version.size
                && wanted
                    .more
                    .iter()
                    .all(|column| origin.more.contains(column))
        };
        self.all(file)
            .find(|(_, origin)| fits(origin))
            .map(|(path, _)| path)
    }

    /// Returns the thin file that arrived last.
    pub fn latest(&self, file: &str) -> Option<PathBuf> {
        let modified = |path: &PathBuf| path.metadata().ok()?.modified().ok();
        self.all(file).map(|(path, _)| path).max_by_key(modified)
    }
}

/// A column of the whole file, and whether it is brought.
pub struct PlannedColumn {
    pub name: String,
    /// Bytes of its leaves that are brought.
    pub kept: u64,
    /// Bytes of all its leaves.
    pub size: u64,
}

/// What a download would bring.
pub struct Plan {
    pub columns: Vec<PlannedColumn>,
    pub rows: i64,
    /// The length of the thin file, in bytes.
    pub thin: u64,
    /// The length of the whole file, in bytes.
    pub whole: u64,
}

/// Returns what a download of a version would bring; only the footer is read.
///
/// # Errors
/// When the Hub does not serve it, or it is no Parquet file with models.
pub(super) fn plan(
    remote: &Remote,
    file: &DatasetFile,
    version: &Version,
    wanted: &Wanted,
) -> Result<Plan> {
    let storage = Storage::new(remote, file, version);
    let footer = bring::footer(&storage)?;
    let plan = planned(&storage, &footer, wanted, Stage::Complete)?;
    let mut columns: Vec<PlannedColumn> = Vec::new();
    for leaf in &plan.leaves {
        if columns
            .last()
            .is_none_or(|column| column.name != leaf.path[0])
        {
            columns.push(PlannedColumn {
                name: leaf.path[0].clone(),
                kept: 0,
                size: 0,
            });
        }
        if let Some(column) = columns.last_mut() {
            column.size += leaf.size;
            column.kept += if leaf.is_kept { leaf.size } else { 0 };
        }
    }
    Ok(Plan {
        columns,
        rows: plan.rows,
        thin: plan.size(),
        whole: version.size,
    })
}

/// A download of columns of a file.
pub(super) struct Download<'d> {
    pub remote: &'d Remote,
    pub file: &'d DatasetFile,
    pub wanted: &'d Wanted,
    /// True to bring ids and downloads first, as a file of their own.
    pub names_first: bool,
    pub watch: Watch<'d>,
}

impl Download<'_> {
    /// Brings the columns of a version, and returns the path of the thin file.
    ///
    /// # Errors
    /// When the Hub does not serve it, it is no Parquet file with models, or the disk is full. A later
    /// run resumes it.
    pub fn run(&self, version: Version) -> Result<PathBuf> {
        self.run_at(&ThinPlace::of(&self.file.dataset)?, version)
    }

    fn run_at(&self, place: &ThinPlace, mut version: Version) -> Result<PathBuf> {
        for _ in 1..CHANGES {
            match self.bring(place, &version) {
                Err(error) if error.is::<Changed>() => version = self.remote.ask(self.file)?,
                brought => return brought,
            }
        }
        self.bring(place, &version)
    }

    fn bring(&self, place: &ThinPlace, version: &Version) -> Result<PathBuf> {
        let storage = Storage::new(self.remote, self.file, version);
        let footer = bring::footer(&storage)?;
        let plan = planned(&storage, &footer, self.wanted, Stage::Complete)?;
        let path = place.path(&version.commit, &self.file.file);
        let part = self.part(&path, &plan, version)?;
        (self.watch)(Progress::Start {
            done: part.arrived(),
            all: plan.size(),
        });
        let names = path.with_added_extension("names");
        let brought = self.bring_names(&storage, &footer, &names, (&plan, &part));
        let brought = brought.and_then(|()| bring::bring(&storage, &plan, &part, self.watch));
        match brought {
            Ok(()) => {
                part.finish(&path)?;
                note_digest(&path)?;
                let _ = fs::remove_file(names);
                Ok(path)
            }
            Err(error) if error.is::<Changed>() => {
                part.forget();
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    fn part(&self, path: &Path, plan: &ThinFile, version: &Version) -> Result<Part> {
        let identity = Origin::new(self.file, version, self.wanted).identity(&plan.footer);
        let part = Part::open(&path.with_added_extension("part"), plan.size(), &identity)?;
        let folder = path.parent().unwrap_or(path);
        check_room(folder, plan.size() - part.arrived(), "XDG_CACHE_HOME")?;
        Ok(part)
    }

    /// Brings ids and downloads as a file of this name, and copies them into the part of the whole.
    fn bring_names(
        &self,
        storage: &Storage,
        footer: &[u8],
        name: &Path,
        (whole, part): (&ThinFile, &Part),
    ) -> Result<()> {
        let names = planned(storage, footer, self.wanted, Stage::Names)?;
        let is_there = names
            .chunks
            .iter()
            .zip(whole.chunks.iter().filter(|c| c.stage == Stage::Names));
        let is_there = is_there
            .clone()
            .all(|(chunk, own)| part.missing(own.to..own.to + chunk.length()).is_empty());
        if !self.names_first || is_there {
            return Ok(());
        }
        let own = self.part(name, &names, storage.version)?;
        bring::bring(storage, &names, &own, self.watch)?;
        own.finish(name)?;
        let mut file = open_regular(name)?;
        let places = whole
            .chunks
            .iter()
            .filter(|chunk| chunk.stage == Stage::Names);
        for (chunk, place) in names.chunks.iter().zip(places) {
            let mut bytes = vec![0; usize::try_from(chunk.length())?];
            file.seek(SeekFrom::Start(chunk.to))?;
            file.read_exact(&mut bytes)?;
            part.write(place.to, &bytes)?;
            part.note(Some(place.to..place.to + chunk.length()))?;
        }
        (self.watch)(Progress::Names(name));
        Ok(())
    }
}

/// Writes the SHA-256 of a file beside it, in the format of `sha256sum`.
fn note_digest(path: &Path) -> Result<()> {
    let digest = digest(path)?;
    let name = path.file_name().unwrap_or_default().display();
    let beside = path.with_added_extension(DIGEST);
    fs::write(&beside, format!("{digest}  {name}\n"))
        .with_context(|| format!("{}: cannot be written", beside.display()))
}

/// Returns the SHA-256 that a thin file had when it arrived; `None` for any other file.
pub(super) fn noted_digest(path: &Path) -> Option<String> {
    let noted = fs::read_to_string(path.with_added_extension(DIGEST)).ok()?;
    noted.split_whitespace().next().map(str::to_owned)
}

/// Plans the thin file of the leaves that are read up to a stage.
fn planned(storage: &Storage, footer: &[u8], wanted: &Wanted, last: Stage) -> Result<ThinFile> {
    let (file, version) = (storage.wanted, storage.version);
    let origin = Origin::new(file, version, wanted).to_string();
    let plan = ThinFile::plan(footer, version.size, wanted, &origin, last);
    plan.with_context(|| {
        let DatasetFile { dataset, file, .. } = file;
        format!("{dataset}: {file} cannot be brought by columns; `--columns all` brings the whole")
    })
}
