//! Days of the daily history and of the weekly archive.

use super::*;

const WEEKLY: &str = "hfmlsoc/hub_weekly_snapshots";
const DAILY: &str = "cfahlgren1/hub-stats";

/// The Hub with two weeks, on two pages, and three commits on two days; other weeks are missing.
fn hub() -> Setting {
    Setting::new(|ask| {
        let commit = |id: &str, date: &str| {
            format!(r#"{{"id":"{id}","title":"x","authors":[],"date":"{date}"}}"#)
        };
        let week = |day: &str| {
            format!(r#"[{{"type":"directory","oid":"0","size":0,"path":"models/{day}"}}]"#)
        };
        let tree = format!("/api/datasets/{WEEKLY}/tree/main/models");
        let next = format!(
            "Link: <http://{}{tree}?cursor=2>; rel=\"next\"\r\n",
            ask.host
        );
        let path = ask.path.as_str();
        if path == tree {
            return Some(Answer::Text(next, week("2026-05-04")));
        }
        if path == format!("{tree}?cursor=2") {
            return Some(Answer::Text(String::new(), week("2026-05-11")));
        }
        if path == format!("/api/datasets/{DAILY}/commits/main") {
            let commits = [
                commit("c3", "2026-05-13T21:00:00.000Z"),
                commit("c2", "2026-05-12T09:00:00.000Z"),
                commit("c1", "2026-05-12T08:00:00.000Z"),
            ];
            return Some(Answer::Text(
                String::new(),
                format!("[{}]", commits.join(",")),
            ));
        }
        let is_week = path.contains("/models/2026-");
        let is_there = path.contains("/2026-05-04/") || path.contains("/2026-05-11/");
        let missing = path.starts_with("/api/") || is_week && !is_there;
        missing.then(|| Answer::Bare(404, String::new()))
    })
}

#[test]
fn days_are_listed() {
    let hub = hub();
    let days = |from: &[&str]| {
        let ran = run(hub.command(&[&["fetch", "--list"], from].concat()));
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        ran.out
    };
    let header = "day\tdataset\tfile\trevision\n";
    let weeks = format!(
        "2026-05-04\t{WEEKLY}\tmodels/2026-05-04/models.parquet\t\n2026-05-11\t{WEEKLY}\tmodels/2026-05-11/models.parquet\t\n"
    );
    let commits = format!(
        "2026-05-12\t{DAILY}\tmodels.parquet\tc2\n2026-05-13\t{DAILY}\tmodels.parquet\tc3\n"
    );
    assert_eq!(days(&[]), format!("{header}{weeks}{commits}"));
    assert_eq!(days(&["--from", WEEKLY]), format!("{header}{weeks}"));
    assert_eq!(days(&["--from", DAILY]), format!("{header}{commits}"));
    let none = run(hub.command(&["fetch", "--list", "--from", "a/b"]));
    assert_eq!(none.code, Some(2));
    assert!(none.err.contains("a/b"), "{}", none.err);
}

#[test]
fn all_days_since_one_are_fetched() {
    for (arguments, days) in [
        (
            &["--since", "2026-05"][..],
            &["2026-05-04", "2026-05-11", "2026-05-12", "2026-05-13"][..],
        ),
        (
            &["--since", "2026-05", "--every", "week"],
            &["2026-05-04", "2026-05-13"],
        ),
        (&["--since", "1d"], &["2026-05-12", "2026-05-13"]),
        (&["--since", "2d", "--from", WEEKLY], &["2026-05-11"]),
    ] {
        let hub = hub();
        let ran = run(hub.command(&[&["fetch"], arguments].concat()));
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert_eq!(ran.out.lines().count(), days.len(), "{}", ran.out);
        let said = ran.err.lines().filter(|line| !line.contains("up to date"));
        let named: Vec<&str> = said.map(|line| line.rsplit(' ').next().unwrap()).collect();
        assert_eq!(named, days, "{arguments:?}");
    }
}

#[test]
fn the_nearest_day_is_fetched_and_named() {
    for (asked, nearest, path) in [
        ("2026-05-04", None, "models/2026-05-04"),
        ("2026-05-06", Some("2026-05-04"), "models/2026-05-04"),
        (
            "2026-06-30",
            Some("2026-05-13"),
            "resolve/c3/models.parquet",
        ),
    ] {
        let hub = hub();
        let ran = run(hub.command(&["fetch", "--date", asked]));
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let said = nearest.map(|day| format!("no file of {asked}; the nearest is of {day}"));
        assert_eq!(ran.err.is_empty(), said.is_none(), "{}", ran.err);
        assert!(ran.err.contains(&said.unwrap_or_default()), "{}", ran.err);
        assert!(
            hub.server.asked().iter().any(|ask| ask.path.contains(path)),
            "{asked}"
        );
        let file = Path::new(ran.out.trim_end());
        // One of the daily history is as old as its day, and so not the newest.
        let modified: chrono::DateTime<chrono::Utc> =
            file.metadata().unwrap().modified().unwrap().into();
        let is_old = modified.date_naive().to_string() == "2026-05-13";
        assert_eq!(is_old, path.starts_with("resolve"), "{modified}");
    }
    // Where the list does not help, the first refusal counts.
    let hub = Setting::new(|_| Some(Answer::Bare(404, String::new())));
    let ran = run(hub.command(&["fetch", "--date", "2026-05-06"]));
    hub.failed(&ran, &["no models/2026-05-06/models.parquet there (404)"]);
}
