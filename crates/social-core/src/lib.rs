//! Connects social accounts and publishes videos to them at most once, without losing one.
//!
//! Platform code does no I/O, and one loop does the work. A platform ([`platform`]) is a set of facts and a
//! small state machine that describes calls and reads responses. One publisher ([`publish`]) leases, sends
//! and saves. One flow ([`oauth`]) connects accounts. [`webhooks`] tell the product
//! what happened. [`store`] has the only SQL, and [`web`] the HTTP
//! endpoints.
//!
//! A module uses only modules listed above its own.

pub mod clock;
pub mod entropy;
pub mod secret;

pub mod vault;

pub mod config;
pub mod http;

pub mod model;

pub mod meter;
pub mod trace;

pub mod video;

pub mod platform;

pub mod store;

pub mod oauth;
pub mod webhooks;

pub mod publish;

pub mod web;

pub mod doctor;
