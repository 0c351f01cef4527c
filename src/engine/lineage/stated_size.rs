//! Sizes that a model's name states, in words such as `-7B`, `8x7B`, `500m` and `1.5b`. Most names of
//! language models state one.

/// A size that a name states.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StatedSize<'n> {
    /// The word of the name.
    pub word: &'n str,
    /// The number of parameters.
    pub params: f64,
    /// True if the word can be read otherwise, so that only a count near to it makes it likely.
    pub doubtful: bool,
}

/// Words beside a number that counts something else.
const OTHER_UNITS: [&str; 12] = [
    "context", "ctx", "examples", "games", "pairs", "rows", "samples", "step", "steps", "tok",
    "token", "tokens",
];
/// Words for parts of a model.
#[rustfmt::skip]
const PARTS: [&str; 14] = [
    "adapter", "adapters", "dora", "draft", "eagle", "eagle2", "eagle3", "lora", "loras", "medusa",
    "mmproj", "peft", "qlora", "speculator",
];

/// Returns the sizes that the name of an id states, and further readings of some words: `1_8b` may be
/// 1.8B, and `2-8b`, less likely, 2.8B.
pub fn sizes(id: &[u8]) -> Vec<StatedSize<'_>> {
    let mut sizes = Vec::new();
    if !may_state_size(id) {
        return sizes;
    }
    let mut words = words(id).peekable();
    let mut before: &[u8] = b"";
    while let Some((word, is_joined)) = words.next() {
        let next = words.peek().map_or(&b""[..], |(next, _)| *next);
        if let Some((factor, digits, unit)) = split(word)
            && !is_one_of(&OTHER_UNITS, before)
            && !is_one_of(&OTHER_UNITS, next)
        {
            let mut add = |digits: &[u8], doubtful| {
                let size = StatedSize {
                    word: str::from_utf8(word).unwrap_or_default(),
                    params: number(digits) * factor * unit,
                    doubtful,
                };
                sizes.extend(Some(size).filter(|size| size.params > 0.0));
            };
            add(digits, false);
            let digits_before = before.iter().rev().take_while(|b| b.is_ascii_digit());
            let letters = before.len() - digits_before.count();
            if letters < before.len() && !before.contains(&b'.') {
                let fraction = [&before[letters..], digits].join(&b'.');
                add(&fraction, !(is_joined && letters == 0));
            }
        }
        before = word;
    }
    sizes
}

/// Returns whether a unit follows a digit anywhere: most names without a size are ruled out by it, in
/// little time.
fn may_state_size(id: &[u8]) -> bool {
    let pairs = id.iter().zip(id.iter().skip(1));
    pairs.fold(false, |found, (digit, unit)| {
        found | digit.is_ascii_digit() & matches!(unit | 0x20, b'b' | b'm')
    })
}

/// Returns whether the name is of a mixture of experts, which often states the size of one expert or
/// of the active ones. `128E` is a number of experts.
pub fn has_experts(id: &[u8]) -> bool {
    words(id).any(|(word, _)| match word {
        [number @ .., b'e' | b'E'] if is_digits(number) => true,
        _ => word.eq_ignore_ascii_case(b"moe"),
    })
}

/// Returns whether the name is of a part for a model of the stated size: an adapter or a draft head.
pub fn is_part(id: &[u8]) -> bool {
    words(id).any(|(word, _)| is_one_of(&PARTS, word))
}

fn is_one_of(words: &[&str], word: &[u8]) -> bool {
    let mut words = words.iter();
    words.any(|one| one.as_bytes().eq_ignore_ascii_case(word))
}

/// Returns the words of the name after the slash: letters, digits and points between them; and
/// whether `_` joins each to the word before.
fn words(id: &[u8]) -> impl Iterator<Item = (&[u8], bool)> {
    let slash = id.iter().rposition(|byte| *byte == b'/');
    let name = &id[slash.map_or(0, |slash| slash + 1)..];
    let mut start = 0;
    let words = name.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'.');
    let words = words.map(move |mut word| {
        let is_joined = start > 0 && name[start - 1] == b'_';
        start += word.len() + 1;
        while let [b'.', rest @ ..] | [rest @ .., b'.'] = word {
            word = rest;
        }
        (word, is_joined)
    });
    words.filter(|(word, _)| !word.is_empty())
}

/// Splits `8x7B` into 8, `7` and a billion; the factor of a word without `x` is 1.
fn split(word: &[u8]) -> Option<(f64, &[u8], f64)> {
    let (unit, count) = word.split_last()?;
    let unit = match unit {
        b'b' | b'B' => 1e9,
        b'm' | b'M' => 1e6,
        _ => return None,
    };
    let (factor, digits) = match split_at(count, |byte| matches!(byte, b'x' | b'X')) {
        Some((factor, digits)) if is_digits(factor) => (number(factor), digits),
        Some(_) => return None,
        None => (1.0, count),
    };
    let (whole, fraction) = split_at(digits, |byte| byte == b'.').unwrap_or((digits, b"0"));
    (is_digits(whole) && is_digits(fraction)).then_some((factor, digits, unit))
}

/// Splits a text at the first such byte.
fn split_at(text: &[u8], is_separator: impl Fn(u8) -> bool) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| is_separator(*byte))?;
    Some((&text[..at], &text[at + 1..]))
}

fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// Parses digits, perhaps with a decimal point.
fn number(digits: &[u8]) -> f64 {
    let text = str::from_utf8(digits).unwrap_or_default();
    text.parse().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sure(id: &str) -> Vec<f64> {
        let sizes = sizes(id.as_bytes()).into_iter();
        let sure = sizes.filter(|size| !size.doubtful);
        sure.map(|size| size.params).collect()
    }

    #[test]
    fn sizes_are_words_of_the_name() {
        assert_eq!(sure("Qwen/Qwen2.5-7B-Instruct"), [7e9]);
        assert_eq!(sure("a/Mixtral-8x7B-v0.1"), [56e9]);
        assert_eq!(sure("a/bloom-560m"), [560e6]);
        assert!(sure("a/Qwen2-1.5b.gguf").is_empty());
        assert_eq!(sure("a/Qwen2-1.5b_gguf"), [1.5e9]);
        assert_eq!(sure("a/Qwen3-30B-A3B"), [30e9]);
        // The decimal point could not be part of the name.
        assert_eq!(sure("a/internlm2-1_8b"), [8e9, 1.8e9]);
        assert_eq!(sure("a/pythia2-8b"), [8e9]);
        assert_eq!(sizes(b"a/pythia2-8b")[1].params, 2.8e9);
        assert_eq!(sizes(b"Qwen/Qwen2.5-7B").len(), 1);
    }

    #[test]
    fn bits_tokens_and_owners_are_not_sizes() {
        let tokens = ["a/x-100M-tokens", "a/x-token-500B"];
        let others = ["a/x-4bit", "a/E4B", "7b/x", "a/b", "a/0b", "a/8xB", "a/1.b"];
        for id in tokens.iter().chain(&others) {
            assert!(sure(id).is_empty(), "{id}");
        }
    }

    #[test]
    fn experts_and_parts_are_recognized() {
        assert!(has_experts(b"meta/Llama-4-Maverick-17B-128E"));
        assert!(has_experts(b"a/Qwen-MoE-7B"));
        assert!(!has_experts(b"a/Qwen-7B"));
        assert!(is_part(b"a/llama-7b-LoRA"));
        assert!(!is_part(b"a/explora-7b"));
    }
}
