//! Maps `aiGenerated`, set once for a post, to each platform's own field.

use serde_json::Value;

use super::respond::ApiError;

/// Returns a result's own value; `None` if it has none.
pub(super) fn read(at: usize, said: Option<&Value>) -> Result<Option<bool>, ApiError> {
    match said {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(said)) => Ok(Some(*said)),
        Some(_) => {
            let field = format!("results[{at}].aiGenerated");
            Err(ApiError::unprocessable("invalid_field", field, "aiGenerated must be true or false."))
        }
    }
}

/// Sets the platform's own option if the result has none. A result's own value must not contradict.
pub(super) fn set(
    at: usize,
    platform: &str,
    label: &'static str,
    said: Option<bool>,
    options: &mut Value,
) -> Result<(), ApiError> {
    let (Some(said), Some(options)) = (said, options.as_object_mut()) else { return Ok(()) };
    match options.get(label) {
        None | Some(Value::Null) => {
            options.insert(label.to_owned(), Value::Bool(said));
            Ok(())
        }
        Some(Value::Bool(own)) if *own != said => {
            let message = format!(
                "aiGenerated is {said}, but {platform}.{label} is {own}. Set both to the same value, or remove one."
            );
            Err(ApiError::unprocessable(
                "ai_label_contradiction",
                format!("results[{at}].{platform}.{label}"),
                message,
            ))
        }
        // The same value; or no boolean, which the platform's own check rejects by name.
        Some(_) => Ok(()),
    }
}
