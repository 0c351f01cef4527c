//! Synthetic hubs with columns as wide as those of the Hub's file, about 600 bytes a row with ZSTD.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use polars::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// Rows that are written at a time.
const GROUP: usize = 100_000;

/// Returns the file of a hub with this many models.
pub fn file(rows: usize) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-wide-{rows}.parquet"));
    if path.exists() {
        return path;
    }
    let narrow = super::file(rows);
    let mut text = Text::new();
    let mut groups = (0..rows).step_by(GROUP).map(|start| {
        let slice = Some((start, GROUP.min(rows - start)));
        let file = File::open(&narrow).unwrap();
        let mut frame = ParquetReader::new(file).with_slice(slice).finish().unwrap();
        text.widen(&mut frame);
        // A batch is written by chunks, which all columns must have alike.
        frame.rechunk_mut();
        frame
    });
    let first = groups.next().unwrap();
    let partial = path.with_extension("partial");
    let mut writer = ParquetWriter::new(File::create(&partial).unwrap())
        .with_compression(ParquetCompression::Zstd(None))
        .batched(first.schema())
        .unwrap();
    for frame in std::iter::once(first).chain(groups) {
        writer.write_batch(&frame).unwrap();
    }
    writer.finish().unwrap();
    fs::rename(partial, &path).unwrap();
    path
}

/// Random text that compresses like that of cards: words, of which some are frequent.
struct Text {
    random: Pcg64,
    words: Vec<String>,
    templates: Vec<String>,
}

impl Text {
    fn new() -> Text {
        let mut random = Pcg64::seed_from_u64(7);
        let mut word = |_| {
            let length = random.random_range(2..10);
            (0..length)
                .map(|_| char::from(random.random_range(b'a'..=b'z')))
                .collect()
        };
        let words = (0..8_192).map(&mut word).collect();
        let mut text = Text {
            random,
            words,
            templates: Vec::new(),
        };
        text.templates = (0..300).map(|_| text.some(400)).collect();
        text
    }

    /// Returns half to one and a half times this many words.
    fn some(&mut self, words: usize) -> String {
        let count = self.random.random_range(words / 2..=words * 3 / 2);
        let mut text = String::with_capacity(count * 7);
        for _ in 0..count {
            let at =
                self.random.random_range(0..self.words.len()) * self.random.random_range(1..=4) / 4;
            text.push_str(&self.words[at]);
            text.push(' ');
        }
        text
    }

    fn widen(&mut self, frame: &mut DataFrame) {
        let rows = frame.height();
        let mut json = |key: &str, words| -> Vec<String> {
            let text = (0..rows).map(|_| format!("{{\"{key}\":\"{}\"}}", self.some(words)));
            text.collect()
        };
        let (cards, configs) = (json("model-index", 140), json("architectures", 35));
        let siblings: ListChunked = (0..rows)
            .map(|_| {
                Some(Series::new(
                    "".into(),
                    self.some(40).split(' ').collect::<Vec<_>>(),
                ))
            })
            .collect();
        let gguf = frame.column("gguf").unwrap().str().unwrap();
        let gguf = gguf.iter().map(|own| {
            let template = &self.templates[self.random.random_range(0..self.templates.len())];
            let open = own?.strip_suffix('}')?;
            Some(format!("{open},\"tokenizer\":\"{template}\"}}"))
        });
        let gguf: StringChunked = gguf.collect();
        for column in [
            Column::new("cardData".into(), cards),
            Column::new("config".into(), configs),
            siblings.with_name("siblings".into()).into_column(),
            gguf.with_name("gguf".into()).into_column(),
        ] {
            frame.with_column(column).unwrap();
        }
    }
}
