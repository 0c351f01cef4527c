//! Servers, disks and arguments that are not as they should be.

use super::*;

#[test]
fn refusals_say_what_to_try() {
    let cases: [(u16, &str, &[&str]); 8] = [
        (
            401,
            "",
            &[
                "no access to it (401)",
                "accept its terms at http://127.0.0.1",
                "HF_TOKEN",
            ],
        ),
        (403, "", &["no access (403)", "HF_TOKEN"]),
        (
            404,
            "",
            &[
                "no models.parquet there (404)",
                "/tree/main/models",
                "--date",
            ],
        ),
        (
            429,
            "Retry-After: 17\r\n",
            &["too many requests (429)", "in 17 seconds"],
        ),
        (429, "Retry-After: Tue\r\n", &["try again later"]),
        (
            429,
            "RateLimit: \"api\";r=0;t=55\r\n",
            &["too many requests (429)", "in 55 seconds"],
        ),
        (503, "Retry-After: 9\r\n", &["try again in 9 seconds"]),
        (503, "", &["(503)", "try again later", "--date"]),
    ];
    for late in [false, true] {
        for (status, headers, words) in cases {
            let hub = Setting::new(move |ask| {
                (is_get(ask) == late).then(|| Answer::Bare(status, headers.to_owned()))
            });
            hub.failed(&hub.fetch(), &[&["cfahlgren1/hub-stats"], words].concat());
        }
    }
}

#[test]
fn another_dataset_suggests_hub_stats() {
    let hub = Setting::new(|_| Some(Answer::Bare(404, String::new())));
    let ran = run(hub.command(&[
        "fetch",
        "--columns",
        "all",
        "--from",
        "a/b",
        "--date",
        "2026-01-05",
    ]));
    let words = [
        "a/b: no models/2026-01-05/models.parquet",
        "--from cfahlgren1/hub-stats",
    ];
    hub.failed(&ran, &words);
}

#[test]
fn a_server_without_the_headers_of_the_hub() {
    let whole = "Content-Length: 10\r\n";
    let cases = [
        (format!("{whole}ETag: \"e\"\r\n"), "commit"),
        (format!("{whole}X-Repo-Commit: c\r\n"), "ETag"),
        (
            format!("{whole}X-Repo-Commit: ../../c\r\nETag: \"e\"\r\n"),
            "commit",
        ),
        (
            format!("{whole}X-Repo-Commit: c\r\nETag: \"../e\"\r\n"),
            "ETag",
        ),
        ("X-Repo-Commit: c\r\nETag: \"e\"\r\n".to_owned(), "length"),
        (
            "X-Repo-Commit: c\r\nETag: \"e\"\r\nContent-Length: 0\r\n".to_owned(),
            "length",
        ),
        (
            format!("{whole}X-Repo-Commit: c\r\nX-Linked-ETag: \"e\"\r\nX-Linked-Size: 0\r\n"),
            "length",
        ),
    ];
    for (headers, missing) in cases {
        let hub = Setting::new(move |_| Some(Answer::Bare(200, headers.clone())));
        let words = [&format!("without a valid {missing}"), "HF_ENDPOINT"];
        hub.failed(&hub.fetch(), &words);
    }
    let to_itself = |ask: &Ask| Some(Answer::Bare(307, format!("Location: {}\r\n", ask.path)));
    let hub = Setting::new(to_itself);
    hub.failed(&hub.fetch(), &["end of redirects"]);
}

#[test]
fn an_unreachable_server() {
    let hub = Setting::new(|_| None);
    let mut command = hub.command(&["fetch", "--columns", "all"]);
    // A port that was free a moment ago, and that nobody is reported of.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", port.local_addr().unwrap());
    drop(port);
    command.env("HF_ENDPOINT", &address);
    hub.failed(
        &run(command),
        &["cannot be reached", &address, "check the network"],
    );
    let mut command = hub.command(&["fetch", "--columns", "all"]);
    command.env("HF_HUB_OFFLINE", "1");
    hub.failed(&run(command), &["HF_HUB_OFFLINE", "unset"]);
    assert!(hub.server.asked().is_empty());
}

