//! Columns instead of the whole file.

use polars::prelude::*;

use super::*;

impl Setting {
    fn thin(&self) -> PathBuf {
        self.at(&format!(
            "xdg/hubscope/hub/{FOLDER}/snapshots/{COMMIT}/models.parquet"
        ))
    }

    fn fetch_columns(&self, arguments: &[&str]) -> Ran {
        run(self.command(&[&["fetch"], arguments].concat()))
    }
}

fn frame(path: &Path) -> DataFrame {
    let file = fs::File::open(path).unwrap();
    ParquetReader::new(file).finish().unwrap()
}

/// The columns of the test's file that no field is read from.
const UNREAD: [&str; 1] = ["cardData"];

#[test]
fn columns_arrive_once_and_are_found() {
    let hub = Setting::new(|_| None);
    let ran = hub.fetch_columns(&[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert_eq!(Path::new(ran.out.trim_end()), hub.thin());
    let (thin, whole) = (frame(&hub.thin()), frame(&file()));
    assert_eq!(thin.height(), whole.height());
    for column in thin.columns() {
        assert!(!UNREAD.contains(&column.name().as_str()));
    }
    for column in ["id", "downloads", "likes", "tags"] {
        let (own, of_whole) = (thin.column(column).unwrap(), whole.column(column).unwrap());
        assert!(own.equals_missing(of_whole), "{column}");
    }
    // Nothing lies where other programs expect whole files.
    assert!(!hub.at(FOLDER).exists());

    let again = hub.fetch_columns(&[]);
    assert!(again.err.contains("up to date"), "{}", again.err);
    assert_eq!(again.out, ran.out);

    // It is what opens, with the same answers.
    let ids = |data: &[&str]| {
        let search = ["search", "", "--limit", "50", "--ids"];
        let ran = run(hub.command(&[&search[..], data].concat()));
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        ran.out
    };
    assert_eq!(ids(&[]), ids(&["--data", file().to_str().unwrap()]));
}

#[test]
fn a_damaged_thin_file_is_downloaded_again() {
    let hub = Setting::new(|_| None);
    hub.fetch_columns(&[]);
    let verified = hub.fetch_columns(&["--verify"]);
    assert!(
        verified.err.contains("is as it was downloaded"),
        "{}",
        verified.err
    );
    let mut bytes = fs::read(hub.thin()).unwrap();
    let good = bytes.clone();
    bytes[100] ^= 1;
    fs::write(hub.thin(), &bytes).unwrap();
    let mut offline = hub.command(&["fetch", "--verify"]);
    offline.env("HF_HUB_OFFLINE", "1");
    let offline = run(offline);
    assert_eq!(offline.code, Some(2));
    assert!(offline.err.contains("with a network"), "{}", offline.err);
    let mended = hub.fetch_columns(&["--verify"]);
    assert!(mended.err.contains("was damaged"), "{}", mended.err);
    assert!(fs::read(hub.thin()).unwrap() == good);
}

#[test]
fn without_a_network_what_is_there_is_printed() {
    let hub = Setting::new(|_| None);
    let offline = || {
        let mut command = hub.command(&["fetch"]);
        command.env("HF_HUB_OFFLINE", "1");
        run(command)
    };
    let none = offline();
    assert_eq!((none.code, none.out.as_str()), (Some(2), ""));
    hub.fetch_columns(&[]);
    assert_eq!(Path::new(offline().out.trim_end()), hub.thin());
    // The whole file will do, but who has the columns opens those.
    hub.arrived(&hub.fetch());
    assert_eq!(Path::new(offline().out.trim_end()), hub.thin());
    fs::remove_dir_all(hub.at("xdg")).unwrap();
    hub.is_whole(&offline().out);
}

/// Its columns are in the whole file, which this or another program has downloaded.
#[test]
fn columns_of_a_whole_file_are_not_downloaded() {
    let hub = Setting::new(|_| None);
    hub.arrived(&hub.fetch());
    let ran = hub.fetch_columns(&[]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.err.contains("up to date"), "{}", ran.err);
    hub.is_whole(&ran.out);
    assert!(!hub.at("xdg").exists());
    // Damaged, it is no longer the one.
    fs::write(hub.blob(), vec![0; hub.bytes.len()]).unwrap();
    let ran = hub.fetch_columns(&["--verify"]);
    assert!(
        ran.err
            .contains("the file is damaged; run `hubscope fetch --columns all --verify`"),
        "{}",
        ran.err
    );
    assert_eq!(Path::new(ran.out.trim_end()), hub.thin());
    // It is not removed: that would be the end of it for other programs.
    assert!(hub.blob().exists());
}

#[test]
fn a_plan_downloads_nothing() {
    let hub = Setting::new(|_| None);
    let ran = hub.fetch_columns(&["--plan"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert!(!hub.at("xdg").exists());
    let rows: Vec<Vec<&str>> = ran
        .out
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    let whole = frame(&file());
    let names: Vec<&str> = rows[1..rows.len() - 1].iter().map(|row| row[0]).collect();
    let columns: Vec<&str> = whole
        .get_column_names()
        .iter()
        .map(|name| name.as_str())
        .collect();
    assert_eq!(names, columns);
    let state = |name: &str| rows.iter().find(|row| row[0] == name).unwrap()[1];
    assert_eq!(state("id"), "all");
    for name in UNREAD {
        assert_eq!(state(name), "left out");
    }
    let more = hub.fetch_columns(&["--plan", "--columns", "+cardData"]);
    assert!(more.out.contains("cardData\tall"), "{}", more.out);
}

#[test]
fn servers_and_arguments_that_do_not_suit_columns() {
    let hub = Setting::new(|ask| (ask.path == "/bytes").then_some(Answer::Whole));
    let ran = hub.fetch_columns(&[]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert!(ran.err.contains("--columns all"), "{}", ran.err);
    for columns in ["id", "+", "+a,b"] {
        let ran = hub.fetch_columns(&["--columns", columns]);
        assert_eq!(ran.code, Some(2));
        assert!(ran.err.contains("+cardData"), "{}", ran.err);
    }
}
