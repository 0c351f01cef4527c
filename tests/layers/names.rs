//! The names in the code of a file: the leaves of `use` trees, paths, macros, methods and a few
//! keywords.

use std::collections::BTreeSet;

use crate::tokens::{Kind, Token, tokens};

/// A name in the code of a file.
#[derive(Clone, Debug)]
pub struct Named {
    /// The module around it.
    pub module: Vec<String>,
    /// As written, with the groups of `use` trees multiplied out.
    pub path: Vec<String>,
    pub line: usize,
    /// The name that an import gives it here; none outside imports.
    pub import: Option<String>,
    /// An import that others can import from here.
    pub public: bool,
}

/// What the checker needs of a file.
#[derive(Debug, Default)]
pub struct Scanned {
    pub names: Vec<Named>,
    /// Modules with their code in this file.
    pub inner_modules: Vec<Vec<String>>,
    /// Modules that only tests have, whose files are left out.
    pub test_modules: Vec<Vec<String>>,
    /// The first words of names outside imports, for whether an imported name is used.
    words: BTreeSet<String>,
}

impl Scanned {
    /// Whether the code around an import uses the imported name.
    pub fn is_used(&self, named: &Named) -> bool {
        let import = named.import.as_ref();
        import.is_none_or(|name| self.words.contains(name))
    }
}

/// Reads a file that is this module.
pub fn scan(text: &str, module: &[String]) -> Scanned {
    let mut reader = Reader {
        tokens: tokens(text),
        at: 0,
        module: module.to_vec(),
        open: Vec::new(),
        found: Scanned::default(),
    };
    reader.read();
    reader.found
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    /// The module around the token.
    module: Vec<String>,
    /// For every open brace, whether it is a module's.
    open: Vec<bool>,
    found: Scanned,
}

impl Reader {
    fn kind(&self, at: usize) -> Option<&Kind> {
        self.tokens.get(at).map(|token| &token.kind)
    }

