//! What a browser records, recorded on the spot: a page draws, and sends us what its `MediaRecorder` made of it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use super::matrix::differences;
use super::rows::Differs;

/// Each recording: its name, its media type, and its timeslice in milliseconds.
const RECORDINGS: [(&str, &str, &str); 5] = [
    ("whole.webm", "video/webm;codecs=vp8", ""),
    ("slices.webm", "video/webm;codecs=vp8", "500"),
    ("whole.mp4", "video/mp4;codecs=avc1", ""),
    ("slices.mp4", "video/mp4;codecs=avc1", "500"),
    ("vp9.mp4", "video/mp4;codecs=vp9", ""),
];

/// A canvas of noise and a counter, recorded for two seconds in each way.
const PAGE: &str = r"<!doctype html><canvas width=180 height=320></canvas><script>
const canvas = document.querySelector('canvas'), pen = canvas.getContext('2d');
let count = 0;
setInterval(() => {
  pen.fillStyle = `hsl(${count * 7} 80% 50%)`;
  pen.fillRect(0, 0, 180, 320);
  pen.fillStyle = 'white';
  pen.fillText(count++, 20, 20 + count % 300);
}, 33);
async function record([name, mimeType, slice]) {
  const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType, videoBitsPerSecond: 200000 });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const done = new Promise((resolve) => { recorder.onstop = resolve; });
  slice ? recorder.start(Number(slice)) : recorder.start();
  setTimeout(() => recorder.stop(), 2000);
  await done;
  await fetch('/' + name, { method: 'POST', body: new Blob(parts) });
}
(async () => { for (const recording of RECORDINGS) await record(recording); })();
</script>";

/// A browser that is gone when the test is, however that ends.
struct Browser(Child);

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "wants chromium: ./check runs it"]
fn recordings_of_chromium_in_the_matrix_are_what_ffprobe_says() {
    let folder = std::env::temp_dir().join(format!("social-chromium-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (recorded, recordings) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let recorded = recorded.clone();
            thread::spawn(move || converse(stream, &recorded));
        }
    });
    let browser = Command::new("chromium")
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
        ])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("http://{address}/"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let browser = Browser(browser.expect("`chromium`, which `.ci/run` installs"));
    let mut found = BTreeMap::new();
    while found.len() < RECORDINGS.len() {
        let (name, bytes): (String, Vec<u8>) =
            recordings.recv_timeout(Duration::from_secs(90)).expect("a recording");
        found.insert(name, bytes);
    }
    drop(browser);
    let mut wrong = Vec::new();
    for (name, bytes) in found {
        let file = folder.join(&name);
        std::fs::write(&file, bytes).unwrap();
        let differs =
            if name.ends_with("webm") { Differs::NoRate("it does not tell it") } else { Differs::Not };
        wrong.extend(differences(&file, &differs).into_iter().map(|what| format!("{name}: {what}")));
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Serves the page, and takes what it records.
fn converse(stream: TcpStream, recorded: &Sender<(String, Vec<u8>)>) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_ascii_lowercase());
    }
    let length = lines.iter().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    let path = lines[0].split(' ').nth(1).unwrap_or_default();
    let ways: Vec<_> =
        RECORDINGS.iter().map(|(name, kind, slice)| format!("['{name}', '{kind}', '{slice}']")).collect();
    let page = PAGE.replace("RECORDINGS", &format!("[{}]", ways.join(", ")));
    let page = if path == "/" { page } else { String::new() };
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close";
    let _ = write!(reader.get_mut(), "{head}\r\ncontent-length: {}\r\n\r\n{page}", page.len());
    if lines[0].starts_with("post") {
        let _ = recorded.send((path.trim_start_matches('/').to_owned(), body));
    }
}
