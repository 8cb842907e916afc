//! The platforms' pages: the same headings, all options, all steps, all scopes.

use serde_json::json;
use social_core::platform::{NewResult, WORKERS};

use super::{at, code_of, docs, listed, quoted, section, texts};

const HEADINGS: &[&str] =
    &["Status", "Credentials", "Scopes", "Steps", "Options", "Limits", "Codes", "Open questions"];

#[test]
fn every_platforms_page_has_the_same_headings() {
    for worker in WORKERS {
        let page = docs(&format!("{}.md", worker.id()));
        let found: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(found, HEADINGS, "{}", worker.id());
    }
}

#[test]
fn every_option_of_every_platform_is_in_the_docs() {
    for worker in WORKERS {
        let page = docs(&format!("{}.md", worker.id()));
        let known = listed(section(&page, "Options"));
        // The error for an unknown option names the options that exist.
        let result = json!({"accountId": "", worker.id().as_str(): {"no such option": 1}});
        let result: NewResult = serde_json::from_value(result).unwrap();
        let message = result.options_for(&worker.id()).unwrap().1.unwrap().message;
        let named: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
        assert!(named.len() >= 2, "{message}");
        for option in &named {
            assert!(known.contains(option), "docs/{}.md lacks {option}", worker.id());
        }
        assert!(known.contains(worker.ai_label()), "docs/{}.md lacks the AI label", worker.id());
        for option in known {
            assert!(named.contains(&option), "{} has no option {option}", worker.id());
        }
    }
}

#[test]
fn every_step_of_every_platform_is_in_the_docs() {
    for worker in WORKERS {
        let page = docs(&format!("{}.md", worker.id()));
        let known = listed(section(&page, "Steps"));
        let code = code_of(&at(&format!("crates/social-core/src/platform/{}/mod.rs", worker.id())));
        let (_, rest) = code.split_once("fn name(&self").unwrap();
        let steps: Vec<&str> = texts(rest.split(" fn ").next().unwrap()).collect();
        assert!(steps.len() >= 5, "{}: {steps:?}", worker.id());
        for step in steps {
            assert!(known.contains(step), "docs/{}.md lacks the step {step}", worker.id());
        }
    }
}

#[test]
fn every_scope_that_is_requested_is_in_the_docs() {
    for worker in WORKERS {
        let page = docs(&format!("{}.md", worker.id()));
        let known = listed(section(&page, "Scopes"));
        for scope in worker.oauth().scopes {
            assert!(known.contains(scope), "docs/{}.md lacks the scope {scope}", worker.id());
        }
    }
    let side_by_side = docs("platforms.md");
    for worker in WORKERS {
        assert!(quoted(&side_by_side).any(|word| word == worker.ai_label()), "platforms.md: {}", worker.id());
    }
}
