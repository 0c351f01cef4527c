//! Addresses of models as people paste them: pages of the Hub, and what other programs call them.

/// The beginnings of addresses of the Hub.
const HOSTS: [&str; 8] = [
    "https://huggingface.co/",
    "http://huggingface.co/",
    "https://www.huggingface.co/",
    "https://hf.co/",
    "huggingface.co/",
    "hf.co/",
    "hf://models/",
    "hf://",
];

/// Returns the id of the model that an address of the Hub names, such as
/// `https://huggingface.co/google/gemma-7b/tree/main` or `hf.co/bartowski/x-GGUF:Q4_K_M`; `None` for any
/// other text.
pub fn id_of_address(text: &str) -> Option<String> {
    let start = |host: &&str| {
        let head = text.get(..host.len())?;
        head.eq_ignore_ascii_case(host).then(|| &text[host.len()..])
    };
    let path = HOSTS.iter().find_map(start)?;
    let path = path.split(['?', '#', ':', '@']).next().unwrap_or_default();
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    match (parts.next()?, parts.next()) {
        ("datasets" | "spaces" | "papers" | "docs" | "models", _) => None,
        (owner, Some(name)) => Some(format!("{owner}/{name}")),
        // The oldest models have no owner.
        (name, None) => Some(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_every_kind() {
        for (address, id) in [
            ("https://huggingface.co/google/gemma-7b", "google/gemma-7b"),
            (
                "https://huggingface.co/google/gemma-7b/tree/main?x=1",
                "google/gemma-7b",
            ),
            ("HTTPS://HuggingFace.co/gpt2#model", "gpt2"),
            ("hf.co/bartowski/x-GGUF:Q4_K_M", "bartowski/x-GGUF"),
            ("hf://google/gemma-7b@main/config.json", "google/gemma-7b"),
            ("hf://models/gpt2", "gpt2"),
        ] {
            assert_eq!(id_of_address(address).as_deref(), Some(id), "{address}");
        }
        for other in [
            "google/gemma-7b",
            "https://example.org/a/b",
            "hf.co/",
            "hf.co/datasets/a/b",
            "hf.c",
        ] {
            assert_eq!(id_of_address(other), None, "{other}");
        }
    }
}
