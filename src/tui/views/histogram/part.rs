//! Bars and their values: the values of a bar or a range, as a filter and as numbers.

use crate::engine::stats::histogram::Histogram;
use crate::engine::table::field::Kind;
use crate::engine::table::models::BILLION;
use crate::present::figures::exact_percent;
use crate::present::format;

/// The models that a bar counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Unknown,
    Zero,
    /// The bin with this number.
    Bin(usize),
}

/// A bar by the values in it, so that it is found again among other bins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    Unknown,
    Zero,
    /// The bin that this value lies in.
    At(i64),
}

impl Part {
    /// Returns the number of models of a histogram in it.
    pub fn count(self, histogram: &Histogram) -> usize {
        match self {
            Part::Unknown => histogram.unknown,
            Part::Zero => histogram.zero,
            Part::Bin(at) => histogram.bins.get(at).map_or(0, |bin| bin.count),
        }
    }

    /// The part that a value of a model is in.
    pub fn of(histogram: &Histogram, value: Option<i64>) -> Option<Part> {
        match value {
            None => Some(Part::Unknown),
            Some(0) if histogram.field.info().kind != Kind::Time => Some(Part::Zero),
            Some(value) => histogram.bin_of(value).map(Part::Bin),
        }
    }

    /// Returns its upper edge, included or not; 0 where there is no bin.
    pub fn end(self, histogram: &Histogram) -> i64 {
        match self {
            Part::Bin(at) => histogram.bins[at].to,
            _ => 0,
        }
    }

    /// Returns true if all its values are known and no larger than this.
    pub fn is_up_to(self, histogram: &Histogram, last: i64) -> bool {
        self.values(histogram).is_some_and(|(_, own)| own <= last)
    }

    /// The smallest value and the largest that counts; nothing where none is known.
    fn values(self, histogram: &Histogram) -> Option<(i64, i64)> {
        match self {
            Part::Unknown => None,
            Part::Zero => Some((0, 0)),
            Part::Bin(at) => {
                let bin = histogram.bins[at];
                // The last bin of counts holds its upper edge.
                let open =
                    at + 1 < histogram.bins.len() || histogram.field.info().kind == Kind::Time;
                Some((bin.from, bin.to - i64::from(open)))
            }
        }
    }
}

/// The bars that fit, from the top.
pub(super) struct Shown {
    pub all: Histogram,
    /// The same bins over the models that match the query.
    pub within: Option<Histogram>,
    pub parts: Vec<Part>,
}

impl Shown {
    /// Returns the first bar of known values.
    pub fn known(&self) -> usize {
        usize::from(self.parts.first() == Some(&Part::Unknown))
    }

    /// The bar with this number, by its values.
    pub fn spot(&self, at: usize) -> Option<Spot> {
        Some(match *self.parts.get(at)? {
            Part::Unknown => Spot::Unknown,
            Part::Zero => Spot::Zero,
            Part::Bin(bin) => Spot::At(self.all.bins[bin].from),
        })
    }

    /// The bar that now has these values.
    pub fn find(&self, spot: Spot) -> Option<usize> {
        let part = match spot {
            Spot::Unknown => Part::Unknown,
            Spot::Zero => Part::Zero,
            Spot::At(value) => Part::Bin(self.all.bin_of(value)?),
        };
        self.parts.iter().position(|other| *other == part)
    }
}

/// The smallest value and the largest of adjacent parts.
pub(super) fn values(histogram: &Histogram, parts: &[Part]) -> Option<(i64, i64)> {
    let (first, last) = (parts.first()?, parts.last()?);
    Some((first.values(histogram)?.0, last.values(histogram)?.1))
}

/// Returns the filter that matches exactly the models of adjacent parts; `name` is its key.
pub(super) fn filter(histogram: &Histogram, parts: &[Part], name: &str) -> String {
    let Some((from, last)) = values(histogram, parts) else {
        return format!("no:{name}");
    };
    match histogram.field.info().kind {
        _ if parts == [Part::Zero] => format!("{name}:0..0"),
        Kind::Share if from > BILLION => format!("{name}:>100%"),
        Kind::Share => format!("{name}:{}..{}", exact_percent(from), exact_percent(last)),
        // A month stands for all its days; a number alone would stand for what rounds to it.
        Kind::Time if format::month(from) == format::month(last) => {
            format!("{name}:{}", format::month(from))
        }
        Kind::Time => format!("{name}:{}..{}", format::month(from), format::month(last)),
        _ => format!("{name}:{}..{}", format::exact(from), format::exact(last)),
    }
}
