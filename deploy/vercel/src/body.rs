//! The body of a request, read to its end: Vercel's proxy breaks off if it is answered before it has sent all.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http_body::Frame;
use http_body_util::BodyExt as _;

/// 1 MiB: more than any function takes. What comes after it is read and dropped; the function refuses the body by its length.
const KEPT: usize = 1024 * 1024;

/// Reads a body. One that breaks off stays broken, so that the function says so.
pub(crate) async fn read<B>(mut incoming: B) -> Body
where
    B: axum::body::HttpBody<Data = Bytes> + Unpin,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    let mut kept = BytesMut::new();
    while let Some(frame) = incoming.frame().await {
        match frame.map(Frame::into_data) {
            Ok(Ok(data)) if kept.len() < KEPT => kept.extend_from_slice(&data),
            Ok(_) => {}
            Err(error) => return Body::from_stream(stream::once(async { Err::<Bytes, _>(error) })),
        }
    }
    Body::from(kept.freeze())
}
