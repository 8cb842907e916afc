//! Bodies of requests.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::codes::{BodyCode, RawCode};
use super::error::ApiError;
use super::json::Json;
use crate::platform::read_json;

/// The bytes of a body of at most `KIB` kibibytes. 256 KiB are hundreds of results with long captions.
#[derive(Debug)]
pub(super) struct Raw<const KIB: u64 = 256>(Bytes);

impl<const KIB: u64> Raw<KIB> {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the SHA-256 of the bytes.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }

    /// Returns the body as an object. If a field is wrong, returns 422 with its name.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let value = value(&self.0)?;
        if !value.is_object() {
            return Err(BodyCode::InvalidBody.into());
        }
        Ok(read_json("The body", &value)?)
    }
}

/// Returns a body as JSON, or 400.
pub(super) fn value(body: &[u8]) -> Result<serde_json::Value, ApiError> {
    serde_json::from_slice(body).map_err(|error| {
        ApiError::from(BodyCode::InvalidJson).saying(format!("The body isn't valid JSON: {error}."))
    })
}

/// 8 MiB: how much of a body that is too large is read and dropped. A caller that is still sending would otherwise
/// lose the response with its connection.
const MOST_DISCARDED: u64 = 8 * 1024 * 1024;

/// 60 s for a whole body: a caller that sends it byte by byte must not keep a connection for nothing.
const LONGEST: Duration = Duration::from_mins(1);

impl<const KIB: u64> Raw<KIB> {
    async fn read(mut body: Body) -> Result<Self, ApiError> {
        let (most, mut read) = (KIB * 1024, 0_u64);
        let mut kept = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return Err(RawCode::BodyUnreadable.into()) };
            let data = frame.into_data().unwrap_or_default();
            read = read.saturating_add(u64::try_from(data.len()).unwrap_or(u64::MAX));
            if read <= most {
                kept.extend_from_slice(&data);
            } else if read > MOST_DISCARDED {
                break;
            }
        }
        if read > most {
            return Err(
                ApiError::from(RawCode::BodyTooLarge).saying(format!("The body is larger than {KIB} KiB."))
            );
        }
        Ok(Self(kept.freeze()))
    }
}

impl<const KIB: u64, S: Send + Sync> FromRequest<S> for Raw<KIB> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let reading = tokio::time::timeout(LONGEST, Self::read(request.into_body()));
        reading.await.unwrap_or_else(|_| Err(RawCode::BodyUnreadable.into()))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        Raw::<256>::from_request(request, state).await?.json().map(Self)
    }
}
