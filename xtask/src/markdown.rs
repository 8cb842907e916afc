//! Reads Markdown pages: their running text, their headings and links, their blocks of code.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{fs, io, iter};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// The pages that a newcomer reads: README, CONTRIBUTING and everything in `docs/`, relative to the root.
///
/// # Errors
///
/// Returns an error if `docs/` cannot be listed.
pub fn pages(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut docs = Vec::new();
    for entry in fs::read_dir(root.join("docs"))? {
        let name = PathBuf::from(entry?.file_name());
        if is_markdown(&name) {
            docs.push(Path::new("docs").join(name));
        }
    }
    docs.sort();
    let first = ["README.md", "CONTRIBUTING.md"].map(PathBuf::from);
    Ok(first.into_iter().filter(|page| root.join(page).is_file()).chain(docs).collect())
}

/// Reports whether a file is a Markdown page, by its name.
#[must_use]
pub fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// The role of a piece of text on its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A paragraph or an item of a list.
    Prose,
    /// A heading.
    Heading,
    /// A cell of a table.
    Cell,
}

/// A piece of running text, without its markup. Code in it is replaced by one word.
#[derive(Debug)]
pub struct Block {
    /// Its role on the page.
    pub role: Role,
    /// Its text, on one line.
    pub text: String,
    /// Where pieces of the text begin: at which byte of it, on which line of the page.
    lines: Vec<(usize, usize)>,
}

impl Block {
    /// Returns the line of the page on which a byte of the text stands.
    #[must_use]
    pub fn line(&self, byte: usize) -> usize {
        self.lines.iter().rev().find(|(start, _)| *start <= byte).map_or(1, |(_, line)| *line)
    }
}

/// The target of a link or an image.
#[derive(Debug)]
pub struct Link {
    /// The target, as written.
    pub target: String,
    /// The line it stands on.
    pub line: usize,
}

/// A fenced block of code.
#[derive(Debug)]
pub struct Code {
    /// The words after the fence, as `sh vendor`.
    pub info: String,
    /// The code.
    pub text: String,
    /// The line of its fence.
    pub line: usize,
}

/// A Markdown page, taken apart.
#[derive(Debug, Default)]
pub struct Page {
    /// Its running text.
    pub blocks: Vec<Block>,
    /// Its links and images.
    pub links: Vec<Link>,
    /// The text of each heading, with its code, from which GitHub makes the anchor.
    pub headings: Vec<String>,
    /// Its fenced blocks of code.
    pub code: Vec<Code>,
}

/// Stands for code in running text. The capital lets a sentence begin with it.
const CODE: &str = "Code";

impl Page {
    /// Takes a page apart.
    #[must_use]
    pub fn parse(source: &str) -> Self {
        let mut reader = Reader { source, page: Self::default(), open: None, code: None, images: 0 };
        for (event, range) in Parser::new_ext(source, Options::ENABLE_GFM | options()).into_offset_iter() {
            reader.event(event, &range);
        }
        reader.page
    }

    /// Returns the anchors of the headings, as GitHub makes them. A repeated heading gets a number.
    #[must_use]
    pub fn anchors(&self) -> Vec<String> {
        let mut anchors: Vec<String> = Vec::new();
        for heading in &self.headings {
            let plain = slug(heading);
            let numbered = (1..).map(|number| format!("{plain}-{number}"));
            let free = iter::once(plain.clone()).chain(numbered).find(|anchor| !anchors.contains(anchor));
            anchors.extend(free);
        }
        anchors
    }
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
}

/// Returns the anchor of a heading: in lower case, with hyphens for spaces and without punctuation.
fn slug(heading: &str) -> String {
    let kept = |letter: char| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        _ => letter.is_alphanumeric().then_some(letter),
    };
    heading.to_lowercase().chars().filter_map(kept).collect()
}

/// The parser's events, being turned into a page.
struct Reader<'a> {
    source: &'a str,
    page: Page,
    open: Option<Block>,
    code: Option<Code>,
    /// How many images are open. Their texts are no prose.
    images: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.text.push_str(&text),
                None => self.push(&text, &text, range),
            },
            Event::Code(text) => self.push(CODE, &text, range),
            Event::SoftBreak | Event::HardBreak => self.push(" ", " ", range),
            Event::Html(_)
            | Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::Rule
            | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::CodeBlock(kind) => {
                self.close();
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some(Code { info, text: String::new(), line: self.line(range.start) });
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                let line = self.line(range.start);
                self.page.links.push(Link { target: dest_url.to_string(), line });
                self.images += usize::from(matches!(tag, Tag::Image { .. }));
            }
            Tag::Heading { .. } => {
                self.open(Role::Heading);
                self.page.headings.push(String::new());
            }
            Tag::TableCell => self.open(Role::Cell),
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Superscript | Tag::Subscript => {}
            _ => self.open(Role::Prose),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => self.page.code.extend(self.code.take()),
            TagEnd::Image => self.images = self.images.saturating_sub(1),
            TagEnd::Link
            | TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript => {}
            _ => self.close(),
        }
    }

    /// Begins a piece of text, and ends the one before it.
    fn open(&mut self, role: Role) {
        self.close();
        self.open = Some(Block { role, text: String::new(), lines: Vec::new() });
    }

    fn close(&mut self) {
        self.page.blocks.extend(self.open.take().filter(|block| !block.text.trim().is_empty()));
    }

    /// Adds text to the open piece: `plain` for a reader of prose, `whole` for the anchor of a heading.
    fn push(&mut self, plain: &str, whole: &str, range: &Range<usize>) {
        let line = self.line(range.start);
        // The text of a tight list goes on after the list inside it.
        let block = self.open.get_or_insert_with(|| Block {
            role: Role::Prose,
            text: String::new(),
            lines: Vec::new(),
        });
        if self.images == 0 {
            block.lines.push((block.text.len(), line));
            block.text.push_str(plain);
        }
        if let (Role::Heading, Some(heading)) = (block.role, self.page.headings.last_mut()) {
            heading.push_str(whole);
        }
    }

    fn line(&self, byte: usize) -> usize {
        self.source.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::{Page, Role};

    #[test]
    fn text_is_read_without_markup_and_knows_its_line() {
        let page =
            Page::parse("# A `b`\n\n- One *two*\n  `x.y`.\n\n```sh vendor\nls\n```\n\n| a |\n| - |\n| c |\n");
        let texts: Vec<_> = page.blocks.iter().map(|block| (block.role, block.text.as_str())).collect();
        let expected =
            [(Role::Heading, "A Code"), (Role::Prose, "One two Code."), (Role::Cell, "a"), (Role::Cell, "c")];
        assert_eq!(texts, expected);
        assert_eq!(page.blocks[1].line(0), 3);
        assert_eq!(page.blocks[1].line(9), 4);
        assert_eq!(
            (page.code[0].info.as_str(), page.code[0].text.as_str(), page.code[0].line),
            ("sh vendor", "ls\n", 6)
        );
    }

    #[test]
    fn anchors_are_those_of_github() {
        let page = Page::parse("# `a_b`: What's new?\n\n## Same\n\n## Same\n");
        assert_eq!(page.anchors(), ["a_b-whats-new", "same", "same-1"]);
    }
}
