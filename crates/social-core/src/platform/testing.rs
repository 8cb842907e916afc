//! What the unit tests of all platforms share.

use serde_json::{Value, json};

use super::options::{Given, Options};
use super::{Draft, Problem, SocialWorker};
use crate::clock::Timestamp;

/// Returns a draft that is due now.
pub(super) fn draft<'a>(caption: &'a str, scopes: &[&str]) -> Draft<'a> {
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    Draft { caption, title: None, options: &(), scopes: scopes.leak(), due: Timestamp::default() }
}

/// Reads options as a request does.
pub(super) fn options<T: Options>(platform: &str, options: &Value) -> (T, Option<Problem>) {
    let given: Option<Given<T>> = serde_json::from_value(json!(options)).unwrap();
    Given::open(given, platform)
}

/// Returns the problems of a draft with these options, as a create request reports them.
pub(super) fn problems<T: SocialWorker>(platform: &T, options: &Value, draft: &Draft<'_>) -> Vec<Problem> {
    let (options, problem) = self::options(T::ID.as_str(), options);
    problem.map_or_else(|| platform.check(&draft.with(&options)), |problem| vec![problem])
}
