//! The HTTP functions: a router each, over the flow, the publisher and the store.
//!
//! Each function is one file with its routes, its typed extractors and its typed responses. It holds the parts that
//! it uses and no others, so a binary links only what its function runs. [`Function`] adds what every response needs.
//! No function fails: every outcome becomes a response, and no error reaches the runtime.

mod accounts;
mod ai_label;
mod assignment;
mod audit;
mod auth;
mod bearer;
mod body;
mod callback;
mod codes;
mod conditional;
mod connect;
mod describe;
mod document;
mod draft;
mod edit;
mod emf;
mod endpoints;
mod error;
pub mod event;
mod extract;
mod function;
mod functions;
mod health;
mod json;
mod known;
mod known_accounts;
mod known_posts;
mod messages;
mod methods;
mod openapi;
mod origin;
mod post_changes;
mod post_filter;
mod post_view;
mod posting_options;
mod posts;
mod responses;
mod serve;
mod setup;
mod shared;
mod times;
mod validate;
mod verdict;
mod webhook;
mod worker;

pub use accounts::social_accounts;
pub(crate) use auth::{Authenticator, IssuerKeys};
pub use bearer::Bearer;
pub use callback::{social_accounts_callback, tiktok_callback};
pub use connect::{social_accounts_connect, tiktok_connect};
pub use document::document;
pub use function::{Arrival, Function};
pub use functions::Functions;
pub use health::social_health;
pub use openapi::social_openapi;
pub use posts::social_posts;
pub use serve::{log_json, serve};
pub use shared::{Shared, StartError, platform_vars};
pub use webhook::tiktok_webhook;
pub use worker::social_post_worker;
