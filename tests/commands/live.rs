//! What the Hub has now, from a server of its API: `show --live`, `check`, and the explorer's keys.

use std::sync::Mutex;

use serde_json::{Value, json};

use crate::common::file;
use crate::common::program::{Ran, run};
use crate::fetch::Setting;
use crate::server::{Answer, Ask};

const CARD: &str = "---\nlicense: llama3\n---\n# Llama\n\nA [paper](https://arxiv.org/abs/1) and <b>more</b>.\n\n| size | layers |\n|---|---|\n| 8B | 32 |\n";

/// The description of `meta/llama`, of which downloads, likes and the number of children are others
/// than in the file, and the rest is the same.
fn llama() -> Value {
    json!({
        "_id": "0", "id": "meta/llama", "downloads": 60_000, "downloadsAllTime": 1_000_000,
        "likes": 91, "lastModified": "2024-02-10T00:00:00.000Z", "gated": "manual",
        "safetensors": {"parameters": {"BF16": 8_030_000_000_u64}, "total": 8_030_000_064_u64},
        "childrenModelCount": 3, "usedStorage": 32_000_000_000_u64,
        "cardData": {"license": "llama3", "language": ["en", "de"]},
        "siblings": [{"rfilename": "README.md"}],
    })
}

/// The answers of the API; all of `odd/unstated` are refused once for the rate of requests.
fn api(refused: &Mutex<usize>, ask: &Ask) -> Option<Answer> {
    let text = |value: &Value| Answer::Text(String::new(), value.to_string());
    let (path, query) = ask.path.split_once('?').unwrap_or((&ask.path, ""));
    let files = json!([
        {"rfilename": "README.md", "size": 1_000},
        {"rfilename": "llama-Q4_K_M.gguf", "size": 4_900_000_000_u64},
        {"rfilename": "llama-Q8_0-00001-of-00002.gguf", "size": 5_000_000_000_u64},
        {"rfilename": "llama-Q8_0-00002-of-00002.gguf", "size": 3_500_000_000_u64},
    ]);
    Some(match path {
        "/api/models/meta/llama" if query == "blobs=true" => {
            text(&json!({"id": "meta/llama", "siblings": files}))
        }
        "/api/models/meta/llama" => text(&llama()),
        "/api/models/gpt2" => {
            let to = format!("Location: /api/models/openai-community/gpt2?{query}\r\n");
            Answer::Bare(307, to)
        }
        "/api/models/openai-community/gpt2" => {
            text(&json!({"id": "openai-community/gpt2", "downloads": 9_000}))
        }
        "/api/models/ann/llama-ft" => Answer::Bare(404, String::new()),
        "/api/models/bob/llama-GGUF" => Answer::Bare(403, String::new()),
        "/api/models/mrg/three" => Answer::Bare(503, String::new()),
        "/api/models/odd/unstated" => {
            let mut refused = refused.lock().unwrap();
            *refused += 1;
            match *refused {
                1 => Answer::Bare(429, "RateLimit: \"api\";r=0;t=1\r\n".to_owned()),
                _ => text(&json!({"id": "odd/unstated"})),
            }
        }
        "/meta/llama/resolve/main/README.md" => Answer::Text(String::new(), CARD.to_owned()),
        _ => Answer::Bare(404, String::new()),
    })
}

fn hub() -> Setting {
    let refused = Mutex::new(0);
    Setting::new(move |ask| api(&refused, ask))
}

fn data() -> String {
    format!("--data={}", file().display())
}

fn live(hub: &Setting, id: &str, more: &[&str]) -> Ran {
    run(hub.command(&[&["show", id, "--live", &data()], more].concat()))
}

#[test]
fn values_of_now_stand_beside_those_of_the_snapshot() {
    let hub = hub();
    let mut command = hub.command(&["show", "meta/llama", "--live", "--json", &data()]);
    command.env("HF_TOKEN", "secret");
    let ran = run(command);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["downloads"], 50_000);
    let now = &answer["live"];
    assert_eq!(now["downloads"], 60_000);
    assert_eq!(now["last_modified"], "2024-02-10T00:00:00Z");
    assert_eq!(now["gated"], "manual");
    assert_eq!(now["bases"], json!([]));
    assert_eq!(now["card"]["language"], json!(["en", "de"]));
    // Children are ann/llama-ft, bob/llama-GGUF and others of the file, counted by the file itself.
    let children = answer["children"].as_object().unwrap().values();
    let children: i64 = children.map(|count| count.as_i64().unwrap()).sum();
    let mut changed = vec!["downloads", "likes"];
    if children != 3 {
        changed.push("children");
    }
    assert_eq!(answer["changed"], json!(changed));
    let groups = json!([
        {"name": "Q4_K_M", "files": 1, "size": 4_900_000_000_u64},
        {"name": "Q8_0", "files": 2, "size": 8_500_000_000_u64},
        {"name": "other", "files": 1, "size": 1_000},
    ]);
    assert_eq!(now["file_groups"], groups);
    assert_eq!(now["files"].as_array().unwrap().len(), 4);
    let tokens = hub.asked();
    assert!(
        tokens
            .iter()
            .all(|ask| ask.authorization.as_deref() == Some("Bearer secret"))
    );

    let text = live(&hub, "meta/llama", &["--csv"]);
    assert!(
        text.out.contains("\nchanged,downloads likes"),
        "{}",
        text.out
    );
}

