//! A small tree that holds the rules, and changes of it that break one rule each.

/// A file by its path, and its text.
pub type File = (String, String);

/// Returns the files of the tree, with all that only looks like a violation.
pub fn clean() -> Vec<File> {
    let parts = parts(include_str!("clean.txt"));
    parts
        .map(|(head, text)| (head.to_owned(), text.to_owned()))
        .collect()
}

/// Returns files, each in the place of one of the tree or beside them, with the violation that it
/// makes.
pub fn broken() -> Vec<(File, &'static str)> {
    let parts = parts(include_str!("broken.txt"));
    let case = |(head, text): (&'static str, &str)| {
        let (file, violation) = head.split_once(" => ").unwrap();
        ((file.to_owned(), text.to_owned()), violation)
    };
    parts.map(case).collect()
}

fn parts(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let parts = text.split("==== ").skip(1);
    parts.map(|part| part.split_once('\n').unwrap())
}
