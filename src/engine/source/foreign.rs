//! Files that are given as Parquet but are something else, known by their first bytes.

/// The number of first bytes to look at.
pub(super) const START: u64 = 512;

/// The first bytes of a Parquet file.
const PARQUET: &[u8] = b"PAR1";

/// Formats by their first bytes, each with its name and what to do.
const FORMATS: [(&[u8], &str, &str); 22] = [
    (
        b"version https://git-lfs",
        "a Git LFS pointer",
        "run `git lfs pull` in its folder, or `hubscope fetch`",
    ),
    (
        b"\x1f\x8b",
        "compressed with gzip",
        "unpack it with `gunzip < FILE > models.parquet`",
    ),
    (
        b"\x28\xb5\x2f\xfd",
        "compressed with zstd",
        "unpack it with `unzstd`",
    ),
    (b"\xfd7zXZ\0", "compressed with xz", "unpack it with `unxz`"),
    (b"BZh", "compressed with bzip2", "unpack it with `bunzip2`"),
    (
        b"\x04\x22\x4d\x18",
        "compressed with lz4",
        "unpack it with `unlz4`",
    ),
    (b"PK\x03\x04", "a zip archive", "unpack it with `unzip`"),
    (
        b"7z\xbc\xaf\x27\x1c",
        "a 7z archive",
        "unpack it with `7z x`",
    ),
    (b"ARROW1", "an Arrow IPC (Feather) file", WITH_PYARROW),
    (b"FEA1", "a Feather file of version 1", WITH_PYARROW),
    (b"\xff\xff\xff\xff", "an Arrow IPC stream", WITH_PYARROW),
    (
        b"SQLite format 3\0",
        "an SQLite database",
        "write its table of models as Parquet with DuckDB: `ATTACH`, then `COPY … TO 'models.parquet'`",
    ),
    (
        b"PARE",
        "an encrypted Parquet file",
        "decrypt it with the program that wrote it",
    ),
    (b"GGUF", "a GGUF file, the weights of one model", OTHER),
    (b"ORC", "an ORC file", WITH_PYARROW),
    (b"Obj\x01", "an Avro file", WITH_PYARROW),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", WITH_PANDAS),
    (b"\x80\x04", "a Python pickle", WITH_PANDAS),
    (b"\x80\x05", "a Python pickle", WITH_PANDAS),
    (b"\x93NUMPY", "a NumPy array", OTHER),
    (b"\x7fELF", "a program", OTHER),
    (b"%PDF", "a PDF document", OTHER),
];

const WITH_PYARROW: &str =
    "write it as Parquet with pyarrow: `pyarrow.parquet.write_table`, or name another file";
const WITH_CSV: &str = "write it as Parquet with DuckDB: `COPY (FROM read_csv('FILE')) TO 'models.parquet'`, or name another file";
const WITH_JSON: &str = "write it as Parquet with DuckDB: `COPY (FROM read_json('FILE')) TO 'models.parquet'`, or name another file";
const WITH_PANDAS: &str =
    "write it as Parquet with pandas: `DataFrame.to_parquet`, or name another file";
const OTHER: &str = "name a Parquet file of models, which `hubscope fetch` downloads";

/// Returns the format of a file that begins with these bytes, and what to do; `None` for Parquet, and
/// where it is not known.
pub(super) fn recognize(start: &[u8]) -> Option<(&'static str, &'static str)> {
    if start.starts_with(PARQUET) {
        return None;
    }
    let format = FORMATS.iter().find(|(magic, ..)| start.starts_with(magic));
    format
        .map(|(_, name, remedy)| (*name, *remedy))
        .or_else(|| inside(start))
        .or_else(|| text(start))
}

