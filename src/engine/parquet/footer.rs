//! The footer of a file, checked before anything is allocated for what it claims.
//!
//! The decoders below allocate a list as long as it is said to be, descend into a schema as deep as
//! it goes, and ask for memory for as many rows and values as are claimed. A failed allocation or an
//! overflown stack ends the process with nothing to catch.
//!
//! Format: `FileMetaData` in <https://github.com/apache/parquet-format>.

use anyhow::{Context, Result, anyhow, bail, ensure};
use polars::prelude::{ArrowSchema, PolarsError};
use polars_buffer::Buffer;
use polars_parquet::parquet::read::deserialize_metadata;
use polars_parquet::read::{FileMetadata, RowGroupMetadata, infer_schema};

use super::thrift;
use crate::engine::source::caught::caught;
use crate::engine::source::handle::Handle;
use crate::engine::table::clean::clean;

/// The bytes at the end of a file: the footer's length in four, and the magic.
const TAIL: usize = 8;

/// Levels of a schema; no writer of tables nests columns as deep.
const LEVELS: usize = 64;

/// Rows that any source may have. More have to have a byte each: the ids differ.
const FREE_ROWS: u64 = 1 << 20;

/// Values of lists that any column may have. More have to have a bit each in the file.
const FREE_VALUES: usize = 1 << 22;

const DAMAGED: &str = "its footer is damaged";
const DOWNLOAD: &str = "the file is damaged, download it again";

/// Reads the footer of a file, and the schema that follows from it.
///
/// # Errors
/// When it is damaged, claims what the file cannot hold, or is nested too deep.
pub fn read(handle: &Handle) -> Result<(FileMetadata, ArrowSchema)> {
    let bytes = bytes(handle).map_err(|error| not_whole(handle, &error.to_string()))?;
    match levels(&bytes) {
        Some(levels) if levels > LEVELS => {
            bail!(
                "{handle}: the columns are nested {levels} levels deep, and hubscope reads {LEVELS}; name another file"
            )
        }
        Some(_) => {}
        None => return Err(not_whole(handle, DAMAGED)),
    }
    let decode = || -> Result<(FileMetadata, ArrowSchema)> {
        let mut metadata = deserialize_metadata(bytes)?;
        // Writers leave the types they had in memory in the footer, too. Those include ones
        // that Polars refuses, even where parquet's own type is plain.
        metadata.key_value_metadata = None;
        let schema = infer_schema(&metadata)?;
        Ok((metadata, schema))
    };
    // It panics on some damaged footers.
    let (metadata, schema) = match caught(decode) {
        Some(Ok(decoded)) => decoded,
        Some(Err(error)) if is_duplicate(&error) => {
            return Err(not_whole(handle, &error.to_string()));
        }
        _ => return Err(not_whole(handle, DAMAGED)),
    };
    check_claims(handle, &metadata)?;
    Ok((metadata, schema))
}

/// Returns true if two columns have one name.
fn is_duplicate(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(PolarsError::Duplicate(_)))
}

/// Returns the error of a file that has no footer that can be read.
fn not_whole(handle: &Handle, reason: &str) -> anyhow::Error {
    let reason = clean(reason.lines().next().unwrap_or_default());
    anyhow!("{handle}: not a whole parquet file ({reason}); download it again or name another file")
}

/// Reads the bytes of the footer, tail included.
fn bytes(handle: &Handle) -> Result<Buffer<u8>> {
    let len = usize::try_from(handle.len())?;
    let tail = len.checked_sub(TAIL).context("it is too short")?;
    let bytes = handle.read_at(tail..len)?;
    let (length, magic) = bytes.as_slice().split_at(4);
    ensure!(magic == b"PAR1", "it does not end with PAR1");
    let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]);
    let start = tail.checked_sub(length as usize);
    Ok(handle.read_at(start.context("it is shorter than its footer")?..len)?)
}

