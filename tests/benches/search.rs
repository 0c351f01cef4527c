//! What typing costs: 60 queries typed letter by letter and erased again, on a synthetic hub of the
//! report's 2,161,698 models; and the same words through nucleo-matcher over the same ids in the
//! same run, on the same cores. `cargo bench --bench search`; prints tables.

mod hubs;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hubscope::engine::Hub;
use hubscope::engine::query::ast::Query;
use hubscope::engine::query::keys::FilterKey;
use hubscope::engine::query::parse::parse;
use hubscope::engine::search::facets;
use hubscope::engine::search::hits::Hits;
use hubscope::engine::search::searcher::Searcher;
use hubscope::engine::table::order::Order;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use rayon::prelude::*;

/// As in the program.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Names, parts of names, several words, misspellings, operators and tests.
const QUERIES: [&str; 60] = [
    "llama",
    "qwen3-vl-8b-instruct",
    "bert",
    "gpt2",
    "mistral 7b",
    "all-minilm-l6-v2",
    "deepseek-r1",
    "gemma 2 gguf",
    "whisper large",
    "stable diffusion",
    "meta-llama/Llama-3.1-8B-Instruct",
    "instruct",
    "lora",
    "phi-3 mini",
    "qwn3vl",
    "lama 8b",
    "mxtral",
    "sentence transformers",
    "roberta base",
    "distilbert uncased",
    "bge-m3",
    "e5 large",
    "clip vit",
    "yolo",
    "t5 small",
    "falcon 40b",
    "vicuna 13b",
    "zephyr",
    "olmo",
    "smollm",
    "codellama python",
    "starcoder",
    "wizardcoder",
    "tinyllama chat",
    "nous hermes",
    "dolphin mixtral",
    "Qwen2.5",
    "Llama 70B",
    "GGUF Q4_K_M",
    "awq",
    "gptq 4bit",
    "mlx 4bit",
    "^meta-llama",
    "gguf$",
    "'8b llama",
    "llama !gguf",
    "qwen|llama instruct",
    "~qwn8b",
    "zzzz",
    "translation en de",
    "sentiment",
    "ner",
    "summarization",
    "speech recognition",
    "llama task:text-generation",
    "params:7B..15B",
    "author:google bert",
    "license:apache-2.0 likes:>100",
    "tag:conversational qwen",
    "llama relation:quantized downloads:>1K",
];

fn main() {
    let hub = hubs::hub(2_161_698);
    let steps = steps();
    println!(
        "{} models, {} steps of typing and erasing\n",
        hub.models.len(),
        steps.len()
    );
    memory(&hub);
    // `cargo bench --bench search -- stopping` does only that.
    if std::env::args().all(|argument| argument != "stopping") {
        let typed = typing(&hub, &steps);
        let alone = alone(&hub, &steps);
        against_nucleo(&hub, &typed, &alone);
        choosing(&hub);
    }
    stopping(&hub);
}

/// A text in the query line, and whether it is words only.
struct Step {
    text: String,
    query: Query,
    plain: bool,
}

/// Every query as it grows and shrinks; a text that is no query yet is not asked.
fn steps() -> Vec<Step> {
    let mut steps = Vec::new();
    for query in QUERIES {
        let ends: Vec<usize> = query
            .char_indices()
            .map(|(at, c)| at + c.len_utf8())
            .collect();
        for &end in ends.iter().chain(ends.iter().rev().skip(1)) {
            let text = &query[..end];
            if let Ok(parsed) = parse(text) {
                steps.push(Step {
                    text: text.to_owned(),
                    plain: parsed.query.filters.is_empty(),
                    query: parsed.query,
                });
            }
        }
    }
    steps
}

/// What is kept beside the frame's columns.
fn memory(hub: &Hub) {
    let models = hub.models.len();
    let parts = [
        ("ids and letters", hub.id_index.bytes()),
        ("tags", hub.tags.bytes()),
        ("order by downloads", hub.by_downloads.len() * 4),
    ];
    let mut all = 0;
    for (name, bytes) in parts {
        all += bytes;
        println!(
            "index: {name:20} {bytes:>11} bytes, {:5.1} a model",
            per(bytes, models)
        );
    }
    println!(
        "index: {:20} {all:>11} bytes, {:5.1} a model\n",
        "all",
        per(all, models)
    );
}

