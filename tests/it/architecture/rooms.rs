//! The files of a platform: the same names in every folder.

use social_core::platform::FACTS;

use super::root;

/// What every platform has, in a file of its own.
const ROOMS: [&str; 10] =
    ["mod", "facts", "connect", "options", "limits", "checkpoint", "steps", "calls", "replies", "errors"];

#[test]
fn every_platform_has_the_same_files() {
    let platforms = root().join("crates/social-core/src/platform");
    for facts in FACTS {
        let folder = platforms.join(facts.id.as_str());
        let missing: Vec<_> =
            ROOMS.iter().filter(|room| !folder.join(room).with_extension("rs").is_file()).collect();
        assert!(missing.is_empty(), "{} lacks {missing:?}", facts.id);
    }
}
