//! The folders that the environment names, as the Hugging Face libraries read it: `~` and variables
//! in a value are expanded.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{PathBuf, is_separator};

use crate::system::os_string;

/// A path, and what decides on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    pub path: PathBuf,
    /// A variable, or the home folder.
    pub by: &'static str,
}

impl Located {
    /// Returns the path of a file or folder below.
    fn below(mut self, name: &str) -> Located {
        self.path.push(name);
        self
    }
}

/// Returns the folder for caches of programs: `$XDG_CACHE_HOME` or `~/.cache`. A relative one is
/// ignored, as the specification of these variables says.
pub fn cache_home() -> Option<Located> {
    path("$XDG_CACHE_HOME")
        .filter(|located| located.path.is_absolute())
        .or_else(default_cache_home)
}

/// Returns the folder in which the Hugging Face libraries store downloads: `$HF_HUB_CACHE`, by its old
/// name `$HUGGINGFACE_HUB_CACHE`, or `hub` in their home.
pub fn cache_folder() -> Located {
    path("$HF_HUB_CACHE")
        .or_else(|| path("$HUGGINGFACE_HUB_CACHE"))
        .unwrap_or_else(|| hugging_face_home().below("hub"))
}

/// Returns the folder in which files of some columns are stored, laid out as [`cache_folder`].
pub fn thin_folder() -> Option<Located> {
    Some(cache_home()?.below("hubscope").below("hub"))
}

/// Returns the file of the history: `$HUBSCOPE_HISTORY`, or that in the folder for data of programs,
/// `$XDG_DATA_HOME` or `~/.local/share`.
pub fn history_file() -> Option<Located> {
    let data = || path("$XDG_DATA_HOME").filter(|located| located.path.is_absolute());
    path("$HUBSCOPE_HISTORY").or_else(|| {
        let home = || {
            Some(Located {
                path: env::home_dir()?.join(".local/share"),
                by: "the home folder",
            })
        };
        Some(
            data()
                .or_else(home)?
                .below("hubscope")
                .below("models.history"),
        )
    })
}

/// Returns the file in which the Hugging Face libraries store the token: `$HF_TOKEN_PATH` or `token`
/// in their home.
pub fn token_file() -> Located {
    path("$HF_TOKEN_PATH").unwrap_or_else(|| hugging_face_home().below("token"))
}

/// The home of the Hugging Face libraries: `$HF_HOME` or `huggingface` in the folder for caches.
fn hugging_face_home() -> Located {
    let caches = || path("$XDG_CACHE_HOME").or_else(default_cache_home);
    path("$HF_HOME")
        .or_else(|| Some(caches()?.below("huggingface")))
        .unwrap_or(Located {
            path: PathBuf::new(),
            by: "the current folder, since there is no home folder",
        })
}

fn default_cache_home() -> Option<Located> {
    Some(Located {
        path: env::home_dir()?.join(".cache"),
        by: "the home folder",
    })
}

/// Returns the path that a variable names, which is given with its `$`; an empty one counts as unset.
fn path(by: &'static str) -> Option<Located> {
    let value = env::var_os(by.trim_start_matches('$')).filter(|value| !value.is_empty())?;
    let path = expanded(&value, &home_of, &|name| env::var_os(name)).into();
    Some(Located { path, by })
}

/// Returns the home folder of a user, or that of the process if the name is empty.
fn home_of(user: &OsStr) -> Option<OsString> {
    if user.is_empty() {
        return env::home_dir().map(PathBuf::into_os_string);
    }
    // Users of a directory service are not in it; their `~name` stays.
    let users = match cfg!(unix) {
        true => fs::read("/etc/passwd").ok()?,
        false => return None,
    };
    let mut lines = users.split(|byte| *byte == b'\n');
    lines.find_map(|line| {
        let mut fields = line.split(|byte| *byte == b':');
        let is_own = fields.next() == Some(user.as_encoded_bytes());
        let home = fields.nth(4).filter(|_| is_own)?;
        Some(os_string(home.to_vec()))
    })
}

/// Expands a leading `~` or `~user`, then `$NAME` and `${NAME}`; unknown names stay.
fn expanded(
    value: &OsStr,
    home: &dyn Fn(&OsStr) -> Option<OsString>,
    variable: &dyn Fn(&OsStr) -> Option<OsString>,
) -> OsString {
    let mut rest = value.as_encoded_bytes();
    let mut path = Vec::new();
    if let Some(text) = rest.strip_prefix(b"~") {
        let is_end = |byte: &u8| is_separator(char::from(*byte));
        let length = text.iter().position(is_end).unwrap_or(text.len());
        if let Some(home) = home(&os_string(text[..length].to_vec())) {
            rest = &text[length..];
            let home = home.as_encoded_bytes();
            // The home `/` is left out before more of a path.
            let end = home.iter().rposition(|byte| !is_end(byte));
            let start = if rest.is_empty() {
                home.len().min(1)
            } else {
                0
            };
            path.extend_from_slice(&home[..end.map_or(start, |end| end + 1)]);
        }
    }
    while let Some(at) = memchr::memchr(b'$', rest) {
        path.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let (name, length) = variable_name(&rest[1..]);
        match variable(&os_string(name.to_vec())).filter(|_| !name.is_empty()) {
            Some(value) => path.extend_from_slice(value.as_encoded_bytes()),
            None => path.extend_from_slice(&rest[..=length]),
        }
        rest = &rest[length + 1..];
    }
    path.extend_from_slice(rest);
    os_string(path)
}

/// Returns the name at the start of the text after a `$`, and how many bytes it takes with braces.
fn variable_name(text: &[u8]) -> (&[u8], usize) {
    let braced = text.strip_prefix(b"{");
    if let Some(end) = braced.and_then(|text| memchr::memchr(b'}', text)) {
        return (&text[1..=end], end + 2);
    }
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    let length = text.iter().take_while(is_name).count();
    (&text[..length], length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are those of Python's `os.path.expandvars(os.path.expanduser(…))` with `HOME=/h/`,
    /// `A=/a`, `B_1=b` and a user `me`.
    #[test]
    fn paths_are_expanded() {
        let variable = |name: &OsStr| match name.to_str()? {
            "A" => Some("/a".into()),
            "B_1" => Some("b".into()),
            _ => None,
        };
        let home = |user: &OsStr| match user.to_str()? {
            "" => Some("/h/".into()),
            "me" => Some("/home/me".into()),
            _ => None,
        };
        for (value, path) in [
            ("/plain/path", "/plain/path"),
            ("~", "/h"),
            ("~/x", "/h/x"),
            ("~other/x", "~other/x"),
            ("~me", "/home/me"),
            ("~me/x", "/home/me/x"),
            ("~me$A", "~me/a"),
            ("/x/~", "/x/~"),
            ("$A/x", "/a/x"),
            ("${A}x", "/ax"),
            ("~/$B_1/${B_1}", "/h/b/b"),
            ("$B_1.d", "b.d"),
            ("$AB/x", "$AB/x"),
            ("${AB}$A", "${AB}/a"),
            ("${A", "${A"),
            ("a$", "a$"),
            ("$$A", "$/a"),
            ("${}$A", "${}/a"),
        ] {
            let found = expanded(value.as_ref(), &home, &variable);
            assert_eq!(found, path, "{value}");
        }
        let found = expanded("~/x".as_ref(), &|_| None, &variable);
        assert_eq!(found, "~/x");
        let root = |value: &str| expanded(value.as_ref(), &|_| Some("/".into()), &variable);
        assert_eq!((root("~"), root("~/x")), ("/".into(), "/x".into()));
    }
}
