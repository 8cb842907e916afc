//! `cargo run` and `cargo test` build each library once: the tests' own dependencies add no features to it.

use std::collections::BTreeSet;
use std::process::Command;

use super::root;

#[test]
fn a_program_is_built_with_the_same_features_as_its_tests() {
    let (without, with) = (built("no-dev"), built("normal,build,dev"));
    let other: Vec<_> = without.difference(&with).collect();
    assert!(other.is_empty(), "list what adds the features in tests/Cargo.toml: {other:#?}");
}

/// Returns every package with its features, following these kinds of dependencies.
fn built(edges: &str) -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--locked", "--offline", "--prefix", "none"])
        .args(["--edges", edges, "--format", "{p} {f}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    // A package that stands in the tree before is marked.
    let text = String::from_utf8(tree.stdout).unwrap();
    let lines = text.lines().map(|line| line.trim_end_matches(" (*)").to_owned());
    let packages: BTreeSet<_> = lines.filter(|line| !line.is_empty()).collect();
    assert!(packages.len() > 100, "{packages:?}");
    packages
}
