//! Checks source files against layering rules: a file is read as tokens, its `use` trees and paths
//! are resolved to the files that they name, and what breaks a rule is listed by file and line.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use crate::names::{Named, Scanned, scan};

/// The layering rules of a source tree. A place is a path below the tree: a file, a folder with all
/// that is in it, or the files directly in a folder (`folder/*`).
pub struct Rules {
    /// Floors from the top. What is on a floor imports only what is on lower ones, or in the same
    /// group of places on its own.
    pub floors: &'static [&'static [&'static [&'static str]]],
    /// Places that never import each other, whatever their floors.
    pub apart: &'static [(&'static str, &'static str)],
    /// Folders whose entries never import each other; `mod.rs` is shared by them.
    pub siblings: &'static [&'static str],
    pub names: &'static [NameRule],
    /// Crates that one file alone imports.
    pub one_file: &'static [&'static str],
}

/// Names that are forbidden in some places: `crate` (the first segment of a path), `type::function`
/// (neighbors anywhere in a path), `macro!`, `.method`, `unsafe`, or `static word` for a word in the
/// declaration of a static.
pub struct NameRule {
    pub rule: &'static str,
    pub names: &'static [&'static str],
    /// Where the names are forbidden; everywhere if empty.
    pub inside: &'static [&'static str],
    /// Where they are allowed all the same.
    pub except: &'static [&'static str],
}

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    pub file: String,
    pub line: usize,
    pub rule: &'static str,
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Violation {
            file,
            line,
            rule,
            detail,
        } = self;
        write!(f, "{file}:{line}: {rule}: {detail}")
    }
}

/// Returns every violation in these files (path, text), sorted by file and line.
pub fn check(files: &[(String, String)], rules: &Rules) -> Vec<Violation> {
    let tree = Tree::new(files);
    let arrows = tree.arrows();
    let mut found = floors(&tree, &arrows, rules);
    found.extend(apart(&arrows, rules));
    found.extend(siblings(&arrows, rules));
    found.extend(cycles(&arrows));
    found.extend(rules.names.iter().flat_map(|rule| names(&tree, rule)));
    found.extend(rules.one_file.iter().flat_map(|name| one_file(&tree, name)));
    found.sort();
    found.dedup();
    found
}

/// An import: from a file, on a line, to another file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    pub from: String,
    pub to: String,
    pub line: usize,
    /// The file only re-exports the item of one of its own submodules.
    re_export: bool,
}

/// The files without their tests, and the modules that they make up.
pub struct Tree {
    files: BTreeMap<String, Scanned>,
    /// The file of each module; a module inside a file has the file of its parent.
    modules: HashMap<Vec<String>, String>,
    /// The name that an import brings into a module, with the full path that it stands for.
    imported: HashMap<Vec<String>, HashMap<String, Vec<String>>>,
    uses: Vec<Use>,
}

/// A name in a file, with its full path.
struct Use {
    file: String,
    named: Named,
    path: Vec<String>,
}

impl Tree {
    pub fn new(files: &[(String, String)]) -> Tree {
        let mut scanned: BTreeMap<String, Scanned> = files
            .iter()
            .map(|(file, text)| (file.clone(), scan(text, &module_of(file))))
            .collect();
        let tests: Vec<Vec<String>> = scanned
            .values()
            .flat_map(|file| file.test_modules.clone())
            .collect();
        scanned.retain(|file, _| !tests.iter().any(|test| module_of(file).starts_with(test)));
        let mut modules = HashMap::new();
        for (file, scanned) in &scanned {
            modules.insert(module_of(file), file.clone());
            for inner in &scanned.inner_modules {
                modules.insert(inner.clone(), file.clone());
            }
        }
        let mut tree = Tree {
            files: scanned,
            modules,
            imported: HashMap::new(),
            uses: Vec::new(),
        };
        // Twice, for an import through another one.
        for _ in 0..2 {
            tree.uses = tree.resolved();
            for Use { named, path, .. } in &tree.uses {
                if let Some(name) = named.import.as_ref().filter(|name| *name != "*") {
                    let names = tree.imported.entry(named.module.clone()).or_default();
                    names.insert(name.clone(), path.clone());
                }
            }
        }
        tree.uses = tree.resolved();
        tree
    }

    fn resolved(&self) -> Vec<Use> {
        let names = self
            .files
            .iter()
            .flat_map(|(file, scanned)| scanned.names.iter().map(move |named| (file, named)));
        names
            .map(|(file, named)| Use {
                file: file.clone(),
                named: named.clone(),
                path: self.absolute(&named.module, &named.path),
            })
            .collect()
    }

