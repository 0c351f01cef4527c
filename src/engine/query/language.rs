//! The codes of languages among tags, which the Hub does not mark as such.

/// Returns the tags that are certainly languages: those of two letters, and `multilingual`.
pub fn languages() -> impl Iterator<Item = &'static str> {
    TWO_LETTERS.split(' ')
}

/// Returns true if a text is a code of ISO 639-1 or 639-3, perhaps with a script or region after a
/// hyphen, or `multilingual`.
pub fn is_language(text: &str) -> bool {
    let code = text
        .split('-')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_own = |known: &str| known == code;
    languages().any(is_own)
        || THREE_LETTERS.split_ascii_whitespace().any(is_own) && !OTHERS.contains(&&*code)
}

/// Codes of small languages that mean something else as tags of the Hub: chains of thought, mixtures
/// of experts, and libraries.
const OTHERS: [&str; 5] = ["cot", "mlx", "moe", "trl", "vit"];

/// The codes of ISO 639-3, as its registration authority, SIL International, lists them.
const THREE_LETTERS: &str = include_str!("../../../assets/iso-639-3.txt");

/// The two-letter codes of ISO 639-1 and the tag of models of many languages.
const TWO_LETTERS: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu multilingual";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_lengths_with_scripts_and_regions() {
        for code in ["de", "DE", "yue", "deu", "zh-Hant", "pt-BR", "multilingual"] {
            assert!(is_language(code), "{code}");
        }
        for other in ["", "-", "d", "xx", "qqq", "trl", "moe", "gguf", "english"] {
            assert!(!is_language(other), "{other}");
        }
    }
}
