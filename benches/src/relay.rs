//! A video from its server to a platform, over loopback: ours beside curl and beside Node, in one run.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Method, header};
use social_core::clock::{Clock, Deadline, SystemClock};
use social_core::http::{Body, Call, Effect, Http};
use social_core::video::{AddressPolicy, Reading, Sources};
use url::Url;

use crate::authority::{self, Authority};
use crate::cpu;
use crate::nginx::Nginx;
use crate::trouble::{Outcome, Trouble};
use crate::worker::Process;

/// TikTok's example, and what we send.
const CHUNK: u64 = 10_000_000;
const GIB: f64 = 1_073_741_824.0;

/// Who is measured: the name, the program and its arguments, in which `URL`, `SINK` and `ROOT` stand for the addresses and
/// for the file of the authority that all trust.
fn contenders() -> Vec<(&'static str, Vec<String>)> {
    let own = std::env::current_exe().map(|path| path.display().to_string()).unwrap_or_default();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let chunk = CHUNK.to_string();
    let node = |manner: &str| words(&["node", "target/peers/relay.mjs", manner, "URL", "SINK", &chunk]);
    vec![
        (
            "curl source \\| curl sink",
            words(&["sh", "-c", "curl -sS ROOT URL | curl -sS ROOT -H Expect: -T - SINK"]),
        ),
        ("ours, chunks of 10 MB, with checksums", words(&[&own, "carry", "URL", "SINK", &chunk])),
        ("ours, chunks of 64 MB, with checksums", words(&[&own, "carry", "URL", "SINK", "64000000"])),
        ("reqwest to reqwest, one request", words(&[&own, "pipe", "URL", "SINK"])),
        ("Node, fetch to fetch, 10 MB each", node("stream")),
        ("Node, the whole file held, 10 MB each", node("buffer")),
        ("Node, axios stream to axios, one request", node("axios-stream")),
        ("Node, axios buffers of 10 MB", node("axios-buffer")),
    ]
}

/// Sends a video through the very code that publishing uses: the process that is measured.
pub(crate) async fn carry(url: &str, sink: &str, chunk: u64) -> Outcome<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let said = |what: &dyn std::fmt::Display| Trouble::Said(what.to_string());
    let policy = AddressPolicy::LoopbackAllowed;
    let (sources, http) = match roots()? {
        Some(roots) => (Sources::trusting(policy, roots.clone()), Http::trusting(roots, Arc::clone(&clock))),
        None => (Sources::new(policy), Http::new(Arc::clone(&clock))),
    };
    let sources = sources.map_err(|error| said(&error))?;
    let file = sources.open(url).await.map_err(|error| said(&error))?.file;
    let sink = Url::parse(sink).map_err(|error| said(&error))?;
    let (size, mut start) = (file.size, 0);
    let mut reading = Reading::new(sources, file, Vec::new());
    while start < size {
        let end = (start + chunk).min(size);
        let stream = reading.read(start..end).await.map_err(|error| said(&error))?;
        let call = Call::new(Method::PUT, sink.clone(), Effect::Idempotent)
            .header(header::CONTENT_TYPE, "video/mp4")
            .header(header::CONTENT_RANGE, format!("bytes {start}-{}/{size}", end - 1))
            .body(Body::Video { start, end })
            .timeout(Duration::from_secs(120));
        let deadline = Deadline::after(clock.now(), Duration::from_secs(150));
        let reply = http.send(call, Some(Box::pin(stream)), deadline).await.map_err(|error| said(&error))?;
        let range = reading.finish_range();
        let whole = range.sent.is_some_and(|sent| sent.bytes == end - start);
        if !reply.is_success() || !whole {
            return Err(said(&format_args!("chunk {start} was answered {}", reply.status)));
        }
        start = end;
    }
    Ok(())
}

/// The authority that a process of ours is told to trust, as Node is.
fn roots() -> Outcome<Option<rustls::RootCertStore>> {
    std::env::var("NODE_EXTRA_CA_CERTS").ok().map(|file| authority::roots(&file)).transpose()
}

