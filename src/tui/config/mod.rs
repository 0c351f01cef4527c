//! The config file: `$XDG_CONFIG_HOME/hubscope/config.toml`, settings, keys and themes of the user.
//! [`settings::SETTINGS`] declares the settings once; reading, printing, storing and the guide go by
//! it. A mistake in the file concerns only the value that has it.

pub mod facts;
pub mod file;
pub mod keys;
pub mod print;
pub mod read;
pub mod settings;
pub mod store;
#[cfg(test)]
mod tests;
pub mod themes;
pub(super) mod values;
