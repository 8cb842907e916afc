//! Measures the prose of the pages: the length of sentences, the words in use.
//!
//! A sentence ends where Unicode says so (UAX #29), and at the end of its paragraph or item. A word is what stands
//! between spaces and has a letter or digit; a piece of code is one word. Blocks of code, tables and headings are
//! not measured.

use std::fmt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use unicode_segmentation::UnicodeSegmentation as _;

use crate::banned::banned_in;
use crate::markdown::{self, Page, Role};

/// The most words that sentences may have on average.
const MEAN: usize = 14;
/// The most words that a sentence should have. More are listed.
const AIM: usize = 25;
/// The most words that a sentence may have. More are a violation.
const LIMIT: usize = 30;

/// The measurements of some pages.
#[derive(Debug)]
pub struct Report {
    pages: Vec<Measured>,
}

/// The measurements of one page.
#[derive(Debug)]
struct Measured {
    path: PathBuf,
    sentences: Vec<Sentence>,
    /// Banned words, with their lines.
    banned: Vec<(usize, &'static str)>,
}

#[derive(Debug)]
struct Sentence {
    line: usize,
    words: usize,
    text: String,
}

/// Measures every page.
///
/// # Errors
///
/// Returns an error if a page cannot be read.
pub fn measure_all(root: &Path) -> io::Result<Report> {
    measure(root, markdown::pages(root)?)
}

/// Measures some pages, named relative to the root.
///
/// # Errors
///
/// Returns an error if a page cannot be read.
pub fn measure(root: &Path, paths: Vec<PathBuf>) -> io::Result<Report> {
    let mut pages = Vec::new();
    for path in paths {
        let source = fs::read_to_string(root.join(&path))
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
        pages.push(measure_page(path, &source));
    }
    Ok(Report { pages })
}

fn measure_page(path: PathBuf, source: &str) -> Measured {
    let (mut sentences, mut banned) = (Vec::new(), Vec::new());
    for block in Page::parse(source).blocks {
        for (start, text) in block.text.split_sentence_bound_indices() {
            let (line, text) = (block.line(start), text.trim());
            banned.extend(banned_in(text).map(|word| (line, word)));
            let words = text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
            if block.role == Role::Prose && words > 0 {
                sentences.push(Sentence { line, words, text: text.to_owned() });
            }
        }
    }
    Measured { path, sentences, banned }
}

impl Report {
    /// Returns what breaks the rules, a line each: a mean that is too high, sentences over the limit, banned words.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        let (count, words) = self.pages.iter().map(Measured::sum).fold((0, 0), add);
        if words > count * MEAN {
            found.push(format!("the mean is {} words, above {MEAN}", Mean(words, count)));
        }
        for page in &self.pages {
            let path = page.path.display();
            for Sentence { line, words, text } in page.over(LIMIT) {
                found.push(format!("{path}:{line}: {words} words, above {LIMIT}: {text}"));
            }
            found.extend(
                page.banned.iter().map(|(line, word)| format!("{path}:{line}: the banned word {word:?}")),
            );
        }
        found
    }
}

impl Measured {
    fn sum(&self) -> (usize, usize) {
        (self.sentences.len(), self.sentences.iter().map(|sentence| sentence.words).sum())
    }

    fn longest(&self) -> usize {
        self.sentences.iter().map(|sentence| sentence.words).max().unwrap_or_default()
    }

    fn over(&self, limit: usize) -> impl Iterator<Item = &Sentence> {
        self.sentences.iter().filter(move |sentence| sentence.words > limit)
    }
}

fn add(one: (usize, usize), other: (usize, usize)) -> (usize, usize) {
    (one.0 + other.0, one.1 + other.1)
}

/// A mean with one decimal: the sum, and of how many.
struct Mean(usize, usize);

impl fmt::Display for Mean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10 + self.1 / 2).checked_div(self.1).unwrap_or_default();
        write!(f, "{}.{}", tenths / 10, tenths % 10)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<32} sentences  mean  longest  over {AIM}  over {LIMIT}", "page")?;
        let mut row = |name: &str, (count, words), longest, over: [usize; 2]| {
            let [aim, limit] = over;
            let mean = Mean(words, count).to_string();
            writeln!(f, "{name:<32} {count:>9} {mean:>5} {longest:>8} {aim:>8} {limit:>8}")
        };
        let (mut sum, mut longest, mut over) = ((0, 0), 0, [0, 0]);
        for page in &self.pages {
            let counts = [page.over(AIM).count(), page.over(LIMIT).count()];
            row(&page.path.display().to_string(), page.sum(), page.longest(), counts)?;
            sum = add(sum, page.sum());
            longest = longest.max(page.longest());
            let [aim, limit] = &mut over;
            *aim += page.over(AIM).count();
            *limit += page.over(LIMIT).count();
        }
        row("all", sum, longest, over)?;
        for page in &self.pages {
            for Sentence { line, words, text } in page.over(AIM).filter(|sentence| sentence.words <= LIMIT) {
                writeln!(f, "{}:{line}: {words} words, above {AIM}: {text}", page.path.display())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Report, measure_page};

    fn violations(source: &str) -> Vec<String> {
        Report { pages: vec![measure_page(PathBuf::from("a.md"), source)] }.violations()
    }

    #[test]
    fn sentences_are_counted_without_code_tables_and_headings() {
        let table = format!("| {} |\n| - |\n", "word ".repeat(40));
        let source =
            format!("# {}\n\nOne `a b. c`. Two, three.\n\n{table}\n```\na b\n```\n", "word ".repeat(40));
        let page = measure_page(PathBuf::from("a.md"), &source);
        let words: Vec<_> = page.sentences.iter().map(|sentence| sentence.words).collect();
        assert_eq!(words, [2, 2]);
    }

    #[test]
    fn a_long_mean_a_long_sentence_and_a_banned_word_are_violations() {
        assert_eq!(violations("One two three."), [""; 0]);
        assert_eq!(violations(&"word ".repeat(15)), ["the mean is 15.0 words, above 14"]);
        let long = format!("A.\n\nB.\n\nC.\n\n{}", "word ".repeat(31));
        assert!(
            violations(&long)[0].starts_with("a.md:7: 31 words, above 30: word"),
            "{:?}",
            violations(&long)
        );
        assert_eq!(violations("Text.\nNobody\nsees."), ["a.md:2: the banned word \"nobody\""]);
    }
}