/// The plainest way in Rust: one response streamed into one request. What is left to gain over it is TLS and HTTP
/// themselves.
pub(crate) async fn pipe(url: &str, sink: &str) -> Outcome<()> {
    let said = |error: reqwest::Error| Trouble::Said(error.to_string());
    let roots = roots()?.unwrap_or_else(rustls::RootCertStore::empty);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Trouble::Said(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client =
        reqwest::Client::builder().tls_backend_preconfigured(tls).http1_only().build().map_err(said)?;
    let source = client.get(url).send().await.map_err(said)?;
    client.put(sink).body(reqwest::Body::from(source)).send().await.map_err(said)?;
    Ok(())
}

/// One way through, measured.
struct Measured {
    wall: Duration,
    cpu: Duration,
    peak: u64,
}

/// What is measured: a file of so many GiB, `rounds` times in turn, with TLS at both ends or without, and only those whose
/// names have one of these words in them.
pub(crate) struct Asked {
    pub(crate) gib: u64,
    pub(crate) rounds: usize,
    pub(crate) tls: bool,
    pub(crate) only: Vec<String>,
}

/// Measures all and prints the best of each.
pub(crate) async fn run(folder: &Path, asked: &Asked) -> Outcome<()> {
    let Asked { gib, rounds, only, .. } = asked;
    let size = gib * 1024 * 1024 * 1024;
    let keys = folder.join("keys");
    let authority = asked.tls.then(|| Authority::make(&keys)).transpose()?;
    let nginx = Nginx::start(folder, size, authority.as_ref())?;
    let sink = Process::sink(authority.as_ref().and_then(|_| keys.to_str()))?;
    let (scheme, over) = if asked.tls { ("https", " and TLS") } else { ("http", "") };
    let ends = Ends {
        url: nginx.url(),
        sink: format!("{}/upload", sink.said.replacen("http", scheme, 1)),
        root: authority.map(|authority| authority.root().display().to_string()),
    };
    println!("\n{gib} GiB over loopback{over}, nginx to a sink that throws away; best of {rounds}:\n");
    println!("| | MB/s | CPU s/GiB | of curl's | peak memory, MiB |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    let contenders: Vec<_> = contenders()
        .into_iter()
        .filter(|(name, _)| only.is_empty() || only.iter().any(|word| name.contains(word.as_str())))
        .collect();
    let mut best: HashMap<&str, Measured> = HashMap::new();
    for _ in 0..*rounds {
        for (name, words) in &contenders {
            let reading = measure(words, &ends, &sink, size).await;
            match reading {
                Ok(reading) => {
                    let known = best.entry(name).or_insert(Measured { ..reading });
                    *known = Measured {
                        wall: known.wall.min(reading.wall),
                        cpu: known.cpu.min(reading.cpu),
                        peak: known.peak.max(reading.peak),
                    };
                }
                Err(trouble) => eprintln!("{name}: {trouble}"),
            }
        }
    }
    let per_gib = |reading: &Measured| reading.cpu.as_secs_f64() / (size_of(size) / GIB);
    let curl = contenders.first().and_then(|(name, _)| best.get(name)).map(per_gib);
    for (name, _) in &contenders {
        let Some(reading) = best.get(name) else {
            println!("| {name} | could not | | | |");
            continue;
        };
        let ratio = curl.map_or_else(String::new, |curl| format!("{:.2}", per_gib(reading) / curl));
        println!(
            "| {name} | {:.0} | {:.2} | {ratio} | {:.0} |",
            size_of(size) / 1e6 / reading.wall.as_secs_f64(),
            per_gib(reading),
            size_of(reading.peak) / 1_048_576.0,
        );
    }
    Ok(())
}

/// Where it comes from and goes to, and the file of the authority behind both.
struct Ends {
    url: String,
    sink: String,
    root: Option<String>,
}

async fn measure(words: &[String], ends: &Ends, sink: &Process, size: u64) -> Outcome<Measured> {
    sink.count("taken")?;
    let root = ends.root.as_ref().map_or_else(String::new, |root| format!("--cacert {root}"));
    let given =
        |word: &String| word.replace("URL", &ends.url).replace("SINK", &ends.sink).replace("ROOT", &root);
    let words: Vec<String> = words.iter().map(given).collect();
    let (program, arguments) = words.split_first().ok_or("nothing to run")?;
    let (before, start) = (cpu::of_ended_children()?, Instant::now());
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    if let Some(root) = &ends.root {
        command.env("NODE_EXTRA_CA_CERTS", root);
    }
    let child = command.spawn()?;
    let (is_well, peak) = attend(child).await?;
    let wall = start.elapsed();
    let cpu = cpu::of_ended_children()?.saturating_sub(before);
    let taken = sink.count("taken")?;
    if !is_well || taken != size {
        return Err(format!(
            "it ended {}, and the sink took {taken} bytes",
            if is_well { "well" } else { "ill" }
        )
        .as_str()
        .into());
    }
    Ok(Measured { wall, cpu, peak })
}

/// Waits for a process, and looks meanwhile at the memory that it and those it started have held at most.
async fn attend(mut child: Child) -> Outcome<(bool, u64)> {
    let mut peaks: HashMap<u32, u64> = HashMap::new();
    loop {
        for process in cpu::family(child.id()) {
            if let Ok(peak) = cpu::peak_memory(process) {
                peaks.insert(process, peak);
            }
        }
        if let Some(status) = child.try_wait()? {
            return Ok((status.success(), peaks.values().sum()));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn size_of(bytes: u64) -> f64 {
    // Exact to 2^53, which is more than there is.
    bytes.to_string().parse().unwrap_or_default()
}