/// Returns the levels of the schema, its root included; `None` where the footer ends before what it
/// claims.
fn levels(mut footer: &[u8]) -> Option<usize> {
    // How many children are still to come of each group on the way.
    let (mut open, mut children, mut most): (Vec<i64>, i64, usize) = (Vec::new(), 0, 0);
    thrift::read(&mut footer, &mut |path, value| match (path, value) {
        ([2, 5], Some(count)) => children = count,
        ([2], None) => {
            if let Some(last) = open.last_mut() {
                *last -= 1;
            }
            open.extend((children > 0).then_some(children));
            most = most.max(open.len() + usize::from(children <= 0));
            while open.last() == Some(&0) {
                open.pop();
            }
            children = 0;
        }
        _ => {}
    })?;
    Some(most)
}

/// Refuses more rows than this many bytes can hold: those of a file, or of all up to it.
///
/// # Errors
/// When there are.
pub fn check_rows(handle: &Handle, rows: usize, bytes: u64) -> Result<()> {
    ensure!(
        rows as u64 <= bytes.saturating_add(FREE_ROWS),
        "{handle}: {rows} rows were promised, more than {bytes} bytes can hold; {DOWNLOAD}"
    );
    Ok(())
}

/// Holds the rows and values that the footer claims against each other and the length of the file.
fn check_claims(handle: &Handle, metadata: &FileMetadata) -> Result<()> {
    let promised = metadata.num_rows;
    let groups = metadata.row_groups.iter().map(RowGroupMetadata::num_rows);
    let listed = groups.fold(0, usize::saturating_add);
    ensure!(
        listed == promised,
        "{handle}: {promised} rows were promised and {listed} listed; {DOWNLOAD}"
    );
    let bytes = usize::try_from(handle.len())?;
    check_rows(handle, listed, handle.len())?;
    let most = bytes.saturating_mul(8).saturating_add(FREE_VALUES);
    for group in &metadata.row_groups {
        for chunk in group.parquet_columns() {
            let descriptor = chunk.descriptor();
            let values = usize::try_from(chunk.num_values()).ok();
            let is_possible = |values: &usize| match descriptor.descriptor.max_rep_level {
                0 => *values == group.num_rows(),
                _ => (group.num_rows()..=most).contains(values),
            };
            values.filter(is_possible).with_context(|| {
                let column = descriptor.path_in_schema.first();
                let column = clean(column.map_or("", |name| name.as_str()));
                let (values, rows) = (chunk.num_values(), group.num_rows());
                format!(
                    "{handle}: column {column} claims {values} values in {rows} rows; {DOWNLOAD}"
                )
            })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A footer with these numbers of children as its schema; no number at all for a leaf.
    fn footer(children: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x29, 0xFC];
        let mut count = children.len();
        while count >= 0x80 {
            bytes.push(count as u8 | 0x80);
            count >>= 7;
        }
        bytes.push(count as u8);
        for children in children {
            match children {
                0 => bytes.extend([0x15, 2, 0]),
                children => bytes.extend([0x55, children * 2, 0]),
            }
        }
        bytes.push(0);
        bytes
    }

    #[test]
    fn levels_of_schemas() {
        for (children, wanted) in [
            (&[2, 0, 0][..], 2),
            (&[2, 1, 0, 0], 3),
            (&[3, 2, 0, 0, 0, 1, 1, 0], 4),
            (&[1; 70], 70),
            (&[], 0),
        ] {
            assert_eq!(levels(&footer(children)), Some(wanted), "{children:?}");
        }
        // Narrow and deep, wide and flat.
        let deep: Vec<u8> = [1; 9_999].into_iter().chain([0]).collect();
        assert_eq!(levels(&footer(&deep)), Some(10_000));
        let wide: Vec<u8> = [60, 1].into_iter().chain([0; 60]).collect();
        assert_eq!(levels(&footer(&wide)), Some(3));
        let bytes = footer(&[2, 0, 0]);
        assert_eq!(levels(&bytes[..bytes.len() - 1]), None);
    }
}
