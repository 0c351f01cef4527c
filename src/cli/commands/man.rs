//! `hubscope man`: the manual page, with the query language.

use anyhow::Result;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::cli::context::{CommandContext, Found};
use crate::engine::query::keys::{FILTERS, Flag};

/// Prints the manual page.
///
/// # Errors
/// When it cannot be written.
pub fn run(context: &mut CommandContext, program: clap::Command) -> Result<Found> {
    Man::new(program).render(&mut context.out)?;
    queries().to_writer(&mut context.out)?;
    Ok(Found::Something)
}

/// Returns the section on the query language, with every row of the table of filters.
fn queries() -> Roff {
    let mut page = Roff::new();
    page.control("SH", ["QUERIES"]);
    page.text([roman(
        "A query is a list of words and filters, all of which must match. A word is text of the id:",
    )]);
    let words = "llama, ^prefix, suffix$, 'whole-word, !not, a|b, \"two words\", ~fuzzy";
    page.text([bold(words)]);
    page.text([roman(
        "A filter is key:value. a,b accepts either value, and a minus before the key negates the filter.",
    )]);
    for filter in &FILTERS {
        page.control("TP", []);
        page.text([bold(filter.example)]);
        page.text([roman(filter.about.replace('`', ""))]);
    }
    let flags: Vec<&str> = Flag::ALL.iter().map(|(name, _)| *name).collect();
    page.control("TP", []);
    page.text([bold("sort:likes, sort:created:asc")]);
    page.text([roman("sorts by a field, the largest first unless :asc")]);
    page.control("PP", []);
    page.text([roman(format!(
        "The values of is: are {}.",
        flags.join(", ")
    ))]);
    page
}
