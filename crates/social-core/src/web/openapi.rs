//! The function `social-openapi`: serves the contract.

use axum::response::{IntoResponse, Response};
use http::header;

use super::endpoints::endpoints;
use super::function::Function;
use super::shared::{Shared, StartError};

/// The document as a test keeps it. To build it here would double a cold start.
const DOCUMENT: &str = include_str!("../../../../openapi.json");

endpoints!((); show: __path_show);

/// Returns the function `social-openapi`.
///
/// # Errors
/// See [`StartError`].
pub fn social_openapi(shared: &Shared) -> Result<Function, StartError> {
    Ok(Function::new("social-openapi", routes(), shared))
}

/// Returns this document.
#[utoipa::path(method(get, head), path = "/social-openapi", operation_id = "getOpenApi", tag = "operation",
    responses((status = 200, description = "The contract, as OpenAPI 3.1.", body = Object)))]
async fn show() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}