    fn word(&self, at: usize) -> Option<&str> {
        match self.kind(at) {
            Some(Kind::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn is(&self, at: usize, sign: char) -> bool {
        self.kind(at) == Some(&Kind::Sign(sign))
    }

    fn read(&mut self) {
        while self.at < self.tokens.len() {
            match &self.tokens[self.at].kind {
                Kind::Sign('#') if self.is_test_attribute() => self.skip_test_item(),
                Kind::Word(word) => match word.clone().as_str() {
                    "use" => self.import(),
                    "mod" => self.declare(),
                    // The place of `pub(in place)` is no import.
                    "pub" if self.is(self.at + 1, '(') => self.at = self.closed(self.at + 1),
                    _ => self.path(),
                },
                Kind::Sign('{') => {
                    self.open.push(false);
                    self.at += 1;
                }
                Kind::Sign('}') => {
                    if self.open.pop() == Some(true) {
                        self.module.pop();
                    }
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
    }

    /// `#[cfg(test)]`, and what has more to it: `#[cfg(all(test, unix))]`.
    fn is_test_attribute(&self) -> bool {
        let end = match self.is(self.at + 1, '[') {
            true => self.closed(self.at + 1),
            false => return false,
        };
        let words: Vec<&str> = (self.at..end).filter_map(|at| self.word(at)).collect();
        words.first() == Some(&"cfg") && words.contains(&"test") && !words.contains(&"not")
    }

    /// Behind the bracket that closes the one at `at`.
    fn closed(&self, mut at: usize) -> usize {
        let mut depth = 0;
        while let Some(kind) = self.kind(at) {
            match kind {
                Kind::Sign('(' | '[' | '{') => depth += 1,
                Kind::Sign(')' | ']' | '}') => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                break;
            }
        }
        at
    }

    /// Leaves out an item with the attributes before it.
    fn skip_test_item(&mut self) {
        while self.is(self.at, '#') {
            self.at = self.closed(self.at + 1);
        }
        let start = self.at;
        let mut is_import = false;
        while self.at < self.tokens.len() {
            is_import |= self.word(self.at) == Some("use");
            match &self.tokens[self.at].kind {
                Kind::Sign(';') => {
                    self.at += 1;
                    break;
                }
                Kind::Sign('{') => {
                    self.at = self.closed(self.at);
                    if !is_import {
                        break;
                    }
                }
                Kind::Sign('(' | '[') => self.at = self.closed(self.at),
                _ => self.at += 1,
            }
        }
        let item = start..self.at;
        let module = item.clone().find(|at| self.word(*at) == Some("mod"));
        if let Some(name) = module.and_then(|at| self.word(at + 1)) {
            let path = [self.module.clone(), vec![name.to_owned()]].concat();
            self.found.test_modules.push(path);
        }
    }

    /// `mod name;` or `mod name {`.
    fn declare(&mut self) {
        let name = self.word(self.at + 1).map(str::to_owned);
        if let Some(name) = name.filter(|_| self.is(self.at + 2, '{')) {
            self.module.push(name);
            self.found.inner_modules.push(self.module.clone());
            self.open.push(true);
            self.at += 1;
        }
        self.at += 2;
    }

    fn import(&mut self) {
        // Of a restricted one, children and siblings can still import.
        let before = self.at.checked_sub(1);
        let public = before.is_some_and(|at| self.word(at) == Some("pub") || self.is(at, ')'));
        self.at += 1;
        if self.kind(self.at) == Some(&Kind::Sep) {
            self.at += 1;
        }
        self.tree(&[], public);
    }

    /// One branch of a `use` tree, up to the comma, brace or semicolon that ends it.
    fn tree(&mut self, above: &[String], public: bool) {
        let mut path = above.to_vec();
        let line = self.tokens.get(self.at).map_or(0, |token| token.line);
        loop {
            match self.kind(self.at).cloned() {
                Some(Kind::Word(word)) if word == "as" => {
                    let name = self.word(self.at + 1).unwrap_or("_").to_owned();
                    self.at += 2;
                    return self.leaf(path, line, Some(name), public);
                }
                Some(Kind::Word(word)) => {
                    self.at += 1;
                    let is_end = self.kind(self.at) != Some(&Kind::Sep);
                    if !(word == "self" && is_end && !path.is_empty()) {
                        path.push(word);
                    }
                    if is_end && self.word(self.at) != Some("as") {
                        let name = path.last().cloned();
                        return self.leaf(path, line, name, public);
                    }
                }
                Some(Kind::Sign('{')) => {
                    self.at += 1;
                    while self.at < self.tokens.len() && !self.is(self.at, '}') {
                        match self.is(self.at, ',') {
                            true => self.at += 1,
                            false => self.tree(&path, public),
                        }
                    }
                    self.at += 1;
                    return;
                }
                Some(Kind::Sign('*')) => {
                    self.at += 1;
                    return self.leaf(path, line, None, public);
                }
                Some(Kind::Sep) => self.at += 1,
                _ => return,
            }
        }
    }

    fn leaf(&mut self, path: Vec<String>, line: usize, name: Option<String>, public: bool) {
        if !path.is_empty() {
            self.name(
                path,
                line,
                Some(name.unwrap_or_else(|| "*".to_owned())),
                public,
            );
        }
    }

    fn name(&mut self, path: Vec<String>, line: usize, import: Option<String>, public: bool) {
        self.found.names.push(Named {
            module: self.module.clone(),
            path,
            line,
            import,
            public,
        });
    }

    /// A path, macro, method, `unsafe` or `static`.
    fn path(&mut self) {
        let line = self.tokens[self.at].line;
        let before = self.at.checked_sub(1);
        let is_method = before.is_some_and(|at| self.is(at, '.'));
        // What comes behind `<T>::` belongs to a type.
        let is_tail = before.is_some_and(|at| self.kind(at) == Some(&Kind::Sep))
            && self.at >= 2
            && self.is(self.at - 2, '>');
        let mut path = Vec::new();
        while let Some(word) = self.word(self.at) {
            path.push(word.to_owned());
            self.at += 1;
            let goes_on =
                self.kind(self.at) == Some(&Kind::Sep) && self.word(self.at + 1).is_some();
            if !goes_on {
                break;
            }
            self.at += 1;
        }
        let is_macro = self.is(self.at, '!')
            && ['(', '[', '{']
                .iter()
                .any(|sign| self.is(self.at + 1, *sign));
        if is_macro && let Some(last) = path.last_mut() {
            last.push('!');
        }
        if is_method {
            path = vec![format!(".{}", path[0])];
        } else {
            self.found.words.insert(path[0].clone());
        }
        if path[0] == "static" {
            self.static_item(line);
        }
        let is_name = is_macro || is_method || path.len() > 1;
        if is_name && !is_tail || path[0] == "unsafe" {
            self.name(path, line, None, false);
        }
    }

    /// The words of a static's declaration: `static mut`, `static OnceLock`.
    fn static_item(&mut self, line: usize) {
        let tokens = self.tokens[self.at..].iter();
        let declared = tokens.take_while(|token| !matches!(token.kind, Kind::Sign('=' | ';')));
        let words = declared.filter_map(|token| match &token.kind {
            Kind::Word(word) => Some(format!("static {word}")),
            _ => None,
        });
        for name in words.collect::<Vec<_>>() {
            self.name(vec![name], line, None, false);
        }
    }
}

/// The names in a text, each as `line path` and, of an import, ` as name`.
fn read(text: &str) -> Vec<String> {
    let shown = |named: Named| {
        let import = named.import.map(|name| format!(" as {name}"));
        let path = named.path.join("::");
        format!("{} {path}{}", named.line, import.unwrap_or_default())
    };
    let scanned = scan(text, &["crate".to_owned()]);
    scanned.names.into_iter().map(shown).collect()
}

#[test]
fn use_trees_are_multiplied_out() {
    let text = "pub(crate) use a::{\n    self,\n    b::{c as d, e},\n    f::*,\n};\nuse ::g;";
    let wanted = [
        "2 a as a",
        "3 a::b::c as d",
        "3 a::b::e as e",
        "4 a::f as *",
        "6 g as g",
    ];
    assert_eq!(read(text), wanted);
}

#[test]
fn paths_macros_methods_and_statics_are_named() {
    let text = "fn f<'a>(x: &'static T) -> Vec<a::B> {\n    c::d!(x.e::<g::H>());\n    unsafe { 'i' }\n}\nstatic J: Cell = 0;";
    let wanted = [
        "1 a::B",
        "2 c::d!",
        "2 .e",
        "2 g::H",
        "3 unsafe",
        "5 static J",
        "5 static Cell",
    ];
    assert_eq!(read(text), wanted);
}

#[test]
fn comments_strings_and_tests_are_left_out() {
    let text = "// a::b\n/* a::b /* */ a::b */ \"a::b \\\" a::b\" r#\"a::b\" a::b\"# b'\\'' '\"'\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n    use a::b;\n}\n#[cfg(test)]\nuse a::{b, c};\n#[cfg(all(test, unix))]\nfn f(a: [a::B; 1]) { a::b }\nfn g() { c::d }";
    assert_eq!(read(text), ["12 c::d"]);
}
