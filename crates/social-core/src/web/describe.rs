//! Adds endpoints to the contract. No function calls this: building a document would double a cold start.

use utoipa::__dev::{SchemaReferences, Tags};
use utoipa::Path;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{Components, Content, HttpMethod, OpenApi, RefOr};

use super::codes::{Codes as _, CommonCode, DatabaseCode};
use super::methods::name;
use super::responses::by_status;

/// Adds an endpoint with its schemas, and the responses that any endpoint may return.
pub(super) fn add<P: Path + SchemaReferences + for<'t> Tags<'t>>(document: &mut OpenApi) {
    let mut schemas = Vec::new();
    P::schemas(&mut schemas);
    let components = document.components.get_or_insert_with(Components::new);
    components.schemas.extend(schemas);
    for (at, method) in P::methods().into_iter().enumerate() {
        let mut operation = P::operation();
        operation.tags = Some(P::tags().into_iter().map(str::to_owned).collect());
        if at > 0 {
            // An operation's id is unique. The first method has the plain one.
            operation.operation_id = operation.operation_id.map(|id| format!("{id}By{}", name(&method)));
        }
        if !matches!(method, HttpMethod::Head) {
            add_common(&mut operation);
        }
        let item = document.paths.paths.entry(P::path()).or_default();
        item.merge_operations(PathItem::new(method, operation));
    }
}

/// Adds the errors of every endpoint. A status that the endpoint has already gets their codes too.
fn add_common(operation: &mut Operation) {
    let common = [CommonCode::listed(), DatabaseCode::listed()].concat();
    let is_common = |status: u16| status != 404;
    let common: Vec<_> = common.into_iter().filter(|(status, ..)| is_common(*status)).collect();
    let responses = &mut operation.responses.responses;
    for (status, response) in by_status(&common) {
        match (responses.get_mut(&status), response) {
            (Some(RefOr::T(known)), RefOr::T(more)) => {
                // A health report has a schema of its own for 503.
                if known.content.values().all(|content| !is_error(content)) {
                    continue;
                }
                known.description = format!("{}\n\n{}", known.description, more.description);
            }
            (Some(_), _) => {}
            (None, response) => {
                responses.insert(status, response);
            }
        }
    }
}

fn is_error(content: &RefOr<Content>) -> bool {
    let RefOr::T(content) = content else { return false };
    matches!(&content.schema, Some(RefOr::Ref(schema)) if schema.ref_location.ends_with("/Error"))
}
