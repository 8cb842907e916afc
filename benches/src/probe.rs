//! Our probe beside ffprobe, of the same files over HTTP on loopback: requests, bytes and time.

mod film;
mod media;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use social_core::video::{AddressPolicy, Sources, probe};

use crate::cpu;
use crate::trouble::{Outcome, Trouble};
use media::{Media, Served};

/// How often each is done; the middle of the times is told.
const ROUNDS: usize = 15;

/// What one way of looking at a file cost.
struct Cost {
    served: Served,
    time: Duration,
    cpu: Duration,
    told: String,
}

/// Makes the files, serves them, and prints the table.
pub(crate) async fn run(folder: &Path) -> Outcome<()> {
    println!("making films in {}", folder.display());
    let films = film::all(folder)?;
    println!("\n{ROUNDS} rounds each, the middle one; ffprobe without a file takes {:?}\n", idle()?);
    println!("| file | bytes | | requests | bytes on the wire | time | CPU | says |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for film in films {
        let media = Media::serve(&film.path)?;
        let (ours, theirs) = (ours(&media).await?, ffprobe(&media)?);
        for (who, cost) in [("ours", ours), ("ffprobe", theirs)] {
            let Cost { served, time, cpu, told } = cost;
            println!(
                "| {} | {} | {who} | {} | {} | {:.1} ms | {:.1} ms | {told} |",
                film.name,
                media.size(),
                served.requests,
                served.bytes,
                milliseconds(time),
                milliseconds(cpu),
            );
        }
    }
    Ok(())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// The middle of the times of what is done again and again, and what the last one told.
struct Rounds {
    times: Vec<Duration>,
    told: String,
}

impl Rounds {
    fn cost(mut self, served: Served, cpu: Duration) -> Cost {
        self.times.sort_unstable();
        let time = self.times.get(self.times.len() / 2).copied().unwrap_or_default();
        Cost { served, time, cpu: cpu / u32::try_from(ROUNDS).unwrap_or(1), told: self.told }
    }
}

/// A new client each time, as in a function that has just started.
async fn ours(media: &Media) -> Outcome<Cost> {
    let mut rounds = Rounds { times: Vec::new(), told: String::new() };
    let mut served = Served::default();
    // The server is part of this process: its time is taken off.
    let (own, theirs) = (cpu::of_process(std::process::id())?, media.cpu());
    for _ in 0..ROUNDS {
        media.forget();
        let start = Instant::now();
        let sources = Sources::new(AddressPolicy::LoopbackAllowed).map_err(said)?;
        let file = sources.open(&media.url()).await.map_err(said)?;
        let found = probe(&sources, &file).await;
        rounds.times.push(start.elapsed());
        served = media.served();
        rounds.told = match found {
            Ok(facts) => format!(
                "{} {} {} {}",
                facts.container,
                facts.video_codec.map_or_else(|| "no codec".to_owned(), |codec| codec.to_string()),
                facts
                    .width
                    .zip(facts.height)
                    .map_or_else(|| "no size".to_owned(), |(x, y)| format!("{x}×{y}")),
                facts
                    .duration
                    .map_or_else(|| "no duration".to_owned(), |time| format!("{:.3} s", time.as_secs_f64())),
            ),
            Err(error) => error.to_string(),
        };
    }
    let cpu = (cpu::of_process(std::process::id())? - own).saturating_sub(media.cpu().saturating_sub(theirs));
    Ok(rounds.cost(served, cpu))
}

fn ffprobe(media: &Media) -> Outcome<Cost> {
    let mut rounds = Rounds { times: Vec::new(), told: String::new() };
    let mut served = Served::default();
    let before = cpu::of_ended_children()?;
    for _ in 0..ROUNDS {
        media.forget();
        let start = Instant::now();
        let said = Command::new("ffprobe")
            .args(["-v", "error", "-of", "csv=p=0", "-show_entries"])
            .arg("stream=codec_name,width,height:format=duration")
            .args(["-select_streams", "v:0"])
            .arg(media.url())
            .stdin(Stdio::null())
            .output()?;
        rounds.times.push(start.elapsed());
        served = media.served();
        rounds.told = String::from_utf8_lossy(&said.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    }
    Ok(rounds.cost(served, cpu::of_ended_children()? - before))
}

/// What it costs to start ffprobe.
fn idle() -> Outcome<Duration> {
    let start = Instant::now();
    Command::new("ffprobe").arg("-version").stdout(Stdio::null()).status()?;
    Ok(start.elapsed())
}

fn said(error: impl std::error::Error) -> Trouble {
    Trouble::Said(error.to_string())
}