/// The time to the first page and to complete counts, a step at a time.
fn typing(hub: &Hub, steps: &[Step]) -> Vec<Duration> {
    let mut searcher = Searcher::default();
    let never = AtomicBool::new(false);
    let mut first = Vec::new();
    let mut whole = Vec::new();
    for step in steps {
        let start = Instant::now();
        let mut early = None;
        let mut preview = |_| {
            early.get_or_insert(start.elapsed());
        };
        let preview: Option<&mut dyn FnMut(Hits)> = Some(&mut preview);
        let hits = searcher.search(hub.corpus(), &step.query, Order::default(), &never, preview);
        let end = start.elapsed();
        std::hint::black_box(hits);
        first.push(early.unwrap_or(end));
        whole.push(end);
    }
    slowest(steps, &first, "first page");
    slowest(steps, &whole, "complete");
    reported("typed: first page", first);
    reported("typed: complete", whole.clone());
    whole
}

/// The same without anything remembered from the step before.
fn alone(hub: &Hub, steps: &[Step]) -> Vec<Duration> {
    let never = AtomicBool::new(false);
    let one = |step: &Step| {
        let start = Instant::now();
        let mut searcher = Searcher::default();
        let found = searcher.search(
            hub.corpus(),
            &step.query,
            Order::default(),
            &never,
            Some(&mut |_| {}),
        );
        let end = start.elapsed();
        std::hint::black_box(found);
        end
    };
    let times: Vec<Duration> = steps.iter().map(one).collect();
    reported("alone: complete", times.clone());
    times
}

fn against_nucleo(hub: &Hub, typed: &[Duration], alone: &[Duration]) {
    let steps = steps();
    let ids: Vec<&str> = hub.models.ids().collect();
    let mut nucleo = Vec::new();
    let mut ratios = [Vec::new(), Vec::new()];
    let mut worst = [const { (f64::MAX, "") }; 2];
    let mut seen = HashSet::new();
    for (at, step) in steps.iter().enumerate() {
        // What is erased has been typed before.
        if !step.plain || !seen.insert(step.text.as_str()) {
            continue;
        }
        let start = Instant::now();
        std::hint::black_box(by_nucleo(&ids, &step.text));
        let time = start.elapsed();
        nucleo.push(time);
        for (which, own) in [typed[at], alone[at]].into_iter().enumerate() {
            let ratio = time.as_secs_f64() / own.as_secs_f64();
            ratios[which].push(ratio);
            if ratio < worst[which].0 {
                worst[which] = (ratio, &step.text);
            }
        }
    }
    reported("nucleo-matcher: complete", nucleo);
    for (which, (mut list, name)) in ratios.into_iter().zip(["typed", "alone"]).enumerate() {
        list.sort_by(f64::total_cmp);
        let at = |share: usize| list[(list.len() - 1) * share / 100];
        println!(
            "hubscope {name}, times as fast as nucleo-matcher: least {:.2} (`{}`), 1 % {:.2}, 10 % {:.2}, median {:.1}, 90 % {:.1}",
            at(0),
            worst[which].1,
            at(1),
            at(10),
            at(50),
            at(90)
        );
    }
    println!();
}

/// All ids that nucleo's patterns match, the best score first. It takes `|` for a letter like others:
/// so that it finds what is asked for, it gets a pattern for each alternative, and the better score
/// counts.
fn by_nucleo(ids: &[&str], text: &str) -> Vec<(u32, usize)> {
    let pattern = |text: &str| Pattern::parse(text, CaseMatching::Smart, Normalization::Never);
    if !text.contains('|') {
        let pattern = pattern(text);
        return scored(ids, |id, matcher| pattern.score(id, matcher));
    }
    let words = text.split(' ').map(|word| word.split('|').map(pattern));
    let words: Vec<Vec<Pattern>> = words.map(Iterator::collect).collect();
    scored(ids, |id, matcher| {
        let scores = words.iter().map(|any| {
            let scores = any.iter().filter_map(|p| p.score(id, matcher));
            scores.max()
        });
        scores.sum()
    })
}

