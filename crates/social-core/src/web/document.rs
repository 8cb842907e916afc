//! The contract: an `OpenAPI` 3.1 document, made from the routes and types of all functions.
//!
//! Only a test calls this, and writes the document to `openapi.json`. The function `social-openapi` serves that
//! file.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, RefOr, ServerBuilder,
};
use utoipa::{PartialSchema as _, ToSchema as _};

use super::error::ErrorBody;
use super::{accounts, callback, connect, health, openapi, posts, webhook, worker};

/// Returns the document.
#[must_use]
pub fn document() -> OpenApi {
    let bearer = |description: &str| {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description));
        RefOr::T(SecurityScheme::Http(scheme.build()))
    };
    let mut components = Components::new();
    components
        .security_schemes
        .insert("user".to_owned(), bearer("The user's JWT. Its `sub` owns everything it creates."));
    components.security_schemes.insert("worker".to_owned(), bearer("The worker's secret."));
    components.schemas.insert(ErrorBody::name().into_owned(), ErrorBody::schema());
    let tag =
        |name: &str, description: &str| TagBuilder::new().name(name).description(Some(description)).build();
    let mut document = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Social Publisher")
                .description(Some(
                    "Connects social accounts and publishes videos to them at most once, without losing one.",
                ))
                .version(env!("CARGO_PKG_VERSION"))
                .license(Some(LicenseBuilder::new().name("MIT").identifier(Some("MIT")).build()))
                .build(),
        )
        .servers(Some([
            ServerBuilder::new()
                .url("/api")
                .description(Some("Where `/api` is routed to the functions."))
                .build(),
            ServerBuilder::new().url("/.netlify/functions").description(Some("Everywhere.")).build(),
        ]))
        .tags(Some([
            tag("connect", "Connect an account."),
            tag("accounts", "Connected accounts."),
            tag("posts", "Posts and their results."),
            tag("operation", "For schedulers, monitors and platforms."),
        ]))
        .components(Some(components))
        .build();
    connect::describe(&mut document);
    callback::describe(&mut document);
    accounts::describe(&mut document);
    posts::describe(&mut document);
    worker::describe(&mut document);
    health::describe(&mut document);
    webhook::describe(&mut document);
    openapi::describe(&mut document);
    document
}
