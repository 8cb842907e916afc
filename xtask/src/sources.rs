//! Reads the text files of the repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Folders that contain nothing to check.
const SKIPPED: &[&str] = &[".git", ".data", ".sqlx", "node_modules", "target"];

/// Returns every text file of the repository, by its absolute path. Files that are no text, such as videos, are left out.
///
/// # Errors
///
/// Returns an error if a folder cannot be listed.
pub(crate) fn texts(root: &Path) -> io::Result<BTreeMap<PathBuf, String>> {
    let (mut texts, mut folders) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() {
                if !SKIPPED.contains(&name) {
                    folders.push(path);
                }
            } else if let Ok(text) = fs::read_to_string(&path) {
                texts.insert(path, text);
            }
        }
    }
    Ok(texts)
}
