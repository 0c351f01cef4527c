//! Memory as it is typed in the test `fits:`, and which models' weights it holds: `24GB`, or `24GB@4`
//! for weights of 4 bits.

use std::fmt;

use crate::engine::query::memory;

/// The units of memory, in bytes.
const UNITS: [(&str, i128); 6] = [
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
    ("TB", 1_000_000_000_000),
    ("TiB", 1 << 40),
];
/// Bits of a weight where none are asked for.
const BITS: u32 = memory::WIDTHS[0];

/// Room for weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// As typed.
    text: String,
    /// Thousandths of a byte, so that `1.5GiB` is exact.
    milli: i128,
    bits: u32,
}

impl Room {
    /// Reads a size in GB (10⁹ bytes), GiB (2³⁰ bytes), MB, MiB, TB or TiB, with up to three digits
    /// after the point, and perhaps `@` and the bits of a weight, 1 to 64.
    ///
    /// # Errors
    /// With the reason, in words for the person who typed it.
    pub fn parse(text: &str) -> Result<Room, String> {
        let (size, bits) = match text.split_once('@') {
            Some((size, bits)) => (size, parse_bits(bits)?),
            None => (text, BITS),
        };
        let wrong = || {
            format!(
                "`{size}` is no memory, such as 24GB (10⁹ bytes), 24GiB (2³⁰), 800MB or, for weights \
                 of 4 bits, 24GB@4"
            )
        };
        let end = size.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (digits, unit) = size.split_at(end.unwrap_or(size.len()));
        let (_, unit) = UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
            .ok_or_else(wrong)?;
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        if whole.is_empty() || whole.len() > 9 || fraction.is_empty() || fraction.len() > 3 {
            return Err(wrong());
        }
        let milli: i128 = format!("{whole}{fraction:0<3}")
            .parse()
            .map_err(|_| wrong())?;
        Ok(Room {
            text: text.to_owned(),
            milli: milli * unit,
            bits,
        })
    }

    /// Whether it holds the weights of a model; a count of none tells nothing.
    pub fn holds(&self, params: i64) -> bool {
        let bits = i128::from(params) * i128::from(self.bits);
        params > 0 && bits * 1_000 <= self.milli * 8
    }
}

fn parse_bits(text: &str) -> Result<u32, String> {
    let bits = text.parse().ok().filter(|bits| (1..=64).contains(bits));
    bits.ok_or_else(|| format!("`@{text}` is not the bits of a weight, such as @8 or @4"))
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_fit_to_the_bit() {
        let holds = |text: &str, params| Room::parse(text).unwrap().holds(params);
        assert!(holds("24GB", 12_000_000_000) && !holds("24GB", 12_000_000_001));
        assert!(holds("24gb@4", 48_000_000_000) && !holds("24GB@4", 48_000_000_001));
        assert!(holds("1.5GiB@8", 1_610_612_736) && !holds("1.5GiB@8", 1_610_612_737));
        assert!(holds("800MB", 400_000_000) && !holds("800MB", 400_000_001));
        assert!(!holds("24GB", 0));
    }

    #[test]
    fn mistakes_are_told() {
        for text in [
            "",
            "24",
            "GB",
            "24G",
            "24 GB",
            "1.2345GB",
            ".5GB",
            "1.GB",
            "-1GB",
            "24GB@",
            "24GB@0",
            "24GB@x",
            "9999999999GB",
            "1.2.3GB",
        ] {
            assert!(Room::parse(text).is_err(), "{text}");
        }
        assert!(Room::parse("24").unwrap_err().contains("24GB"));
    }
}
