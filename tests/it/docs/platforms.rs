//! The platforms' pages: the same headings, all options, all steps, all scopes.

use serde_json::json;
use social_core::platform::{FACTS, NewResult};

use super::{at, code_of, docs, listed, quoted, section, texts};

const HEADINGS: &[&str] =
    &["Status", "Credentials", "Scopes", "Steps", "Options", "Limits", "Codes", "Open questions"];

#[test]
fn every_platforms_page_has_the_same_headings() {
    for facts in FACTS {
        let page = docs(&format!("{}.md", facts.id));
        let found: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(found, HEADINGS, "{}", facts.id);
    }
}

#[test]
fn every_option_of_every_platform_is_in_the_docs() {
    for facts in FACTS {
        let page = docs(&format!("{}.md", facts.id));
        let known = listed(section(&page, "Options"));
        // The error for an unknown option names the options that exist.
        let result = json!({"accountId": "", facts.id.as_str(): {"no such option": 1}});
        let result: NewResult = serde_json::from_value(result).unwrap();
        let message = result.options_for(&facts.id).unwrap().1.unwrap().message;
        let named: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
        assert!(named.len() >= 2, "{message}");
        for option in &named {
            assert!(known.contains(option), "docs/{}.md lacks {option}", facts.id);
        }
        assert!(known.contains(facts.ai_label), "docs/{}.md lacks the AI label", facts.id);
        for option in known {
            assert!(named.contains(&option), "{} has no option {option}", facts.id);
        }
    }
}

#[test]
fn every_step_of_every_platform_is_in_the_docs() {
    for facts in FACTS {
        let page = docs(&format!("{}.md", facts.id));
        let known = listed(section(&page, "Steps"));
        let code = code_of(&at(&format!("crates/social-core/src/platform/{}/steps.rs", facts.id)));
        let (_, rest) = code.split_once("fn name(&self").unwrap();
        let steps: Vec<&str> = texts(rest.split(" fn ").next().unwrap()).collect();
        assert!(steps.len() >= 5, "{}: {steps:?}", facts.id);
        for step in steps {
            assert!(known.contains(step), "docs/{}.md lacks the step {step}", facts.id);
        }
    }
}

#[test]
fn every_scope_that_is_requested_is_in_the_docs() {
    for facts in FACTS {
        let page = docs(&format!("{}.md", facts.id));
        let known = listed(section(&page, "Scopes"));
        for scope in facts.oauth.scopes {
            assert!(known.contains(scope), "docs/{}.md lacks the scope {scope}", facts.id);
        }
    }
    let side_by_side = docs("platforms.md");
    for facts in FACTS {
        assert!(quoted(&side_by_side).any(|word| word == facts.ai_label), "platforms.md: {}", facts.id);
    }
}
