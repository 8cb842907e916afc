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

use crate::cpu;
use crate::nginx::Nginx;
use crate::trouble::{Outcome, Trouble};
use crate::worker::Process;

/// TikTok's example, and what we send.
const CHUNK: u64 = 10_000_000;
const GIB: f64 = 1_073_741_824.0;

/// Who is measured: the name, the program and its arguments, in which `URL` and `SINK` stand for the addresses.
fn contenders() -> Vec<(&'static str, Vec<String>)> {
    let own = std::env::current_exe().map(|path| path.display().to_string()).unwrap_or_default();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let chunk = CHUNK.to_string();
    let node = |manner: &str| words(&["node", "target/peers/relay.mjs", manner, "URL", "SINK", &chunk]);
    vec![
        ("curl source \\| curl sink", words(&["sh", "-c", "curl -sS URL | curl -sS -H Expect: -T - SINK"])),
        ("ours, chunks of 10 MB, with checksums", words(&[&own, "carry", "URL", "SINK", &chunk])),
        ("ours, chunks of 64 MB, with checksums", words(&[&own, "carry", "URL", "SINK", "64000000"])),
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
    let sources = Sources::new(AddressPolicy::LoopbackAllowed).map_err(|error| said(&error))?;
    let http = Http::new(Arc::clone(&clock));
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
        let passed = reading.passed();
        let whole = passed.sent.is_some_and(|sent| sent.bytes == end - start);
        if !reply.is_success() || !whole {
            return Err(said(&format_args!("chunk {start} was answered {}", reply.status)));
        }
        start = end;
    }
    Ok(())
}

/// One way through, measured.
struct Measured {
    wall: Duration,
    cpu: Duration,
    peak: u64,
}

/// Measures all, `rounds` times in turn, and prints the best of each.
pub(crate) async fn run(folder: &Path, gib: u64, rounds: usize, only: &[String]) -> Outcome<()> {
    let size = gib * 1024 * 1024 * 1024;
    let nginx = Nginx::start(folder, size)?;
    let sink = Process::sink()?;
    println!("\n{gib} GiB over loopback, nginx to a sink that throws away; best of {rounds}:\n");
    println!("| | MB/s | CPU s/GiB | of curl's | peak memory, MiB |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    let contenders: Vec<_> = contenders()
        .into_iter()
        .filter(|(name, _)| only.is_empty() || only.iter().any(|word| name.contains(word.as_str())))
        .collect();
    let mut best: HashMap<&str, Measured> = HashMap::new();
    for _ in 0..rounds {
        for (name, words) in &contenders {
            let reading = measure(words, &nginx.url(), &format!("{}/upload", sink.said), &sink, size).await;
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

async fn measure(words: &[String], url: &str, to: &str, sink: &Process, size: u64) -> Outcome<Measured> {
    sink.count("taken")?;
    let words: Vec<String> = words.iter().map(|word| word.replace("URL", url).replace("SINK", to)).collect();
    let (program, arguments) = words.split_first().ok_or("nothing to run")?;
    let (before, start) = (cpu::of_ended_children()?, Instant::now());
    let child = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let (is_well, peak) = attend(child).await?;
    let wall = start.elapsed();
    let cpu = cpu::of_ended_children()?.saturating_sub(before);
    let taken = sink.count("taken")?;
    if !is_well || taken != size {
        return Err(format!("it ended {}, and the sink took {taken} bytes", if is_well { "well" } else { "ill" }).as_str().into());
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
