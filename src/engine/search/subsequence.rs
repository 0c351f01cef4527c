//! Whether an id has the letters of a text in their order, whatever stands between them.

/// The letters of a text, to be found in ids in their order, with others between. One bit is set: it
/// stands for the letter that is waited for, and adding it to itself moves it to the next. No letter
/// of an id waits for the one before it longer than these two operations take. Longer texts are
/// looked for in parts.
pub struct Letters {
    parts: Vec<Part>,
    /// The text itself where its letters are more than bytes.
    wide: Option<String>,
}

/// Of each letter, the places where it stands among at most 63.
struct Part {
    places: Box<[u64; 256]>,
    /// The bit once all are met.
    met: u64,
}

impl Part {
    fn new(letters: &[u8]) -> Part {
        let mut places = Box::new([0; 256]);
        for (at, letter) in letters.iter().enumerate() {
            places[usize::from(*letter)] |= 1 << at;
        }
        Part {
            places,
            met: 1 << letters.len(),
        }
    }

    fn next(&self, waited: u64, letter: u8) -> u64 {
        waited + (waited & self.places[usize::from(letter)])
    }
}

impl Letters {
    /// Gets a text ready to be looked for.
    pub fn new(text: &[u8]) -> Letters {
        let wide = str::from_utf8(text).ok().filter(|text| !text.is_ascii());
        Letters {
            parts: text.chunks(63).map(Part::new).collect(),
            wide: wide.map(str::to_owned),
        }
    }

    /// Whether the letters stand in the id in their order.
    pub fn are_in(&self, id: &[u8]) -> bool {
        if let Some(wide) = &self.wide {
            let mut letters = str::from_utf8(id).unwrap_or_default().chars();
            return wide.chars().all(|wanted| letters.any(|c| c == wanted));
        }
        if let [part] = self.parts.as_slice() {
            return id
                .iter()
                .fold(1, |waited, letter| part.next(waited, *letter))
                == part.met;
        }
        let mut rest = id.iter();
        self.parts.iter().all(|part| {
            let mut waited = 1;
            rest.by_ref().any(|letter| {
                waited = part.next(waited, *letter);
                waited == part.met
            })
        })
    }

    /// The same of four ids: what waits for the letter before it in one leaves time for the others.
    pub fn are_in_four(&self, ids: [&[u8]; 4]) -> [bool; 4] {
        let ([part], None) = (self.parts.as_slice(), &self.wide) else {
            return ids.map(|id| self.are_in(id));
        };
        let shared = ids.iter().map(|id| id.len()).min().unwrap_or(0);
        let [a, b, c, d] = ids.map(|id| &id[..shared]);
        let mut waited = [1; 4];
        for at in 0..shared {
            let letters = [a[at], b[at], c[at], d[at]];
            waited = std::array::from_fn(|id| part.next(waited[id], letters[id]));
        }
        std::array::from_fn(|id| {
            let rest = ids[id][shared..].iter();
            rest.fold(waited[id], |waited, letter| part.next(waited, *letter)) == part.met
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn letters_stand_in_order(text in "[abc]{1,4}|[ab]{60,70}|[aé]{1,3}", ids in prop::array::uniform4("[abcé]{0,12}|[ab]{100,200}")) {
            let letters = Letters::new(text.as_bytes());
            let naive = |id: &String| {
                let mut left = id.chars();
                text.chars().all(|wanted| left.any(|c| c == wanted))
            };
            let wanted = ids.each_ref().map(naive);
            let ids = ids.each_ref().map(|id| id.as_bytes());
            prop_assert_eq!(ids.map(|id| letters.are_in(id)), wanted);
            prop_assert_eq!(letters.are_in_four(ids), wanted);
        }
    }
}
