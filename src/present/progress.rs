//! Progress lines on standard error; nothing is drawn unless that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

use super::charset::Charset;
use crate::engine::table::clean::clean;

/// The maximum number of redraws per second.
const RATE: u8 = 10;

/// A download of `size` bytes, `done` of which are there; rate and time left are those of the rest.
pub fn download(name: &str, size: u64, done: u64) -> ProgressBar {
    let bar = bar(
        size,
        "{msg} ▕{bar:20}▏ {decimal_bytes} of {decimal_total_bytes} ({percent}%), \
         {decimal_bytes_per_sec}, {eta} left",
    );
    bar.set_message(clean(name).into_owned());
    bar.set_position(done);
    bar.reset_eta();
    bar
}

/// A number of models to write.
pub fn models(rows: usize) -> ProgressBar {
    bar(rows as u64, "{bar:20} {human_pos} of {human_len} models")
}

/// Bytes to write, of which nobody knows how many there will be.
pub fn bytes() -> ProgressBar {
    let template = charset().in_text("{decimal_bytes} written, {decimal_bytes_per_sec}");
    styled(ProgressBar::no_length(), &template)
}

fn bar(length: u64, template: &str) -> ProgressBar {
    styled(ProgressBar::new(length), &charset().in_text(template))
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    bar.set_draw_target(indicatif::ProgressDrawTarget::stderr_with_hz(RATE));
    let characters = match charset() {
        Charset::Unicode => "█▉▊▋▌▍▎▏ ",
        Charset::Ascii => "#- ",
    };
    // A template of our own is always valid.
    let style = ProgressStyle::with_template(template);
    bar.with_style(
        style
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars(characters),
    )
}

fn charset() -> Charset {
    Charset::of(|name| std::env::var(name).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_count_from_what_is_there() {
        let bar = download("models.parquet", 1_500, 750);
        assert_eq!((bar.position(), bar.length()), (750, Some(1_500)));
        // Tests have no terminal: nobody is drawn for.
        assert!(bar.is_hidden() || std::io::IsTerminal::is_terminal(&std::io::stderr()));
        assert_eq!(models(7).length(), Some(7));
        assert_eq!(bytes().length(), None);
    }
}
