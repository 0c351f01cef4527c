//! The palettes of the explorer, by the names that the command line and the settings use.

/// A palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Palette {
    /// 256 colors, for a dark background.
    Dark,
    /// 256 colors, for a light background.
    Light,
    /// The terminal's own 16 colors.
    #[value(name = "16")]
    Sixteen,
    /// Bold, underlined and reversed only.
    None,
}
