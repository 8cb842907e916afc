//! Where relayed videos go: takes PUTs, chunk by chunk or all in one, and throws the bytes away. It does next to
//! nothing, so that the sender is measured.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use std::path::Path;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use crate::authority::Authority;
use crate::trouble::{Outcome, Trouble};

/// How much is taken from a connection at once.
const PIECE: usize = 256 * 1024;

/// Serves until the process is killed; the first line names its URL. Clients may use TLS if there is a folder with a
/// certificate.
pub(crate) async fn serve(authority: Option<&str>) -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let acceptor = authority.map(|folder| Authority::of(Path::new(folder)).acceptor()).transpose()?;
    let mut out = std::io::stdout();
    writeln!(out, "http://{}", listener.local_addr()?)?;
    out.flush()?;
    let taken = Arc::new(AtomicU64::new(0));
    loop {
        let (stream, _) = listener.accept().await?;
        let (taken, acceptor) = (Arc::clone(&taken), acceptor.clone());
        tokio::spawn(async move {
            let mut first = [0];
            // A TLS record of a handshake begins with 22 (RFC 8446 §5.1); the counters are asked for without.
            let is_tls = stream.peek(&mut first).await.is_ok_and(|_| first == [22]);
            match acceptor.filter(|_| is_tls) {
                Some(acceptor) => match acceptor.accept(stream).await {
                    Ok(stream) => talk(stream, &taken).await,
                    Err(error) => eprintln!("the sink: {error}"),
                },
                None => talk(stream, &taken).await,
            }
        });
    }
}

async fn talk(stream: impl AsyncRead + AsyncWrite + Unpin, taken: &AtomicU64) {
    let mut stream = BufReader::with_capacity(PIECE, stream);
    loop {
        match converse(&mut stream, taken).await {
            Ok(true) => {}
            Ok(false) => return,
            // A client that ends does not always say so to TLS.
            Err(Trouble::System(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => return,
            Err(error) => return eprintln!("the sink: {error}"),
        }
    }
}

/// One request. `false`: there was none.
async fn converse(
    stream: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>,
    taken: &AtomicU64,
) -> Outcome<bool> {
    let (mut is_put, mut length, mut range, mut is_chunked, mut expects) = (false, 0, None, false, false);
    let mut line = String::new();
    let mut is_first = true;
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(false);
        }
        let text = line.trim_end().to_ascii_lowercase();
        if text.is_empty() {
            break;
        }
        if is_first {
            is_put = text.starts_with("put ");
            is_first = false;
        } else if let Some(value) = text.strip_prefix("content-length: ") {
            length = value.parse()?;
        } else if let Some(value) = text.strip_prefix("content-range: bytes ") {
            range = value.split_once('-').and_then(|(first, _)| first.parse::<u64>().ok());
        } else {
            is_chunked |= text == "transfer-encoding: chunked";
            expects |= text == "expect: 100-continue";
        }
    }
    if !is_put {
        let body = format!("{{\"taken\":{}}}", taken.swap(0, Ordering::Relaxed));
        let reply =
            format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(reply.as_bytes()).await?;
        return Ok(false);
    }
    if expects {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    // As TikTok's upload address: in order, and nothing twice.
    let in_order = range.is_none_or(|first| first == taken.load(Ordering::Relaxed));
    if is_chunked {
        loop {
            line.clear();
            stream.read_line(&mut line).await?;
            let size = u64::from_str_radix(line.trim_end(), 16)?;
            drain(stream, size, taken).await?;
            stream.read_line(&mut line).await?;
            if size == 0 {
                break;
            }
        }
    } else {
        drain(stream, length, taken).await?;
    }
    let status = if in_order { "201 Created" } else { "416 Range Not Satisfiable" };
    stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await?;
    // Otherwise TLS may keep a part of it.
    stream.flush().await?;
    Ok(true)
}

async fn drain(
    stream: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>,
    length: u64,
    taken: &AtomicU64,
) -> Outcome<()> {
    let mut left = length;
    while left > 0 {
        let come = u64::try_from(stream.fill_buf().await?.len()).unwrap_or_default().min(left);
        if come == 0 {
            return Err("the request was cut".into());
        }
        stream.consume(usize::try_from(come).unwrap_or_default());
        taken.fetch_add(come, Ordering::Relaxed);
        left -= come;
    }
    Ok(())
}