#[test]
fn another_length_than_announced() {
    let longer =
        |ask: &Ask| is_get(ask).then(|| Answer::Bare(200, "Content-Length: 9\r\n".to_owned()));
    let beyond = |ask: &Ask| is_get(ask).then(|| Answer::Bare(416, String::new()));
    let endless = |ask: &Ask| is_get(ask).then_some(Answer::Endless);
    let words = ["models.parquet does not have the length", "try again"];
    for hub in [
        Setting::new(longer),
        Setting::new(beyond),
        Setting::new(endless),
    ] {
        hub.failed(&hub.fetch(), &words);
        assert!(!hub.part().exists());
    }
}

/// Right in length, wrong in one byte: not kept, and not in the way of the next try.
#[test]
fn wrong_bytes_are_not_kept() {
    let tries = AtomicUsize::new(0);
    let hub = Setting::new(move |ask| {
        let is_first = ask.path == "/bytes" && tries.fetch_add(1, Ordering::Relaxed) == 0;
        is_first.then_some(Answer::Wrong)
    });
    hub.failed(
        &hub.fetch(),
        &["models.parquet does not have the SHA-256", "try again"],
    );
    assert!(!hub.part().exists());
    hub.arrived(&hub.fetch());

    // What is there of a partial file is hashed, too, whether it is resumed or complete.
    for length in [1_000, hub.bytes.len()] {
        let hub = Setting::new(|_| None);
        let mut begun = hub.bytes[..length].to_vec();
        begun[500] ^= 1;
        fs::create_dir_all(hub.part().parent().unwrap()).unwrap();
        fs::write(hub.part(), begun).unwrap();
        hub.failed(&hub.fetch(), &["does not have the SHA-256", "was removed"]);
        assert!(!hub.part().exists());
        hub.arrived(&hub.fetch());
    }
}

#[test]
fn a_full_disk() {
    let huge = format!(
        "X-Repo-Commit: c\r\nETag: \"e\"\r\nContent-Length: {}\r\n",
        u64::MAX / 4
    );
    let hub = Setting::new(move |_| Some(Answer::Bare(200, huge.clone())));
    hub.failed(&hub.fetch(), &["to download", "free;", "HF_HUB_CACHE"]);
    assert_eq!(hub.server.asked().len(), 1);
}

/// A disk that is full by a limit, which ends a program that does not ignore its signal.
#[test]
fn a_limit_of_file_sizes() {
    let hub = Setting::new(|_| None);
    let mut limited = Command::new("sh");
    // In units of 512 bytes.
    limited.args(["-c", "ulimit -f 8 && exec \"$0\" \"$@\""]);
    let limited = through(limited, &hub.command(&["fetch", "--columns", "all"]));
    hub.failed(
        &run(limited),
        &["hub-stats", "is the disk full?", "to resume"],
    );
    assert!(fs::read(hub.part()).unwrap() == hub.bytes[..4_096]);
    hub.arrived(&hub.fetch());
}

#[test]
fn a_cache_that_cannot_be_written() {
    let hub = Setting::new(|_| None);
    fs::write(hub.at("file"), "").unwrap();
    let mut command = hub.command(&["fetch", "--columns", "all"]);
    command.env("HF_HUB_CACHE", hub.at("file"));
    hub.failed(
        &run(command),
        &["file", "cannot be written", "HF_HUB_CACHE"],
    );
}

#[test]
fn malformed_names_and_days() {
    for arguments in [
        ["--from", "../x"],
        ["--from", "stats"],
        ["--date", "2026-02-30"],
    ] {
        let hub = Setting::new(|_| None);
        let ran = run(hub.command(&[&["fetch", "--columns", "all"][..], &arguments].concat()));
        assert_eq!(ran.code, Some(2));
        assert!(ran.err.contains(arguments[1]), "{}", ran.err);
        assert!(hub.server.asked().is_empty());
    }
}
