//! Where a change came from.

use std::net::IpAddr;

use serde::Serialize;

use super::request::RequestId;

/// Who makes a change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Actor {
    /// The owner, with a token or in a browser.
    #[default]
    User,
    /// An operator, on the command line.
    Support,
}

/// Where a change came from, for the audit trail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// Who makes it.
    pub actor: Actor,
    /// The client's address, if a trusted header names it.
    pub address: Option<IpAddr>,
    /// What the client calls itself, cut to 200 bytes.
    pub user_agent: Option<String>,
    /// The id of the request.
    pub request_id: Option<RequestId>,
}
