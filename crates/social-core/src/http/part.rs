//! A byte range of the video as one part of a form (`multipart/form-data`, RFC 7578).

use std::fmt::Write as _;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::video_bytes::{VideoBytes, length_of};
use crate::secret::FormValue;

/// The form: its text fields, and the bytes `start..end` of the post's video as its last part.
#[derive(Debug, Clone)]
pub struct VideoPart {
    /// The text fields.
    pub fields: Vec<(&'static str, FormValue)>,
    /// The name of the part with the bytes.
    pub name: &'static str,
    /// The boundary between two parts. It is random, because the video's author could otherwise write parts
    /// into the form.
    pub boundary: String,
    /// The first byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

impl VideoPart {
    /// Returns the form's content type, its length, and the bytes of the form around those of the video.
    pub(super) fn around(self, video: Option<VideoBytes>) -> (String, u64, Option<VideoBytes>) {
        let Self { fields, name, boundary, start, end } = self;
        let disposition = "Content-Disposition: form-data; name";
        let mut head = String::new();
        for (field, value) in &fields {
            let _ = write!(head, "--{boundary}\r\n{disposition}=\"{field}\"\r\n\r\n{}\r\n", value.expose());
        }
        let _ = write!(
            head,
            "--{boundary}\r\n{disposition}=\"{name}\"; filename=\"video\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        let (head, tail) = (Bytes::from(head), Bytes::from(format!("\r\n--{boundary}--\r\n")));
        let length =
            length_of(&head).saturating_add(end.saturating_sub(start)).saturating_add(length_of(&tail));
        let around = |video: VideoBytes| -> VideoBytes {
            Box::pin(stream::iter([Ok(head)]).chain(video).chain(stream::iter([Ok(tail)])))
        };
        (format!("multipart/form-data; boundary={boundary}"), length, video.map(around))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_bytes_stand_between_the_fields_and_the_end() {
        let part = VideoPart {
            fields: vec![("upload_phase", FormValue::new("transfer")), ("start_offset", FormValue::new("5"))],
            name: "video_file_chunk",
            boundary: "b0undary".to_owned(),
            start: 5,
            end: 8,
        };
        let video: VideoBytes = Box::pin(stream::iter([Ok(Bytes::from_static(b"abc"))]));
        let (content_type, length, whole) = part.around(Some(video));
        assert_eq!(content_type, "multipart/form-data; boundary=b0undary");
        let whole: Vec<u8> = whole.unwrap().map(Result::unwrap).collect::<Vec<_>>().await.concat();
        assert_eq!(u64::try_from(whole.len()), Ok(length));
        assert_eq!(
            String::from_utf8(whole).unwrap(),
            "--b0undary\r\nContent-Disposition: form-data; name=\"upload_phase\"\r\n\r\ntransfer\r\n\
             --b0undary\r\nContent-Disposition: form-data; name=\"start_offset\"\r\n\r\n5\r\n\
             --b0undary\r\nContent-Disposition: form-data; name=\"video_file_chunk\"; filename=\"video\"\r\n\
             Content-Type: application/octet-stream\r\n\r\nabc\r\n--b0undary--\r\n"
        );
    }
}
