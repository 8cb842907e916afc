//! What `auto_explain` writes into the server's log.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::server::{Database, connect};
use crate::trouble::Outcome;

/// The server's log from a moment on.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    from: usize,
}

/// One statement as it ran.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    text: String,
    plan: String,
    took: Duration,
    pages: u32,
}

/// The log as it is now.
pub(crate) async fn log(database: &Database) -> Outcome<Log> {
    let mut owner = connect(&database.url).await?;
    let data: String = sqlx::query_scalar("show data_directory").fetch_one(&mut owner).await?;
    let path = PathBuf::from(data).with_file_name("postgres.log");
    Ok(Log { from: fs::read(&path)?.len(), path })
}

impl Log {
    /// The claims' statements since then.
    pub(crate) fn since(&self) -> Outcome<Vec<Statement>> {
        let bytes = fs::read(&self.path)?;
        let text = String::from_utf8_lossy(bytes.get(self.from..).unwrap_or_default()).into_owned();
        let entries = text.split("LOG:  duration: ").skip(1);
        Ok(entries.filter_map(read).filter(|statement| statement.text.contains("post_results")).collect())
    }
}

/// `0.123 ms  plan:`, then `Query Text:` and the plan, each line behind a tab.
fn read(entry: &str) -> Option<Statement> {
    let (head, body) = entry.split_once("  plan:\n")?;
    let millis: f64 = head.trim_end_matches(" ms").parse().ok()?;
    let lines: Vec<&str> =
        body.lines().take_while(|line| line.starts_with('\t')).map(|line| &line[1..]).collect();
    let at = lines.iter().position(|line| line.contains("(cost="))?;
    let text = lines.get(..at)?.join("\n").replace("Query Text:", "").trim().to_owned();
    let plan = lines.get(at..)?.join("\n");
    let pages = plan
        .lines()
        .find_map(|line| line.trim().strip_prefix("Buffers: "))
        .map(|buffers| {
            let numbers = buffers.split([' ', ',']).filter_map(|word| {
                word.strip_prefix("hit=").or_else(|| word.strip_prefix("read="))?.parse::<u32>().ok()
            });
            numbers.sum()
        })
        .unwrap_or_default();
    Some(Statement { text, plan, took: Duration::from_secs_f64(millis / 1000.0), pages })
}

/// Each different statement with one of its plans: the middle one by time.
pub(crate) fn kinds(statements: &[Statement]) -> Vec<(String, String)> {
    by_text(statements)
        .into_iter()
        .filter_map(|mut same| {
            same.sort_by_key(|statement| statement.took);
            let middle = same.get(same.len() / 2)?;
            Some((middle.text.clone(), middle.plan.clone()))
        })
        .collect()
}

/// The medians of the statements of a claim, added up.
pub(crate) fn medians(statements: &[Statement]) -> (Duration, f64) {
    let mut sum = (Duration::ZERO, 0.0);
    for mut same in by_text(statements) {
        same.sort_by_key(|statement| statement.took);
        sum.0 += same.get(same.len() / 2).map(|statement| statement.took).unwrap_or_default();
        same.sort_by_key(|statement| statement.pages);
        sum.1 += f64::from(same.get(same.len() / 2).map(|statement| statement.pages).unwrap_or_default());
    }
    sum
}

fn by_text(statements: &[Statement]) -> Vec<Vec<Statement>> {
    let mut kinds: Vec<Vec<Statement>> = Vec::new();
    for statement in statements {
        let same =
            kinds.iter_mut().find(|same| same.first().is_some_and(|first| first.text == statement.text));
        match same {
            Some(same) => same.push(statement.clone()),
            None => kinds.push(vec![statement.clone()]),
        }
    }
    kinds
}
