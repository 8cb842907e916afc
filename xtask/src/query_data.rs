//! A directory of query data, and the differences between two of them.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::prepare::PrepareError;

/// The part of a query that identifies it for a reader.
const QUERY_SHOWN: usize = 90;

/// The macros' description of the queries, by file name.
#[derive(Debug)]
pub(crate) struct QueryData(BTreeMap<String, String>);

impl QueryData {
    /// Reads a directory; a missing one is empty.
    pub(crate) fn read(directory: &Path) -> Result<Self, PrepareError> {
        let mut queries = BTreeMap::new();
        let entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self(queries)),
            Err(error) => return Err(PrepareError::io("list", directory)(error)),
        };
        for entry in entries {
            let path = entry.map_err(PrepareError::io("list", directory))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                return Err(PrepareError::Unreadable(path));
            };
            let data = fs::read_to_string(&path).map_err(PrepareError::io("read", &path))?;
            queries.insert(name.to_owned(), data);
        }
        Ok(Self(queries))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the changes that turn this into `wanted`.
    pub(crate) fn changes_to(&self, wanted: &Self) -> Changes {
        let mut changes = Vec::new();
        for (name, data) in &wanted.0 {
            match self.0.get(name) {
                None => changes.push(Change::new(Kind::Missing, name, data)),
                Some(known) if known != data => changes.push(Change::new(Kind::Stale, name, data)),
                Some(_) => {}
            }
        }
        let dead = self.0.iter().filter(|(name, _)| !wanted.0.contains_key(*name));
        changes.extend(dead.map(|(name, data)| Change::new(Kind::Dead, name, data)));
        Changes(changes)
    }

    /// Applies the changes to a directory. Correct files keep their time.
    pub(crate) fn write(&self, directory: &Path, changes: &Changes) -> Result<(), PrepareError> {
        fs::create_dir_all(directory).map_err(PrepareError::io("create", directory))?;
        for change in &changes.0 {
            let path = directory.join(&change.name);
            match self.0.get(&change.name) {
                Some(data) => fs::write(&path, data).map_err(PrepareError::io("write", &path))?,
                None => fs::remove_file(&path).map_err(PrepareError::io("remove", &path))?,
            }
        }
        Ok(())
    }
}

/// The differences between two directories, one line each.
#[derive(Debug)]
pub(crate) struct Changes(Vec<Change>);

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Display for Changes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|change| writeln!(f, "  {change}"))
    }
}

/// One different file.
#[derive(Debug)]
struct Change {
    kind: Kind,
    name: String,
    query: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A query without a description.
    Missing,
    /// The migrations give another description.
    Stale,
    /// The code no longer has the query.
    Dead,
}

impl Change {
    fn new(kind: Kind, name: &str, data: &str) -> Self {
        let json: serde_json::Value = serde_json::from_str(data).unwrap_or_default();
        let query = json.get("query").and_then(|query| query.as_str()).unwrap_or_default();
        let words: Vec<&str> = query.split_whitespace().collect();
        Self { kind, name: name.to_owned(), query: words.join(" ").chars().take(QUERY_SHOWN).collect() }
    }
}

impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Missing => "missing",
            Kind::Stale => "stale",
            Kind::Dead => "dead",
        };
        write!(f, "{kind:<7}  {}…  ({})", self.query, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(queries: &[(&str, &str)]) -> QueryData {
        QueryData(queries.iter().map(|(name, data)| ((*name).to_owned(), (*data).to_owned())).collect())
    }

    #[test]
    fn missing_stale_and_dead_queries_are_named() {
        let committed = data(&[("a", "1"), ("b", "1"), ("dead", r#"{"query": "select\n  1"}"#)]);
        let described = data(&[("a", "1"), ("b", "2"), ("c", "1")]);
        let changes = committed.changes_to(&described);
        let kinds: Vec<_> = changes.0.iter().map(|change| (change.kind, change.name.as_str())).collect();
        assert_eq!(kinds, [(Kind::Stale, "b"), (Kind::Missing, "c"), (Kind::Dead, "dead")]);
        assert!(changes.to_string().ends_with("dead     select 1…  (dead)\n"), "{changes}");
    }

    #[test]
    fn a_directory_that_is_not_there_holds_nothing() {
        assert_eq!(QueryData::read(Path::new("/nowhere/.sqlx")).unwrap().len(), 0);
    }
}