#[test]
fn each_refusal_is_a_line_after_the_snapshot() {
    let hub = hub();
    for (id, words) in [
        ("ann/llama-ft", "ann/llama-ft: not on the Hub (404)"),
        (
            "bob/llama-GGUF",
            "bob/llama-GGUF: no access (403); accept its terms at",
        ),
        (
            "odd/unstated",
            "too many requests (429); try again in 1 seconds",
        ),
        ("mrg/three", "mrg/three: server error (503)"),
    ] {
        let ran = live(&hub, id, &["--json"]);
        assert_eq!(ran.code, Some(2), "{id}");
        assert!(ran.err.contains(words), "{}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        let answer: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((&answer["id"], &answer["live"]), (&json!(id), &Value::Null));
    }
    let renamed = live(&hub, "gpt2", &["--json"]);
    assert_eq!(renamed.code, Some(0), "{}", renamed.err);
    assert!(
        renamed
            .err
            .contains("the model is openai-community/gpt2 now")
    );
    let answer: Value = serde_json::from_str(&renamed.out).unwrap();
    assert_eq!(answer["live"]["id"], "openai-community/gpt2");

    let mut offline = hub.command(&["show", "gpt2", "--live", &data()]);
    offline.env("HF_HUB_OFFLINE", "1");
    let offline = run(offline);
    assert_eq!(offline.code, Some(2));
    assert!(
        offline.err.contains("HF_HUB_OFFLINE forbids"),
        "{}",
        offline.err
    );
    assert!(offline.out.contains("gpt2"));
    let mut unreachable = hub.command(&["show", "gpt2", "--live", &data()]);
    unreachable.env("HF_ENDPOINT", "http://127.0.0.1:9");
    let unreachable = run(unreachable);
    assert_eq!(unreachable.code, Some(2));
    assert!(
        unreachable.err.contains("cannot be reached"),
        "{}",
        unreachable.err
    );
}

/// Whatever is asked for, the Hub answers so to a token that has expired.
#[test]
fn a_token_that_is_refused_is_not_a_model_that_is_gone() {
    let hub = Setting::new(|ask| {
        let answer = match ask.authorization {
            Some(_) => Answer::Bare(401, "X-Error-Message: Invalid credentials\r\n".to_owned()),
            None => Answer::Bare(401, "X-Error-Code: RepoNotFound\r\n".to_owned()),
        };
        Some(answer)
    });
    let with = |token: &str, arguments: &[&str]| {
        let mut command = hub.command(&[arguments, &[&data()]].concat());
        command.env("HF_TOKEN", token);
        run(command)
    };
    for arguments in [&["show", "gpt2", "--live"][..], &["check"]] {
        let refused = with("old", arguments);
        assert_eq!(refused.code, Some(2));
        assert!(
            refused.err.contains("the token is refused (401)"),
            "{}",
            refused.err
        );
    }
    let without = with("", &["check", "--json", "--limit", "1"]);
    assert_eq!(without.code, Some(0), "{}", without.err);
    assert!(without.out.contains("\"gone\""), "{}", without.out);
}

#[test]
fn a_model_that_is_newer_than_the_snapshot() {
    let new = json!({"id": "new/model", "downloads": 5, "likes": 1});
    let hub = Setting::new(move |ask| {
        let is_it = ask.path.starts_with("/api/models/new/model?");
        is_it.then(|| Answer::Text(String::new(), new.to_string()))
    });
    let ran = live(&hub, "new/model", &["--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("no model `new/model`"));
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["live"]["downloads"], 5);
    // There is nothing that could have changed.
    assert_eq!(answer["changed"], json!([]));
    let page = "https://huggingface.co/new/model";
    let ids = live(&hub, page, &["--ids"]);
    assert_eq!((ids.code, ids.out.as_str()), (Some(0), "new/model\n"));
    let bad = live(&hub, "new/../../whoami", &[]);
    assert_eq!(bad.code, Some(2));
    assert!(bad.err.contains("not an id of the Hub"), "{}", bad.err);
}

#[test]
fn a_check_names_each_difference() {
    let hub = hub();
    let ran = run(hub.command(&["check", "--json", "--limit=100", &data()]));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("the Hub asks to wait 1 s"), "{}", ran.err);
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    let models = answer["models"].as_array().unwrap();
    let state = |id: &str| {
        let own = models.iter().find(|model| model["id"] == id).unwrap();
        own["state"].as_str().unwrap()
    };
    for (id, expected) in [
        ("meta/llama", "changed"),
        ("gpt2", "renamed"),
        ("ann/llama-ft", "gone"),
        ("bob/llama-GGUF", "no access"),
        ("mrg/three", "unreachable"),
        ("odd/unstated", "changed"),
    ] {
        assert_eq!(state(id), expected, "{id}");
    }
    let llama = models
        .iter()
        .find(|model| model["id"] == "meta/llama")
        .unwrap();
    let downloads = json!({"snapshot": 50_000, "now": 60_000});
    assert_eq!(llama["changes"]["downloads"], downloads);
    let states = answer["states"].as_object().unwrap().values();
    let all: i64 = states.map(|count| count.as_i64().unwrap()).sum();
    assert_eq!(all, i64::try_from(models.len()).unwrap());

    let rows = run(hub.command(&[
        "check",
        "--csv",
        "--limit",
        "1",
        "--where",
        "meta/llama",
        &data(),
    ]));
    assert!(
        rows.out
            .contains("meta/llama,changed,downloads,50000,60000,10000"),
        "{}",
        rows.out
    );
    assert!(
        rows.err.contains("1 models checked: 1 changed"),
        "{}",
        rows.err
    );
    let none = run(hub.command(&["check", "--where", "nothing-like-this", &data()]));
    assert_eq!(none.code, Some(1));
    let mut down = hub.command(&["check", &data()]);
    down.env("HF_ENDPOINT", "http://127.0.0.1:9");
    assert_eq!(run(down).code, Some(2));
}

#[test]
fn the_explorer_asks_only_when_it_is_asked_to() {
    let hub = hub();
    let screen = |keys: &str| {
        let keys = format!("--keys=/^meta/llama$<enter>{keys}");
        let ran = run(hub.command(&["screen", "--size=150x50", &keys, &data()]));
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        ran.out
    };
    let before = screen("4jjk");
    assert!(
        before.contains("meta/llama") && !before.contains("Now on the Hub"),
        "{before}"
    );
    assert_eq!(hub.asked().len(), 0);
    let after = screen("u");
    for words in [
        "Now on the Hub",
        "60,000 (+10,000, +20%)",
        "Q4_K_M 4.9 GB · Q8_0 8.5 GB",
        "en, de",
    ] {
        assert!(after.contains(words), "{words}\n{after}");
    }
    let card = screen("K<tab>");
    for words in [
        "Model card of meta/llama",
        "A paper[1] and more.",
        "8B    32",
        "[1] https://arxiv.org/abs/1",
    ] {
        assert!(card.contains(words), "{words}\n{card}");
    }
    assert!(!card.contains("license: llama3"), "{card}");
    let opened = screen("K<tab><enter>");
    assert!(opened.contains("https://arxiv.org/abs/1"));
    let none = screen("<esc>/^gpt2$<enter>K");
    assert!(
        none.contains("not on the Hub") || none.contains("no card"),
        "{none}"
    );
}

/// A card is a stranger's text.
#[test]
fn only_pages_are_opened() {
    let hub = Setting::new(|ask| {
        let card = "[a](file:///etc/passwd) [b](x.md) [c](JavaScript:alert(1)) [d](HTTPS://x.y)";
        let is_card = ask.path.ends_with("README.md");
        is_card.then(|| Answer::Text(String::new(), card.to_owned()))
    });
    let opened = |keys: &str| {
        let keys = format!("--keys=/^gpt2$<enter>K{keys}<enter>");
        let ran = run(hub.command(&["screen", "--size=100x12", &keys, &data()]));
        ran.out.lines().last().unwrap().to_owned()
    };
    assert!(opened("<tab>").contains("Not opened: file:///etc/passwd"));
    assert!(opened("<tab><tab><tab>").contains("Not opened: JavaScript"));
    for keys in ["<tab><tab>", "<backtab>"] {
        assert!(!opened(keys).contains("Not opened"), "{keys}");
    }
}

#[test]
fn the_card_of_the_file_is_in_the_details() {
    let hub = hub();
    let ran = run(hub.command(&["show", "gpt2", "--json", &data()]));
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["card"], json!({"license": "gpl"}));
    assert_eq!(hub.asked().len(), 0);
}
