//! A platform's options: read once, carried as a type, stored as JSON.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use super::misread::{self, Misread};
use super::rules::{Options, Problem};
use crate::model::PlatformId;

/// Stored options that this version of the program cannot read. It prints no value, because a value may be
/// a user's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored options for {platform} cannot be read at `{field}`")]
pub struct UnreadableOptions {
    pub(super) platform: PlatformId,
    pub(super) field: String,
}

impl UnreadableOptions {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "options_unreadable"
    }
}

/// Options in a request. Options that do not fit are a problem of the draft, like a caption that is too long.
#[derive(Debug, Clone)]
pub struct Given<T>(Result<T, Misread>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self(misread::read("The options", &value)))
    }
}

impl<T: Options> Given<T> {
    /// Returns the options. Absent options are the defaults. Options that do not fit are the defaults with
    /// their problem.
    pub(super) fn open(given: Option<Self>, platform: &str) -> (T, Option<Problem>) {
        let Some(Self(read)) = given else { return (T::default(), None) };
        match read {
            Ok(options) => (options, None),
            Err(Misread { field, message, .. }) => {
                let field =
                    if field.is_empty() { platform.to_owned() } else { format!("{platform}.{field}") };
                (T::default(), Some(Problem::error(field, "invalid_option", message)))
            }
        }
    }
}

/// Reads stored options. A row without options has the defaults.
pub(super) fn stored<T: Options>(platform: &PlatformId, options: &Value) -> Result<T, UnreadableOptions> {
    if options.is_null() {
        return Ok(T::default());
    }
    misread::read(platform.as_str(), options)
        .map_err(|Misread { field, .. }| UnreadableOptions { platform: platform.clone(), field })
}

/// Returns the options to store.
pub(super) fn to_store(options: &impl Options) -> Value {
    #[expect(clippy::expect_used, reason = "options are plain data with text keys, which JSON always holds")]
    serde_json::to_value(options).expect("options are plain data")
}

/// Returns the schema of a text that must be one of these.
pub(super) fn one_of(texts: &[&str]) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(texts.iter().copied())).build()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::platform::registry::complete_options;
    use crate::platform::{FACTS, PlatformOptions};

    #[test]
    fn what_was_given_is_stored_and_nothing_else() {
        for facts in FACTS {
            let whole = complete_options(&facts.id);
            for (name, value) in whole.as_object().unwrap() {
                let one = json!({ name: value });
                assert_eq!(PlatformOptions::read(&facts.id, &one).unwrap().to_store(), one);
                let null = json!({ name: null });
                assert_eq!(PlatformOptions::read(&facts.id, &null).unwrap().to_store(), json!({}));
            }
            assert_eq!(PlatformOptions::read(&facts.id, &whole).unwrap().to_store(), whole);
            assert_eq!(PlatformOptions::read(&facts.id, &Value::Null).unwrap().to_store(), json!({}));
        }
    }

    #[test]
    fn the_ai_label_is_the_option_that_the_platform_names() {
        for facts in FACTS {
            let mut options = PlatformOptions::read(&facts.id, &Value::Null).unwrap();
            *options.ai_label() = Some(true);
            assert_eq!(options.to_store(), json!({ facts.ai_label: true }));
        }
    }

    #[test]
    fn stored_options_that_cannot_be_read_are_an_error_that_names_the_member_alone() {
        for facts in FACTS {
            let secret = json!({"a secret": "secret"});
            let error = PlatformOptions::read(&facts.id, &secret).unwrap_err();
            let odd = json!({ facts.ai_label: "secret" });
            let odd = PlatformOptions::read(&facts.id, &odd).unwrap_err();
            assert_eq!((error.code(), odd.field.as_str()), ("options_unreadable", facts.ai_label));
            assert!(!odd.to_string().contains("secret"), "{odd}");
        }
    }

    #[test]
    fn a_reply_names_the_platform_beside_its_options() {
        for facts in FACTS {
            let whole = complete_options(&facts.id);
            let shown = json!(PlatformOptions::read(&facts.id, &whole).unwrap());
            assert_eq!(shown, json!({"platform": facts.id, "options": whole}));
        }
    }
}
