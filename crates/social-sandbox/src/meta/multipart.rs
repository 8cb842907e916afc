//! `multipart/form-data` (RFC 7578), read completely: the older way to send a piece of a video to Graph.

use bytes::Bytes;
use http::{HeaderMap, header};
use memchr::memmem::find;
use std::collections::HashMap;

/// The form's parts by name; each name occurs once.
#[derive(Debug, Default)]
pub(crate) struct Multipart(HashMap<String, Bytes>);

impl Multipart {
    /// Reads a body by the boundary in its content type; `None` if it is not one.
    pub(crate) fn read(headers: &HeaderMap, body: &Bytes) -> Option<Self> {
        let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let (kind, parameters) = kind.split_once(';')?;
        if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
            return None;
        }
        let boundary = parameters.split(';').find_map(|one| one.trim().strip_prefix("boundary="))?;
        let delimiter = format!("\r\n--{}", boundary.trim_matches('"'));
        let mut parts = HashMap::new();
        // The first delimiter has no line before it.
        let mut at = delimiter.len().checked_sub(2)?;
        if !body.starts_with(delimiter.get(2..)?.as_bytes()) {
            return None;
        }
        loop {
            let rest = body.get(at..)?;
            if rest.starts_with(b"--") {
                return Some(Self(parts));
            }
            let rest = rest.strip_prefix(b"\r\n")?;
            let head_length = find(rest, b"\r\n\r\n")?;
            let head = std::str::from_utf8(rest.get(..head_length)?).ok()?;
            let content = head_length + 4;
            let length = find(rest.get(content..)?, delimiter.as_bytes())?;
            let start = at + 2 + content;
            parts.insert(name_of(head)?, body.slice(start..start + length));
            at = start + length + delimiter.len();
        }
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Bytes> {
        self.0.remove(name)
    }

    /// Returns the text parts, by name.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value).ok()?)))
    }
}

fn name_of(head: &str) -> Option<String> {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let (_, rest) = line.split_once(" name=\"")?;
    Some(rest.split_once('"')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Multipart;
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, header};

    #[test]
    fn parts_are_found_by_name_and_kept_byte_by_byte() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=xyz"));
        let body = Bytes::from_static(
            b"--xyz\r\nContent-Disposition: form-data; name=\"upload_phase\"\r\n\r\ntransfer\r\n--xyz\r\n\
              Content-Disposition: form-data; name=\"video_file_chunk\"; filename=\"v\"\r\n\
              Content-Type: application/octet-stream\r\n\r\n\r\n--xy\0\r\n\r\n--xyz--\r\n",
        );
        let mut form = Multipart::read(&headers, &body).unwrap();
        assert_eq!(form.take("video_file_chunk").unwrap(), b"\r\n--xy\0\r\n"[..]);
        assert_eq!(form.texts().collect::<Vec<_>>(), [("upload_phase", "transfer")]);
        assert!(Multipart::read(&headers, &body.slice(..40)).is_none());
    }
}
