//! A download of columns, from the footer to the file with its name.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::file::{Chunk, ThinFile, Wanted};
use super::origin::Origin;
use super::part::Part;
use super::place::ThinPlace;
use super::plan::planned;
use super::progress::{Progress, Watch};
use super::storage::{Changed, Storage};
use super::transfer::{footer, transfer};
use crate::engine::source::dataset_file::DatasetFile;
use crate::engine::source::handle::open_regular;
use crate::engine::table::stage::Stage;
use crate::hub::client::Remote;
use crate::hub::digest::note_digest;
use crate::hub::headers::Version;
use crate::hub::place::check_room;

/// The times that a download begins anew because the file has changed.
const CHANGES: usize = 3;

/// A download of columns of a file.
pub struct Download<'d> {
    pub remote: &'d Remote,
    pub file: &'d DatasetFile,
    pub wanted: &'d Wanted,
    /// True to download ids and downloads first, as a file of their own.
    pub names_first: bool,
    pub watch: Watch<'d>,
}

impl Download<'_> {
    /// Downloads the columns of a version, and returns the path of the thin file.
    ///
    /// # Errors
    /// When the Hub does not serve it, it is no Parquet file with models, or the disk is full. A later
    /// run resumes it.
    pub fn run(&self, version: Version) -> Result<PathBuf> {
        self.run_at(&ThinPlace::of(&self.file.dataset)?, version)
    }

    /// Downloads them to a place.
    pub(super) fn run_at(&self, place: &ThinPlace, mut version: Version) -> Result<PathBuf> {
        for _ in 1..CHANGES {
            match self.attempt(place, &version) {
                Err(error) if error.is::<Changed>() => version = self.remote.ask(self.file)?,
                done => return done,
            }
        }
        self.attempt(place, &version)
    }

    fn attempt(&self, place: &ThinPlace, version: &Version) -> Result<PathBuf> {
        let storage = Storage::new(self.remote, self.file, version);
        let footer = footer(&storage)?;
        let plan = planned(&storage, &footer, self.wanted, Stage::Complete)?;
        let path = place.path(&version.commit, &self.file.file);
        let part = self.part(&path, &plan, version)?;
        (self.watch)(Progress::Start {
            done: part.arrived(),
            all: plan.size(),
        });
        let names = path.with_added_extension("names");
        let done = self.download_names(&storage, &footer, &names, (&plan, &part));
        let done = done.and_then(|()| transfer(&storage, &plan, &part, self.watch));
        match done {
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

    /// Downloads ids and download counts as a file of this name, and copies them into the part of the whole.
    fn download_names(
        &self,
        storage: &Storage,
        footer: &[u8],
        name: &Path,
        (whole, part): (&ThinFile, &Part),
    ) -> Result<()> {
        let names = planned(storage, footer, self.wanted, Stage::Names)?;
        let places = whole
            .chunks
            .iter()
            .filter(|chunk| chunk.stage == Stage::Names);
        let is_there = |place: &Chunk| part.missing(place.to..place.to + place.length()).is_empty();
        if !self.names_first || places.clone().all(is_there) {
            return Ok(());
        }
        let own = self.part(name, &names, storage.version)?;
        transfer(storage, &names, &own, self.watch)?;
        own.finish(name)?;
        let mut file = open_regular(name)?;
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
