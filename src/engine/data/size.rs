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
    // Most state none, and need not be read as text.
    let text = may_state_size(id).then(|| std::str::from_utf8(id));
    let Some(Ok(id)) = text else {
        return sizes;
    };
    let mut words = words(id).peekable();
    let mut before = "";
    while let Some((word, joined)) = words.next() {
        let next = words.peek().map_or("", |(next, _)| *next);
        if let Some((times, digits, unit)) = split(word)
            && !is_one_of(&OTHERS, before)
            && !is_one_of(&OTHERS, next)
        {
            let mut add = |read: &str, doubtful| {
                let params = read.parse::<f64>().unwrap_or(0.0) * times * unit;
                let size = Size {
                    word,
                    params,
                    doubtful,
                };
                sizes.extend(Some(size).filter(|size| size.params > 0.0));
            };
            add(digits, false);
            let letters = before.trim_end_matches(|c: char| c.is_ascii_digit());
            if letters.len() < before.len() && !before.contains('.') {
                let fraction = format!("{}.{digits}", &before[letters.len()..]);
                add(&fraction, !(joined && letters.is_empty()));
            }
        }
        before = word;
    }
    sizes
}

/// Whether a unit stands behind a digit somewhere: what most other names are told by in no time.
fn may_state_size(id: &[u8]) -> bool {
    let pairs = id.windows(2);
    let mut pairs = pairs.map(|pair| (pair[0], pair[1].to_ascii_lowercase()));
    pairs.any(|(digit, unit)| digit.is_ascii_digit() && matches!(unit, b'b' | b'm'))
}

/// Whether the name tells of a mixture of experts, of which it often states the size of one or of
/// those in use.
pub fn has_experts(id: &str) -> bool {
    words(id).any(|(word, _)| word.eq_ignore_ascii_case("moe") || is_experts(word))
}

/// Whether the name tells of a part that is put onto a model of the size it states: an adapter, or a
/// head that drafts.
pub fn is_part(id: &str) -> bool {
    words(id).any(|(word, _)| is_one_of(&PARTS, word))
}

fn is_one_of(all: &[&str], word: &str) -> bool {
    all.iter().any(|one| one.eq_ignore_ascii_case(word))
}

/// The stretches of letters and digits of what follows the slash, with the points inside them, and
/// whether each is joined to the one before by `_`.
fn words(id: &str) -> impl Iterator<Item = (&str, bool)> {
    let name = id.rsplit('/').next().unwrap_or(id);
    let joined = name.split(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_');
    let words = joined.flat_map(|some| some.split('_').enumerate());
    words
        .map(|(at, word)| (word.trim_matches('.'), at > 0))
        .filter(|(word, _)| !word.is_empty())
}

/// `8x7B` as 8, `7` and a billion; a word without times is one.
fn split(word: &str) -> Option<(f64, &str, f64)> {
    let unit = match word.as_bytes().last()? {
        b'b' | b'B' => 1e9,
        b'm' | b'M' => 1e6,
        _ => return None,
    };
    let number = &word[..word.len() - 1];
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (times, digits) = match number.split_once(['x', 'X']) {
        Some((times, digits)) if is_digits(times) => (times.parse().ok()?, digits),
        Some(_) => return None,
        None => (1.0, number),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    (is_digits(whole) && is_digits(fraction)).then_some((times, digits, unit))
}

/// `128E`: so many experts.
fn is_experts(word: &str) -> bool {
    let number = word.strip_suffix(['e', 'E']).unwrap_or_default();
    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_words_of_the_name() {
        let sizes = |id| -> Vec<f64> {
            let sure = super::sizes(str::as_bytes(id))
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
        assert_eq!(super::sizes(b"a/pythia2-8b")[1].params, 2.8e9);
        assert_eq!(super::sizes(b"Qwen/Qwen2.5-7B").len(), 1);
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
        assert!(has_experts("meta/Llama-4-Maverick-17B-128E"));
        assert!(has_experts("a/Qwen-MoE-7B"));
        assert!(!has_experts("a/Qwen-7B"));
        assert!(is_part("a/llama-7b-LoRA"));
        assert!(!is_part("a/explora-7b"));
    }
}
