//! The plan of a download by columns.

use anyhow::{Context, Result};

use super::file::{ThinFile, Wanted};
use super::origin::Origin;
use super::storage::Storage;
use super::transfer;
use crate::engine::source::dataset_file::DatasetFile;
use crate::engine::table::stage::Stage;
use crate::hub::client::Remote;
use crate::hub::headers::Version;

/// A column of the whole file, and the part of it to download.
pub struct PlannedColumn {
    pub name: String,
    /// Bytes of its leaves to download.
    pub kept: u64,
    /// Bytes of all its leaves.
    pub size: u64,
}

/// The plan of a download by columns.
pub struct Plan {
    pub columns: Vec<PlannedColumn>,
    pub rows: i64,
    /// The length of the thin file, in bytes.
    pub thin: u64,
    /// The length of the whole file, in bytes.
    pub whole: u64,
}

/// Returns the plan of a download of a version; only the footer is read.
///
/// # Errors
/// When the Hub does not serve it, or it is no Parquet file with models.
pub fn plan(
    remote: &Remote,
    file: &DatasetFile,
    version: &Version,
    wanted: &Wanted,
) -> Result<Plan> {
    let storage = Storage::new(remote, file, version);
    let footer = transfer::footer(&storage)?;
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

/// Plans the thin file of the leaves that are read up to a stage.
///
/// # Errors
/// When the footer is none of a Parquet file with models.
pub(super) fn planned(
    storage: &Storage,
    footer: &[u8],
    wanted: &Wanted,
    last: Stage,
) -> Result<ThinFile> {
    let (file, version) = (storage.wanted, storage.version);
    let origin = Origin::new(file, version, wanted).to_string();
    let plan = ThinFile::plan(footer, version.size, wanted, &origin, last);
    plan.with_context(|| {
        let DatasetFile { dataset, file, .. } = file;
        format!(
            "{dataset}: {file} cannot be downloaded by columns; `--columns all` downloads the whole"
        )
    })
}
