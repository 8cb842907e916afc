//! TikTok's stand-in, walked through with a real HTTP client over loopback.

mod connect;
mod faults;
mod harness;
mod pages;
mod publish;
mod pull;
mod refusals;
mod storage;
mod webhooks;