    /// The path from the root of the crate, or from another crate.
    fn absolute(&self, module: &[String], path: &[String]) -> Vec<String> {
        let mut base = match path[0].as_str() {
            "crate" | "hubscope" => vec!["crate".to_owned()],
            "self" | "super" => module.to_vec(),
            name => {
                let child = [module, &path[..1]].concat();
                if self.modules.contains_key(&child) {
                    return [module, path].concat();
                }
                let imported = self.imported.get(module).and_then(|names| names.get(name));
                return match imported {
                    Some(full) => [full, &path[1..]].concat(),
                    None => path.to_vec(),
                };
            }
        };
        let mut rest = path;
        while let Some((first, after)) = rest.split_first() {
            match first.as_str() {
                "super" => drop(base.pop()),
                "crate" | "self" | "hubscope" => {}
                _ => break,
            }
            rest = after;
        }
        base.extend_from_slice(rest);
        base
    }

    /// The file that defines what a full path names, behind all re-exports.
    fn target(&self, path: &[String]) -> Option<&str> {
        let mut path = path.to_vec();
        // Two modules may import each other's names.
        for _ in 0..16 {
            let known = (1..=path.len())
                .rev()
                .find(|&length| self.modules.contains_key(&path[..length]))?;
            let next = path.get(known).and_then(|item| {
                let names = self.imported.get(&path[..known])?;
                Some([names.get(item)?, &path[known + 1..]].concat())
            });
            match next {
                // What another crate defines belongs to the module that imports it.
                Some(next) if next[0] == "crate" && next != path => path = next,
                _ => return self.modules.get(&path[..known]).map(String::as_str),
            }
        }
        None
    }

    /// The first import of each file by each other one.
    pub fn arrows(&self) -> Vec<Arrow> {
        let mut first: BTreeMap<(&str, &str), Arrow> = BTreeMap::new();
        let own = self.uses.iter().filter(|used| used.path[0] == "crate");
        for Use { file, named, path } in own {
            let Some(to) = self.target(path).filter(|to| to != file) else {
                continue;
            };
            let re_export = named.public
                && !self.files[file].is_used(named)
                && module_of(to).starts_with(&module_of(file));
            let arrow = Arrow {
                from: file.clone(),
                to: to.to_owned(),
                line: named.line,
                re_export,
            };
            let known = first.entry((file, to)).or_insert_with(|| arrow.clone());
            if known.re_export && !re_export {
                *known = arrow;
            }
        }
        first.into_values().collect()
    }

    fn uses_of(&self, name: &str) -> impl Iterator<Item = &Use> {
        let wanted: Vec<String> = name.split("::").map(str::to_owned).collect();
        self.uses.iter().filter(move |used| match &wanted[..] {
            [one] if one.ends_with('!') => used.path.last() == Some(one),
            [one] => used.path[0] == *one,
            several => used.path.windows(several.len()).any(|part| part == several),
        })
    }
}

impl Use {
    fn breaks(&self, rule: &'static str, more: &str) -> Violation {
        Violation {
            file: self.file.clone(),
            line: self.named.line,
            rule,
            detail: format!("names {}{more}", self.path.join("::")),
        }
    }
}

/// The module that a file is.
fn module_of(file: &str) -> Vec<String> {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let parts = stem.split('/').filter(|part| *part != "mod");
    let parts = parts.filter(|part| !["lib", "main"].contains(part) || stem.contains('/'));
    let root = match file {
        "main.rs" => "bin",
        _ => "crate",
    };
    [root].into_iter().chain(parts).map(str::to_owned).collect()
}

fn is_in(file: &str, place: &str) -> bool {
    let (folder, direct) = match place.strip_suffix("/*") {
        Some(folder) => (folder, true),
        None => (place, false),
    };
    let rest = file.strip_prefix(folder);
    rest.is_some_and(|rest| match rest.strip_prefix('/') {
        Some(name) => !direct || !name.contains('/'),
        None => rest.is_empty() && !direct,
    })
}

/// The floor that a file is on, and the group of places there.
fn floor(file: &str, rules: &Rules) -> Option<(usize, usize)> {
    let on = |group: &[&str]| group.iter().any(|place| is_in(file, place));
    let floors = rules.floors.iter().enumerate();
    let mut found =
        floors.filter_map(|(at, groups)| Some((at, groups.iter().position(|g| on(g))?)));
    found.next()
}