/// All ids that have a score, on as many cores as hubscope has.
fn scored(
    ids: &[&str],
    score: impl Fn(Utf32Str<'_>, &mut Matcher) -> Option<u32> + Sync,
) -> Vec<(u32, usize)> {
    let mut found: Vec<(u32, usize)> = ids
        .par_chunks(32_768)
        .enumerate()
        .flat_map_iter(|(chunk, ids)| {
            let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
            let mut letters = Vec::new();
            let one = |(at, id): (usize, &&str)| {
                let id = Utf32Str::new(id, &mut letters);
                Some((score(id, &mut matcher)?, chunk * 32_768 + at))
            };
            ids.iter().enumerate().filter_map(one).collect::<Vec<_>>()
        })
        .collect();
    found.par_sort_unstable_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
    found
}

/// How long work goes on after it is reported to stop. Each query is stopped three times, and the middle
/// time counts: a machine that gives its cores to others for milliseconds would be all that is seen.
fn stopping(hub: &Hub) {
    let (mut times, mut slow, mut all) = (Vec::new(), Vec::new(), Vec::new());
    let orders = Order::fields().map(|info| format!("llama sort:{}", info.name));
    let texts: Vec<String> = QUERIES
        .map(str::to_owned)
        .into_iter()
        .chain(orders)
        .collect();
    for (at, text) in texts.iter().enumerate() {
        let query = parse(text).unwrap().query;
        let delay = Duration::from_micros(500 + 400 * (at as u64 % 20));
        let mut tries: Vec<Duration> = (0..3).filter_map(|_| stop(hub, &query, delay)).collect();
        tries.sort_unstable();
        all.extend(&tries);
        if let [_, middle, ..] = tries.as_slice() {
            slow.push((*middle, text.as_str()));
            times.push(*middle);
        }
    }
    println!(
        "stopped {} of {} searches while they worked",
        times.len(),
        texts.len()
    );
    reported_times("time to stop", times);
    reported_times("each of the three", all);
    slow.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    let slowest = slow
        .iter()
        .take(6)
        .map(|(time, text)| format!("{text} {time:.1?}"));
    println!(
        "slowest to stop: {}",
        slowest.collect::<Vec<_>>().join(" · ")
    );
}

/// How long a search that is reported to stop after a while goes on; nothing where it was done by then.
fn stop(hub: &Hub, query: &Query, after: Duration) -> Option<Duration> {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let work = scope.spawn(|| {
            let mut searcher = Searcher::default();
            let order = query.sort.unwrap_or_default();
            let found = searcher.search(hub.corpus(), query, order, &stop, Some(&mut |_| {}));
            (found.is_none(), Instant::now())
        });
        thread::sleep(after);
        let reported = Instant::now();
        stop.store(true, Ordering::Relaxed);
        let (stopped, end) = work.join().unwrap();
        stopped.then(|| end.saturating_duration_since(reported))
    })
}

/// The words to choose from, of each key, over a third of the hub.
fn choosing(hub: &Hub) {
    let never = AtomicBool::new(false);
    let query = parse("a !b").unwrap().query;
    let set = Searcher::default()
        .matching(hub.corpus(), &query, &never)
        .unwrap();
    println!("\npickers over {} models", set.count());
    for key in FilterKey::FACETS {
        let times = (0..10).map(|_| {
            let start = Instant::now();
            std::hint::black_box(facets::values(hub.corpus(), key, &set, 2_000));
            start.elapsed()
        });
        reported_times(key.info().name, times.collect());
    }
}

fn slowest(steps: &[Step], times: &[Duration], name: &str) {
    let mut all: Vec<(&Duration, &Step)> = times.iter().zip(steps).collect();
    all.sort_by_key(|(time, _)| std::cmp::Reverse(**time));
    let worst: Vec<String> = all
        .iter()
        .take(24)
        .map(|(t, s)| format!("{} {:.1}", s.text, t.as_secs_f64() * 1e3))
        .collect();
    println!("slowest {name} (ms): {}", worst.join(" · "));
}

fn reported(name: &str, times: Vec<Duration>) {
    reported_times(name, times);
}

fn reported_times(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |permille: usize| times[(times.len() - 1) * permille / 1000].as_secs_f64() * 1e3;
    println!(
        "{name:26} median {:7.2} ms, p90 {:7.2}, p99 {:7.2}, most {:7.2}",
        at(500),
        at(900),
        at(990),
        at(1000)
    );
}

#[expect(clippy::cast_precision_loss, reason = "reported to a tenth")]
fn per(bytes: usize, models: usize) -> f64 {
    bytes as f64 / models as f64
}
