//! The memory that the weights of a model take: parameters times bits per weight. The context and
//! other needs of a run are not included. The filter `fits:24GB@4` compares it with a size.

use std::fmt;

use crate::engine::query::range::split_number;

/// The numbers of bits per weight that memory is shown for: as most are published, and quantized.
pub const WIDTHS: [u32; 3] = [16, 8, 4];

/// The units of memory, in bytes.
const UNITS: [(&str, i128); 6] = [
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
    ("TB", 1_000_000_000_000),
    ("TiB", 1 << 40),
];

/// Returns the bytes of the weights, rounded up.
pub fn bytes(params: i64, bits: u32) -> i64 {
    let bits = i128::from(params) * i128::from(bits);
    let bytes = bits.div_euclid(8) + i128::from(bits.rem_euclid(8) > 0);
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// A size that weights of a given width must fit into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryFit {
    /// As typed.
    text: String,
    /// In thousandths of a byte, so that `1.5GiB` is exact.
    millibytes: i128,
    /// Per weight.
    bits: u32,
}

impl MemoryFit {
    /// Parses a size in GB (10⁹ bytes), GiB (2³⁰ bytes), MB, MiB, TB or TiB, with up to three
    /// decimals, and an optional `@` with the bits per weight, 1 to 64.
    ///
    /// # Errors
    /// Returns the reason, in words for the user who typed it.
    pub fn parse(text: &str) -> Result<MemoryFit, String> {
        let (size, bits) = match text.split_once('@') {
            Some((size, bits)) => (size, parse_bits(bits)?),
            None => (text, WIDTHS[0]),
        };
        let millibytes = parse_size(size).ok_or_else(|| {
            format!(
                "`{size}` is no memory, such as 24GB (10⁹ bytes), 24GiB (2³⁰), 800MB or, for weights \
                 of 4 bits, 24GB@4"
            )
        })?;
        Ok(MemoryFit {
            text: text.to_owned(),
            millibytes,
            bits,
        })
    }

    /// Returns true if the weights of a model fit. A model of no parameters is unknown and does
    /// not.
    pub fn holds(&self, params: i64) -> bool {
        let bits = i128::from(params) * i128::from(self.bits);
        params > 0 && bits * 1_000 <= self.millibytes * 8
    }
}

fn parse_size(text: &str) -> Option<i128> {
    let (whole, decimals, name) = split_number(text)?;
    let (_, unit) = UNITS.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
    let is_short = whole.len() <= 9 && decimals.len() <= 3;
    let thousandths = is_short.then(|| format!("{whole}{decimals:0<3}").parse::<i128>().ok())?;
    Some(thousandths? * unit)
}

fn parse_bits(text: &str) -> Result<u32, String> {
    let bits = text.parse().ok().filter(|bits| (1..=64).contains(bits));
    bits.ok_or_else(|| format!("`@{text}` is not the bits of a weight, such as @8 or @4"))
}

impl fmt::Display for MemoryFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_of_all_parameters() {
        assert_eq!(bytes(8_767_123_696, 16), 17_534_247_392);
        assert_eq!(bytes(3, 4), 2);
        assert_eq!(bytes(i64::MAX, 16), i64::MAX);
    }

    #[test]
    fn weights_fit_to_the_bit() {
        let holds = |text: &str, params| MemoryFit::parse(text).unwrap().holds(params);
        assert!(holds("24GB", 12_000_000_000) && !holds("24GB", 12_000_000_001));
        assert!(holds("24gb@4", 48_000_000_000) && !holds("24GB@4", 48_000_000_001));
        assert!(holds("1.5GiB@8", 1_610_612_736) && !holds("1.5GiB@8", 1_610_612_737));
        assert!(holds("800MB", 400_000_000) && !holds("800MB", 400_000_001));
        assert!(!holds("24GB", 0));
    }

    #[test]
    fn malformed_sizes_are_errors() {
        let sizes = "|24|GB|24G|24 GB|1.2345GB|.5GB|1.GB|-1GB|9999999999GB|1.2.3GB";
        for text in sizes.split('|').chain(["24GB@", "24GB@0", "24GB@x"]) {
            assert!(MemoryFit::parse(text).is_err(), "{text}");
        }
        assert!(MemoryFit::parse("24").unwrap_err().contains("24GB"));
    }
}
