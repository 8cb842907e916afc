//! The names in a crate: which file defines an item, and which files name it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Ident, Item, ItemMod, ItemUse, Macro, UseTree, Visibility};

use super::root;

/// A path to a module from the crate's root, or a path as written.
type Names = Vec<String>;

/// A file that names an item of another one.
pub(super) struct Use {
    pub(super) file: String,
    pub(super) item: String,
    pub(super) of: String,
}

/// The modules of a crate, by their paths.
#[derive(Default)]
pub(super) struct Crate(BTreeMap<Names, Module>);

#[derive(Default)]
struct Module {
    file: String,
    items: BTreeSet<String>,
    imports: Vec<Import>,
    /// The paths in the code, as written.
    paths: BTreeSet<Names>,
}

struct Import {
    /// `None`: everything of the path.
    name: Option<String>,
    path: Names,
    is_public: bool,
}

impl Crate {
    /// Reads the crate with this root file.
    pub(super) fn read(root_file: &str) -> Self {
        let mut found = Self::default();
        let folder = root_file.rsplit_once('/').unwrap().0;
        let mut next = vec![(root_file.to_owned(), folder.to_owned(), Names::new())];
        while let Some((file, folder, path)) = next.pop() {
            let text = fs::read_to_string(root().join(&file)).unwrap();
            for name in found.add(&file, &path, &text) {
                let inner = format!("{folder}/{name}");
                let flat = format!("{inner}.rs");
                let file = if root().join(&flat).exists() { flat } else { format!("{inner}/mod.rs") };
                next.push((file, inner, [path.clone(), vec![name]].concat()));
            }
        }
        found
    }

    /// Takes the crate from texts: each with its file and its module.
    pub(super) fn of(texts: &[(&str, &[&str], &str)]) -> Self {
        let mut found = Self::default();
        for (file, path, text) in texts {
            found.add(file, &path.iter().map(ToString::to_string).collect::<Names>(), text);
        }
        found
    }

    /// Adds a file, and returns the modules that it declares in other files.
    fn add(&mut self, file: &str, path: &[String], text: &str) -> Names {
        let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut reader = Reader { found: self, file, path: path.to_vec(), declared: Vec::new() };
        reader.read(&parsed.items);
        reader.declared
    }

    /// Returns every naming of an item that the crate defines.
    pub(super) fn uses(&self) -> impl Iterator<Item = Use> {
        self.0.iter().flat_map(move |(at, module)| {
            // A public import is a re-export; a private one may be there for a trait's methods.
            let imports = module.imports.iter().filter(|import| !import.is_public).map(|import| &import.path);
            imports.chain(&module.paths).filter_map(move |path| {
                let (of, item) = self.definition(at, path, 0)?;
                Some(Use { file: module.file.clone(), item, of })
            })
        })
    }

    /// Returns the file that defines what a path in a module leads to, and its name there.
    fn definition(&self, at: &[String], path: &[String], depth: usize) -> Option<(String, String)> {
        let (first, rest) = path.split_first()?;
        let module = self.0.get(at)?;
        let child = [at, std::slice::from_ref(first)].concat();
        match first.as_str() {
            _ if depth > 16 => None,
            "crate" => self.definition(&[], rest, depth),
            "self" => self.definition(at, rest, depth),
            "super" => self.definition(at.split_last()?.1, rest, depth),
            _ if module.items.contains(first) => Some((module.file.clone(), first.clone())),
            _ if !rest.is_empty() && self.0.contains_key(&child) => self.definition(&child, rest, depth),
            _ => module.imports.iter().find_map(|import| {
                let behind = match &import.name {
                    Some(name) if name == first => rest,
                    Some(_) => return None,
                    None => path,
                };
                self.definition(at, &[&import.path, behind].concat(), depth + 1)
            }),
        }
    }
}

struct Reader<'a> {
    found: &'a mut Crate,
    file: &'a str,
    path: Names,
    declared: Names,
}

impl Reader<'_> {
    fn module(&mut self) -> &mut Module {
        self.found.0.entry(self.path.clone()).or_default()
    }

    fn read(&mut self, items: &[Item]) {
        self.module().file = self.file.to_owned();
        for item in items {
            self.module().items.extend(defined(item).map(Ident::to_string));
            self.visit_item(item);
        }
    }

    fn path<'t>(&mut self, segments: impl Iterator<Item = &'t Ident>) {
        let names = segments.map(Ident::to_string).collect();
        self.module().paths.insert(names);
    }

    /// Looks for paths in the tokens of a macro's call.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Names = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons < 2 {
                        self.module().paths.insert(std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => colons = 0,
            }
        }
        self.module().paths.insert(path);
    }

    fn import(&mut self, tree: &UseTree, before: &[String], is_public: bool) {
        let with = |name: &Ident| [before, &[name.to_string()]].concat();
        let (name, path) = match tree {
            UseTree::Path(path) => return self.import(&path.tree, &with(&path.ident), is_public),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.import(tree, before, is_public));
                return;
            }
            UseTree::Name(name) if name.ident == "self" => (before.last().cloned(), before.to_vec()),
            UseTree::Name(name) => (Some(name.ident.to_string()), with(&name.ident)),
            UseTree::Rename(rename) => (Some(rename.rename.to_string()), with(&rename.ident)),
            UseTree::Glob(_) => (None, before.to_vec()),
        };
        self.module().imports.push(Import { name, path, is_public });
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !attributes(item).iter().any(is_for_tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let name = item.ident.to_string();
        let Some((_, items)) = &item.content else {
            // A file that is named by its path belongs to another crate, which is read on its own.
            if !item.attrs.iter().any(|attribute| attribute.path().is_ident("path")) {
                self.declared.push(name);
            }
            return;
        };
        self.path.push(name);
        self.read(items);
        self.path.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(&item.tree, &[], !matches!(item.vis, Visibility::Inherited));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.path(path.segments.iter().map(|segment| &segment.ident));
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") && attribute.parse_args::<Ident>().is_ok_and(|name| name == "test")
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Returns the name that an item defines in its module.
fn defined(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Macro(item) => item.ident.as_ref(),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        _ => None,
    }
}
