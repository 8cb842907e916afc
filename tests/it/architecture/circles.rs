//! Files of one module that use each other in a circle: none of them can be read alone.
//!
//! A file uses another if it names an item that the other one defines. A re-export counts for the file that defines the
//! item, so a `mod.rs` that only declares and re-exports is in no circle. Tests do not count.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;

use super::names::{Crate, Use};
use super::root;

#[test]
fn no_files_of_a_module_use_each_other_in_a_circle() {
    let mut circles = Vec::new();
    for source in roots() {
        let graph = Graph::of(&Crate::read(&source));
        circles.extend(graph.circles().into_iter().map(|files| (graph.circle_in(&files), files)));
    }
    assert!(circles.is_empty(), "circles: {circles:#?}");
}

#[test]
fn a_circle_is_named_with_what_closes_it() {
    let code = Crate::of(&[
        ("a/src/lib.rs", &[], "mod a; mod b; mod c; pub use b::B;"),
        ("a/src/a.rs", &["a"], "use crate::B; pub struct A(B);"),
        ("a/src/b.rs", &["b"], "pub struct B; fn f() { super::c::g(); }"),
        (
            "a/src/c.rs",
            &["c"],
            "use super::*; pub fn g() { println!(\"{}\", a::A); } #[cfg(test)] mod tests { use super::B; }",
        ),
    ]);
    let graph = Graph::of(&code);
    let circles: Vec<_> = graph.circles().into_iter().collect();
    assert_eq!(circles, [["a/src/a.rs", "a/src/b.rs", "a/src/c.rs"]]);
    assert_eq!(
        graph.circle_in(&circles[0]),
        "a/src/a.rs uses B of a/src/b.rs, which uses g of a/src/c.rs, which uses A of a/src/a.rs"
    );
}

#[test]
fn what_only_declares_is_in_no_circle() {
    let code = Crate::of(&[
        ("a/src/lib.rs", &[], "mod m;"),
        ("a/src/m/mod.rs", &["m"], "mod a; mod b; pub use a::A; pub use b::B;"),
        ("a/src/m/a.rs", &["m", "a"], "pub struct A; #[cfg(test)] mod tests { use crate::m::B; }"),
        ("a/src/m/b.rs", &["m", "b"], "use super::{A, a}; pub struct B(A); fn f() -> a::A { A }"),
    ]);
    assert_eq!(Graph::of(&code).circles(), BTreeSet::new());
}

/// The root files of all crates that are checked.
fn roots() -> Vec<String> {
    let crates = fs::read_dir(root().join("crates")).unwrap();
    let names = crates.map(|entry| format!("crates/{}", entry.unwrap().file_name().to_str().unwrap()));
    let roots = names
        .chain(["xtask".to_owned()])
        .flat_map(|name| ["lib.rs", "main.rs"].map(|file| format!("{name}/src/{file}")));
    let found: Vec<_> = roots.filter(|path| root().join(path).exists()).collect();
    assert!(found.len() > 5, "this reads the wrong folder");
    found
}

/// Returns the module at the crate's top that contains a file; `None` for the files beside the crate's root.
fn module(file: &str) -> Option<&str> {
    file.split_once("/src/")?.1.split_once('/').map(|(module, _)| module)
}

/// Which file uses which item of which other file of its module.
struct Graph(BTreeMap<String, BTreeMap<String, String>>);

impl Graph {
    fn of(code: &Crate) -> Self {
        let mut graph: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for Use { file, item, of } in code.uses() {
            if file != of && module(&file) == module(&of) {
                graph.entry(file).or_default().entry(of).or_insert(item);
            }
        }
        Self(graph)
    }

    /// Returns the sets of files that can be reached from each other.
    fn circles(&self) -> BTreeSet<Vec<String>> {
        let reached: BTreeMap<_, _> = self.0.keys().map(|file| (file, self.reached_from(file))).collect();
        let circle = |file: &String| {
            let back = |other: &&String| reached.get(other).is_some_and(|files| files.contains(file));
            reached[file].iter().filter(back).cloned().collect::<Vec<_>>()
        };
        self.0.keys().map(circle).filter(|files| !files.is_empty()).collect()
    }

    /// Returns the files that a file uses, and those that they use, and so on.
    fn reached_from(&self, file: &str) -> BTreeSet<String> {
        self.steps_from(file).into_keys().collect()
    }

    /// Returns, for each file that can be reached, the file before it on a shortest way.
    fn steps_from(&self, file: &str) -> BTreeMap<String, String> {
        let mut before = BTreeMap::new();
        let mut next = VecDeque::from([file.to_owned()]);
        while let Some(file) = next.pop_front() {
            for used in self.0.get(&file).into_iter().flat_map(BTreeMap::keys) {
                if !before.contains_key(used) {
                    before.insert(used.clone(), file.clone());
                    next.push_back(used.clone());
                }
            }
        }
        before
    }

    /// Names one shortest circle among the files.
    fn circle_in(&self, files: &[String]) -> String {
        files.iter().map(|file| self.circle_from(file)).min_by_key(Vec::len).unwrap().join(", which ")
    }

    fn circle_from(&self, file: &str) -> Vec<String> {
        let before = self.steps_from(file);
        let (mut links, mut at) = (VecDeque::new(), file.to_owned());
        loop {
            let from = before[&at].clone();
            let subject = if from == file { format!("{from} ") } else { String::new() };
            links.push_front(format!("{subject}uses {} of {at}", self.0[&from][&at]));
            if from == file {
                return links.into();
            }
            at = from;
        }
    }
}
