//! The responses of errors, for the contract.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use super::codes::{Codes, Listed};

/// The errors of these groups of codes, as responses in the contract.
pub(super) struct Fails<C>(PhantomData<C>);

impl<C: Codes> IntoResponses for Fails<C> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        by_status(&C::listed())
    }
}

/// Returns one response for each status. Its description lists the codes.
pub(super) fn by_status(codes: &[Listed]) -> BTreeMap<String, RefOr<Response>> {
    let mut lines = BTreeMap::<String, Vec<String>>::new();
    for (status, code, sentence) in codes {
        lines.entry(status.to_string()).or_default().push(format!("`{code}`: {sentence}"));
    }
    lines.into_iter().map(|(status, lines)| (status, error(lines.join("\n\n")).into())).collect()
}

/// Returns a response with the body of an error.
fn error(description: String) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).build();
    ResponseBuilder::new().description(description).content("application/json", content).build()
}