/// Formats that have their mark further inside.
fn inside(start: &[u8]) -> Option<(&'static str, &'static str)> {
    let at = |offset: usize, mark: &[u8]| start.get(offset..)?.starts_with(mark).then_some(());
    // The length of a JSON header comes first.
    let is_small = |length: &[u8]| length[4..8] == [0; 4];
    if at(8, b"DUCK").is_some() {
        let remedy = "write its table of models as Parquet: `COPY … TO 'models.parquet'`";
        return Some(("a DuckDB database", remedy));
    }
    if at(257, b"ustar").is_some() {
        return Some(("a tar archive", "unpack it with `tar -x`"));
    }
    at(8, b"{\"").filter(|()| is_small(start))?;
    Some(("a safetensors file, the weights of one model", OTHER))
}

/// Formats of text.
fn text(start: &[u8]) -> Option<(&'static str, &'static str)> {
    // The last character may be cut off.
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&start[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let lower = text.get(..32).unwrap_or(text).to_ascii_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| lower.starts_with(word));
    let line = text.lines().next().unwrap_or_default();
    if text.contains('\0') || text.is_empty() {
        return None;
    }
    Some(if begins(&["<!doctype html", "<html", "<head", "<body"]) {
        let remedy = "download the file itself with `hubscope fetch`, or from an address with /resolve/ instead of /blob/";
        ("a web page", remedy)
    } else if begins(&["<?xml", "<error"]) {
        let remedy = "download the file again with `hubscope fetch`";
        ("XML, perhaps the error message of a server", remedy)
    } else if begins(&["{\"error\"", "{\"message\""]) {
        let remedy = "download the file again with `hubscope fetch`";
        ("the error message of a server", remedy)
    } else if begins(&["{", "["]) {
        ("JSON", WITH_JSON)
    } else if line.contains([',', '\t', ';']) {
        ("CSV", WITH_CSV)
    } else {
        ("text", OTHER)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(start: impl AsRef<[u8]>) -> Option<&'static str> {
        recognize(start.as_ref()).map(|(name, _)| name)
    }

    #[test]
    fn formats_are_known_by_their_first_bytes() {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        let tar = [&[b'a'; 257][..], b"ustar\x0000"].concat();
        for (start, expected) in [
            (pointer.as_bytes(), "a Git LFS pointer"),
            (b"<!DOCTYPE html>\n<html>", "a web page"),
            (b"\xef\xbb\xbf \n<HTML lang=en>", "a web page"),
            (
                b"<?xml version=\"1.0\"?><Error><Code>AccessDenied",
                "XML, perhaps the error message of a server",
            ),
            (
                b"{\"error\":\"Repository not found\"}",
                "the error message of a server",
            ),
            (b"{\"id\": \"gpt2\"}\n{", "JSON"),
            (b"[1, 2]", "JSON"),
            (b"id,downloads\ngpt2,1\n", "CSV"),
            (b"id\tdownloads\ngpt2\t1\n", "CSV"),
            ("modèle".as_bytes(), "text"),
            // Cut within a character.
            (&"a,è".as_bytes()[..3], "CSV"),
            (b"\x1f\x8b\x08\0", "compressed with gzip"),
            (b"ARROW1\0\0", "an Arrow IPC (Feather) file"),
            (b"SQLite format 3\0\x10", "an SQLite database"),
            (b"\x01\x02\x03\x04\x05\x06\x07\x08DUCK", "a DuckDB database"),
            (
                b"\x68\x01\0\0\0\0\0\0{\"__metadata__\"",
                "a safetensors file, the weights of one model",
            ),
            (b"GGUF\x03\0\0\0", "a GGUF file, the weights of one model"),
            (&tar, "a tar archive"),
        ] {
            let shown = String::from_utf8_lossy(start);
            assert_eq!(name(start), Some(expected), "{shown}");
        }
        for start in [
            &b"PAR1\x15\x04"[..],
            b"",
            b"\0\0\0\0",
            b"\xfe\x01\x02",
            b" \n",
        ] {
            assert_eq!(name(start), None, "{start:?}");
        }
    }
}