fn floors(tree: &Tree, arrows: &[Arrow], rules: &Rules) -> Vec<Violation> {
    let homeless = tree
        .files
        .keys()
        .filter(|file| floor(file, rules).is_none())
        .map(|file| Violation {
            file: file.clone(),
            line: 1,
            rule: "a floor for every file",
            detail: "is on no floor".to_owned(),
        });
    let upwards = arrows.iter().filter_map(|arrow| {
        let (from, to) = (floor(&arrow.from, rules)?, floor(&arrow.to, rules)?);
        let is_beside = from.0 == to.0 && from.1 != to.1;
        (from.0 > to.0 || is_beside).then(|| imports(arrow, "floors"))
    });
    homeless.chain(upwards).collect()
}

fn imports(arrow: &Arrow, rule: &'static str) -> Violation {
    Violation {
        file: arrow.from.clone(),
        line: arrow.line,
        rule,
        detail: format!("imports {}", arrow.to),
    }
}

fn apart(arrows: &[Arrow], rules: &Rules) -> Vec<Violation> {
    let meets = |arrow: &&Arrow| {
        rules.apart.iter().any(|(a, b)| {
            let is = |from, to| is_in(&arrow.from, from) && is_in(&arrow.to, to);
            is(a, b) || is(b, a)
        })
    };
    let met = arrows.iter().filter(meets);
    met.map(|arrow| imports(arrow, "places apart")).collect()
}

fn siblings(arrows: &[Arrow], rules: &Rules) -> Vec<Violation> {
    let meets = |arrow: &&Arrow| {
        rules.siblings.iter().any(|folder| {
            match (entry(&arrow.from, folder), entry(&arrow.to, folder)) {
                (Some("mod"), _) | (_, Some("mod")) => false,
                (Some(from), Some(to)) => from != to,
                _ => false,
            }
        })
    };
    let met = arrows.iter().filter(meets);
    met.map(|arrow| imports(arrow, "views apart")).collect()
}

/// The entry of a folder that a file is, or is in.
fn entry<'f>(file: &'f str, folder: &str) -> Option<&'f str> {
    let rest = file.strip_prefix(folder)?.strip_prefix('/')?;
    let first = rest.split('/').next()?;
    Some(first.strip_suffix(".rs").unwrap_or(first))
}

fn names(tree: &Tree, rule: &NameRule) -> Vec<Violation> {
    let forbidden = |file: &str| {
        let inside = rule.inside.is_empty() || rule.inside.iter().any(|place| is_in(file, place));
        inside && !rule.except.iter().any(|place| is_in(file, place))
    };
    let uses = rule.names.iter().flat_map(|name| tree.uses_of(name));
    uses.filter(|used| forbidden(&used.file))
        .map(|used| used.breaks(rule.rule, ""))
        .collect()
}

fn one_file(tree: &Tree, name: &str) -> Vec<Violation> {
    let files: BTreeSet<&str> = tree.uses_of(name).map(|used| used.file.as_str()).collect();
    if files.len() < 2 {
        return Vec::new();
    }
    let more = format!(
        ", as do {}",
        files.into_iter().collect::<Vec<_>>().join(", ")
    );
    tree.uses_of(name)
        .map(|used| used.breaks("known in one file", &more))
        .collect()
}

/// A violation for each strongly connected component of more than one file.
fn cycles(arrows: &[Arrow]) -> Vec<Violation> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for arrow in arrows.iter().filter(|arrow| !arrow.re_export) {
        next.entry(&arrow.from).or_default().insert(&arrow.to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> = next
        .keys()
        .map(|start| {
            let mut seen = BTreeSet::new();
            let mut open = vec![*start];
            while let Some(file) = open.pop() {
                let above = next.get(file).into_iter().flatten();
                open.extend(above.filter(|file| seen.insert(**file)));
            }
            (*start, seen)
        })
        .collect();
    let meets = |a: &str, b: &str| reached.get(a).is_some_and(|seen| seen.contains(b));
    let mut found = Vec::new();
    for first in next.keys() {
        let members: Vec<&str> = next
            .keys()
            .copied()
            .filter(|file| meets(first, file) && meets(file, first))
            .collect();
        if members.first() != Some(first) {
            continue;
        }
        let inside = |arrow: &&Arrow| {
            !arrow.re_export
                && [&arrow.from, &arrow.to].map(|f| members.contains(&f.as_str())) == [true; 2]
        };
        let inner: Vec<&Arrow> = arrows.iter().filter(inside).collect();
        let shown = inner
            .iter()
            .map(|arrow| format!("{}:{} -> {}", arrow.from, arrow.line, arrow.to))
            .collect::<Vec<_>>()
            .join(", ");
        found.push(Violation {
            file: (*first).to_owned(),
            line: inner[0].line,
            rule: "no cycle between files",
            detail: shown,
        });
    }
    found
}
