//! Checks every link inside the repository: files, anchors and images, without a network.
//!
//! Other files may name pages too, as comments do with `docs/` and a name. Those pages and anchors must exist as well.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::{fmt, io};

use crate::markdown::{Page, is_markdown};
use crate::sources;

/// The number of links that were checked, and what is wrong with some.
#[derive(Debug, Default)]
pub struct Links {
    /// How many were checked.
    pub checked: usize,
    /// The broken ones.
    pub broken: Vec<Broken>,
}

/// A link without a target.
#[derive(Debug)]
pub struct Broken {
    path: PathBuf,
    line: usize,
    target: String,
    reason: &'static str,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path.display(), self.line, self.reason, self.target)
    }
}

/// Checks the links of every page, and the pages that other files name.
///
/// # Errors
///
/// Returns an error if a folder or page cannot be read.
pub fn check(root: &Path) -> io::Result<Links> {
    let texts = sources::texts(root)?;
    let pages: BTreeMap<&Path, Page> = texts
        .iter()
        .filter(|(path, _)| is_markdown(path))
        .map(|(path, text)| (path.as_path(), Page::parse(text)))
        .collect();
    let anchors = pages.iter().map(|(path, page)| (*path, page.anchors())).collect();
    let mut checker = Checker { root, anchors, links: Links::default() };
    for (path, page) in &pages {
        let folder = path.parent().unwrap_or(root);
        for link in &page.links {
            if !is_external(&link.target) {
                checker.check(path, link.line, folder, &link.target);
            }
        }
    }
    for (path, text) in texts.iter().filter(|(path, _)| !is_markdown(path)) {
        for (number, line) in text.lines().enumerate() {
            for name in pages_named(line) {
                checker.check(path, number + 1, root, name);
            }
        }
    }
    Ok(checker.links)
}

/// Reports whether a link leaves the repository: it names a scheme.
fn is_external(target: &str) -> bool {
    target.split_once(':').is_some_and(|(scheme, _)| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Returns the pages of `docs/` that a line of code names, with their anchors.
fn pages_named(line: &str) -> Vec<&str> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_./#".contains(letter);
    let mut found = Vec::new();
    for (start, _) in line.match_indices("docs/") {
        let (before, rest) = line.split_at(start);
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default().trim_end_matches(['.', '-', '#']);
        // Part of another path or address, unless that is a way up to ours.
        let is_other = before.ends_with(is_part) && !before.ends_with("../");
        if !is_other && is_markdown(Path::new(name.split('#').next().unwrap_or_default())) {
            found.push(name);
        }
    }
    found
}

struct Checker<'a> {
    root: &'a Path,
    anchors: BTreeMap<&'a Path, Vec<String>>,
    links: Links,
}

impl Checker<'_> {
    /// Checks a link that is relative to a folder.
    fn check(&mut self, path: &Path, line: usize, folder: &Path, target: &str) {
        self.links.checked += 1;
        let (file, anchor) =
            target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
        let file = if file.is_empty() { path.to_owned() } else { resolve(folder, file) };
        let reason = if !file.starts_with(self.root) {
            "leaves the repository"
        } else if !file.exists() {
            "no such file"
        } else {
            match (anchor, self.anchors.get(file.as_path())) {
                (Some(anchor), Some(known)) if !known.iter().any(|one| one == anchor) => "no such anchor",
                _ => return,
            }
        };
        let path = path.strip_prefix(self.root).unwrap_or(path).to_owned();
        self.links.broken.push(Broken { path, line, target: target.to_owned(), reason });
    }
}

/// Returns a path without its `.` and `..`.
fn resolve(folder: &Path, file: &str) -> PathBuf {
    let mut path = folder.to_owned();
    for component in Path::new(file).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::{check, pages_named};

    /// Writes the folder out. In these texts `~` stands for it, or the check would look for their pages.
    fn whole(text: &str) -> String {
        text.replace('~', "docs/")
    }

    #[test]
    fn a_missing_file_anchor_or_image_is_reported_with_its_line() {
        let root = env::temp_dir().join(format!("links-{}", process::id()));
        fs::create_dir_all(root.join("docs")).unwrap();
        let page = "# Top\n\n[a](#top) [b](#none) [c](https://example.com) ![d](no.png)\n\n[e](~b.md#far) [f](x.md)\n";
        fs::write(root.join("README.md"), whole(page)).unwrap();
        fs::write(root.join("docs").join("b.md"), "# Near\n\n[back](../README.md#top) [out](../../x.md)\n")
            .unwrap();
        fs::write(root.join("main.rs"), whole("// See ~b.md#near.\n// See ~gone.md.\n")).unwrap();
        let found = check(&root).unwrap();
        fs::remove_dir_all(&root).unwrap();
        let mut broken: Vec<String> = found.broken.iter().map(ToString::to_string).collect();
        broken.sort();
        let expected = [
            "README.md:3: no such anchor: #none",
            "README.md:3: no such file: no.png",
            "README.md:5: no such anchor: ~b.md#far",
            "README.md:5: no such file: x.md",
            "~b.md:3: leaves the repository: ../../x.md",
            "main.rs:2: no such file: ~gone.md",
        ];
        assert_eq!(broken, expected.map(whole));
        assert_eq!(found.checked, 9);
    }

    #[test]
    fn code_names_a_page_only_by_its_whole_path() {
        let named = whole("// ~a.md, ../~b.md#c.");
        assert_eq!(pages_named(&named), [whole("~a.md"), whole("~b.md#c")]);
        assert_eq!(pages_named(&whole("https://x.example/~a.md ~a.png")), [""; 0]);
    }
}
