//! Maps `aiGenerated`, set once for a post, to each platform's own option.

use super::error::ApiError;
use crate::platform::PlatformOptions;

/// Sets the platform's own option if the result has none. A result's own value must not contradict.
pub(super) fn set(
    at: usize,
    platform: &str,
    label: &'static str,
    said: Option<bool>,
    options: &mut PlatformOptions,
) -> Result<(), ApiError> {
    let Some(said) = said else { return Ok(()) };
    let own = *options.ai_label().get_or_insert(said);
    if own == said {
        return Ok(());
    }
    let message = format!(
        "aiGenerated is {said}, but {platform}.{label} is {own}. Set both to the same value, or remove one."
    );
    Err(ApiError::unprocessable(
        "ai_label_contradiction",
        format!("results[{at}].{platform}.{label}"),
        message,
    ))
}
