//! What a model's name says of its size: `-7B`, `8x7B`, `500m`, `1.5b` as words of it. Most names of
//! language models do, and so tell of a count that cannot be right.

/// A size that a name states.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size<'n> {
    /// As it is written.
    pub word: &'n str,
    pub params: f64,
    /// Whether it is a reading that only a count near to it makes likely.
    pub doubtful: bool,
}

/// After a number these tell that it counts something else.
const OTHERS: [&str; 12] = [
    "context", "ctx", "examples", "games", "pairs", "rows", "samples", "step", "steps", "tok",
    "token", "tokens",
];
/// Words for parts of a model.
const PARTS: [&str; 14] = [
    "adapter",
    "adapters",
    "dora",
    "draft",
    "eagle",
    "eagle2",
    "eagle3",
    "lora",
    "loras",
    "medusa",
    "mmproj",
    "peft",
    "qlora",
    "speculator",
];

/// The sizes that the name of an id states, and the other ways to read some: `1_8b` may be 1.8B, and
/// `2-8b`, less likely, 2.8B.
pub fn sizes(id: &[u8]) -> Vec<Size<'_>> {
    let mut sizes = Vec::new();
    // Most state none.
    if !may_state_size(id) {
        return sizes;
    }
    let mut words = words(id).peekable();
    let mut before: &[u8] = b"";
    while let Some((word, joined)) = words.next() {
        let next = words.peek().map_or(&b""[..], |(next, _)| *next);
        if let Some((times, digits, unit)) = split(word)
            && !is_one_of(&OTHERS, before)
            && !is_one_of(&OTHERS, next)
        {
            let mut add = |read: &[u8], doubtful| {
                let params = number(read) * times * unit;
                let word = str::from_utf8(word).unwrap_or_default();
                let size = Size {
                    word,
                    params,
                    doubtful,
                };
                sizes.extend(Some(size).filter(|size| size.params > 0.0));
            };
            add(digits, false);
            let digits_before = before.iter().rev().take_while(|b| b.is_ascii_digit());
            let letters = before.len() - digits_before.count();
            if letters < before.len() && !before.contains(&b'.') {
                let fraction = [&before[letters..], digits].join(&b'.');
                add(&fraction, !(joined && letters == 0));
            }
        }
        before = word;
    }
    sizes
}

/// Whether a unit stands behind a digit somewhere: what most other names are told by in no time.
fn may_state_size(id: &[u8]) -> bool {
    let pairs = id.iter().zip(id.iter().skip(1));
    pairs.fold(false, |found, (digit, unit)| {
        found | digit.is_ascii_digit() & matches!(unit | 0x20, b'b' | b'm')
    })
}

/// Whether the name tells of a mixture of experts, of which it often states the size of one or of
/// those in use.
pub fn has_experts(id: &[u8]) -> bool {
    words(id).any(|(word, _)| word.eq_ignore_ascii_case(b"moe") || is_experts(word))
}

/// Whether the name tells of a part that is put onto a model of the size it states: an adapter, or a
/// head that drafts.
pub fn is_part(id: &[u8]) -> bool {
    words(id).any(|(word, _)| is_one_of(&PARTS, word))
}

fn is_one_of(all: &[&str], word: &[u8]) -> bool {
    all.iter()
        .any(|one| one.as_bytes().eq_ignore_ascii_case(word))
}

/// The stretches of letters and digits of what follows the slash, with the points inside them, and
/// whether each is joined to the one before by `_`.
fn words(id: &[u8]) -> impl Iterator<Item = (&[u8], bool)> {
    let name = id.iter().rposition(|byte| *byte == b'/');
    let name = &id[name.map_or(0, |slash| slash + 1)..];
    let stretches = name.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'.');
    let mut start = 0;
    let words = stretches.map(move |word| {
        let joined = start > 0 && name[start - 1] == b'_';
        start += word.len() + 1;
        (trimmed(word), joined)
    });
    words.filter(|(word, _)| !word.is_empty())
}

/// Without the points around it.
fn trimmed(mut word: &[u8]) -> &[u8] {
    while let [b'.', rest @ ..] | [rest @ .., b'.'] = word {
        word = rest;
    }
    word
}

/// `8x7B` as 8, `7` and a billion; a word without times is one.
fn split(word: &[u8]) -> Option<(f64, &[u8], f64)> {
    let (unit, count) = word.split_last()?;
    let unit = match unit {
        b'b' | b'B' => 1e9,
        b'm' | b'M' => 1e6,
        _ => return None,
    };
    let (times, digits) = match halves(count, |byte| matches!(byte, b'x' | b'X')) {
        Some((times, digits)) if is_digits(times) => (number(times), digits),
        Some(_) => return None,
        None => (1.0, count),
    };
    let (whole, fraction) = halves(digits, |byte| byte == b'.').unwrap_or((digits, b"0"));
    (is_digits(whole) && is_digits(fraction)).then_some((times, digits, unit))
}

/// What stands before and behind the first such byte.
fn halves(text: &[u8], is_between: impl Fn(u8) -> bool) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| is_between(*byte))?;
    Some((&text[..at], &text[at + 1..]))
}

fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// What digits, perhaps with a point among them, say.
fn number(digits: &[u8]) -> f64 {
    let text = str::from_utf8(digits).unwrap_or_default();
    text.parse().unwrap_or(0.0)
}

/// `128E`: so many experts.
fn is_experts(word: &[u8]) -> bool {
    matches!(word, [number @ .., b'e' | b'E'] if is_digits(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_words_of_the_name() {
        let sizes = |id: &'static str| -> Vec<f64> {
            let sure = crate::engine::lineage::stated_size::sizes(id.as_bytes())
                .into_iter()
                .filter(|s| !s.doubtful);
            sure.map(|s| s.params).collect()
        };
        assert_eq!(sizes("Qwen/Qwen2.5-7B-Instruct"), [7e9]);
        assert_eq!(sizes("a/Mixtral-8x7B-v0.1"), [56e9]);
        assert_eq!(sizes("a/bloom-560m"), [560e6]);
        assert!(sizes("a/Qwen2-1.5b.gguf").is_empty());
        assert_eq!(sizes("a/Qwen2-1.5b_gguf"), [1.5e9]);
        assert_eq!(sizes("a/Qwen3-30B-A3B"), [30e9]);
        // A point that could not be written.
        assert_eq!(sizes("a/internlm2-1_8b"), [8e9, 1.8e9]);
        assert_eq!(sizes("a/pythia2-8b"), [8e9]);
        assert_eq!(
            crate::engine::lineage::stated_size::sizes(b"a/pythia2-8b")[1].params,
            2.8e9
        );
        assert_eq!(
            crate::engine::lineage::stated_size::sizes(b"Qwen/Qwen2.5-7B").len(),
            1
        );
        // Not sizes: bits, a letter before it, an owner, tokens.
        for id in [
            "a/x-4bit",
            "a/E4B",
            "7b/x",
            "a/x-100M-tokens",
            "a/x-token-500B",
            "a/b",
            "a/0b",
            "a/8xB",
            "a/1.b",
        ] {
            assert!(sizes(id).is_empty(), "{id}");
        }
    }

    #[test]
    fn experts_and_parts_are_told() {
        assert!(has_experts(b"meta/Llama-4-Maverick-17B-128E"));
        assert!(has_experts(b"a/Qwen-MoE-7B"));
        assert!(!has_experts(b"a/Qwen-7B"));
        assert!(is_part(b"a/llama-7b-LoRA"));
        assert!(!is_part(b"a/explora-7b"));
    }
}
