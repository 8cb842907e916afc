//! The worker itself: CPU per step that is one API call, and memory with many uploads in flight.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use social_core::clock::{Clock as _, Deadline, SystemClock};
use social_core::config::Mode;
use social_core::model::RequestId;
use social_core::publish::Budget;
use social_core::store::Reach;
use social_core::web::Functions;
use uuid::Uuid;

use crate::cpu;
use crate::fill::{self, Begun, Filling, fill};
use crate::server::Server;
use crate::trouble::{Outcome, Trouble};

/// How many polls are measured.
const POLLS: usize = 3_000;
/// 100 MB a video, in ten chunks, 1 MB a second: none is done while we measure.
const VIDEO: u64 = 100_000_000;
const SLOWLY: u64 = 1_000_000;

/// The worker's process: invocation after invocation, until it is killed.
pub(crate) async fn publish(url: &str, platform: &str, concurrency: usize) -> Outcome<()> {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let secret = "the-secret-of-all-our-benches";
    let var = |name: &str| {
        let value = match name {
            "APP_URL" => "http://localhost:8888",
            "DATABASE_URL" => url,
            "TOKEN_ENCRYPTION_KEYS" => fill::KEYS,
            "AUTH_JWT_SECRET" | "WORKER_SECRET" | "TIKTOK_CLIENT_SECRET" | "YOUTUBE_CLIENT_SECRET" => secret,
            "TIKTOK_CLIENT_KEY" | "YOUTUBE_CLIENT_ID" => "awbenches",
            "TIKTOK_WWW_URL"
            | "TIKTOK_API_URL"
            | "YOUTUBE_WWW_URL"
            | "YOUTUBE_API_URL"
            | "GOOGLE_OAUTH_URL"
            | "GOOGLE_ACCOUNTS_URL" => platform,
            _ => return None,
        };
        Some(value.to_owned())
    };
    let app = Functions::from_vars(Mode::Local, 8, &var).map_err(|error| Trouble::Said(error.to_string()))?;
    let request = RequestId::from(Uuid::nil());
    loop {
        let deadline = Deadline::after(SystemClock.now(), Duration::from_secs(60));
        let report = app.publisher.run(Budget { deadline, concurrency }, Reach::Everything, &request).await?;
        if report.leased == 0 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Measures both and prints them.
pub(crate) async fn run(server: &Server) -> Outcome<()> {
    println!("\nPolls of posts in processing, {POLLS} of them, loopback HTTP without TLS:\n");
    println!("| concurrency | worker µs/step | Postgres µs/step | steps/s | worker's peak memory, MiB |");
    println!("| ---: | ---: | ---: | ---: | ---: |");
    for concurrency in [1, 8, 50] {
        println!("{}", polls(server, concurrency).await?);
    }
    println!(
        "\nUploads in flight: videos of {} MB in chunks of 10 MB, each source sending 1 MB/s:\n",
        VIDEO / 1_000_000
    );
    println!("| in flight | worker's peak memory, MiB | worker's CPU, % of a core | MB/s |");
    println!("| ---: | ---: | ---: | ---: |");
    for in_flight in [1, 50] {
        println!("{}", uploads(server, in_flight).await?);
    }
    Ok(())
}

async fn polls(server: &Server, concurrency: usize) -> Outcome<String> {
    let database = server.migrated("worker").await?;
    // More than are measured: those that were polled come again in five seconds.
    fill(&database, &Filling::due(POLLS * 2, 500, Begun::Yes)).await?;
    server.settle(&database).await?;
    let platform = Process::platform(VIDEO, u64::MAX, "busy")?;
    let worker = Process::worker(&database.app_url, &platform.said, concurrency)?;
    // The first are its start.
    platform.wait("polls", 200).await?;
    let before = (server.cpu()?, cpu::of_process(worker.id())?, platform.count("polls")?, Instant::now());
    platform.wait("polls", before.2 + u64::try_from(POLLS).unwrap_or_default()).await?;
    let steps = platform.count("polls")? - before.2;
    let (own, ours, wall) =
        (server.cpu()? - before.0, cpu::of_process(worker.id())? - before.1, before.3.elapsed());
    let peak = cpu::peak_memory(worker.id())?;
    drop((worker, platform));
    server.drop(&database.name).await?;
    let steps = number(steps);
    Ok(format!(
        "| {concurrency} | {:.0} | {:.0} | {:.0} | {:.1} |",
        ours.as_secs_f64() * 1e6 / steps,
        own.as_secs_f64() * 1e6 / steps,
        steps / wall.as_secs_f64(),
        number(peak) / 1_048_576.0
    ))
}

async fn uploads(server: &Server, in_flight: usize) -> Outcome<String> {
    let database = server.migrated("worker").await?;
    let platform = Process::platform(VIDEO, SLOWLY, "busy")?;
    let videos = format!("{}/videos", platform.said);
    let filling = Filling { videos: &videos, ..Filling::due(in_flight, in_flight, Begun::No) };
    fill(&database, &filling).await?;
    server.settle(&database).await?;
    let worker = Process::worker(&database.app_url, &platform.said, in_flight)?;
    // All begun, and each some way into its second chunk.
    platform.wait("taken", u64::try_from(in_flight).unwrap_or_default() * 2_000_000).await?;
    let before = (cpu::of_process(worker.id())?, platform.count("taken")?, Instant::now());
    tokio::time::sleep(Duration::from_secs(20)).await;
    let (ours, taken, wall) =
        (cpu::of_process(worker.id())? - before.0, platform.count("taken")? - before.1, before.2.elapsed());
    let peak = cpu::peak_memory(worker.id())?;
    drop((worker, platform));
    server.drop(&database.name).await?;
    Ok(format!(
        "| {in_flight} | {:.1} | {:.0} | {:.1} |",
        number(peak) / 1_048_576.0,
        100.0 * ours.as_secs_f64() / wall.as_secs_f64(),
        number(taken) / 1e6 / wall.as_secs_f64()
    ))
}

fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A process of ours, which ends with us.
pub(crate) struct Process {
    child: Child,
    /// The first line it said: the platform's address.
    pub(crate) said: String,
}

impl Process {
    /// A platform that sends videos of that size that fast.
    pub(crate) fn platform(video_size: u64, bytes_per_second: u64, manner: &str) -> Outcome<Self> {
        Self::speaking(&["platform", &video_size.to_string(), &bytes_per_second.to_string(), manner])
    }

    /// A sink, over TLS if an authority's folder is given.
    pub(crate) fn sink(authority: Option<&str>) -> Outcome<Self> {
        let words: Vec<&str> = ["sink"].into_iter().chain(authority).collect();
        Self::speaking(&words)
    }

    fn speaking(args: &[&str]) -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?).args(args).stdout(Stdio::piped()).spawn()?;
        let mut said = String::new();
        BufReader::new(child.stdout.take().ok_or("no stdout")?).read_line(&mut said)?;
        Ok(Self { child, said: said.trim().to_owned() })
    }

    /// A worker.
    pub(crate) fn worker(url: &str, platform: &str, concurrency: usize) -> Outcome<Self> {
        let args = ["publish", url, platform, &concurrency.to_string()];
        let child = Command::new(std::env::current_exe()?).args(args).spawn()?;
        Ok(Self { child, said: String::new() })
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// One of the platform's counters.
    pub(crate) fn count(&self, name: &str) -> Outcome<u64> {
        let address = self.said.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address)?;
        write!(stream, "GET /count HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        let body = reply.split("\r\n\r\n").nth(1).unwrap_or_default();
        let counted: Value = serde_json::from_str(body).unwrap_or_default();
        counted.get(name).and_then(Value::as_u64).ok_or_else(|| "the platform does not count".into())
    }

    /// Until a counter is that high.
    async fn wait(&self, name: &str, least: u64) -> Outcome<()> {
        let start = Instant::now();
        while self.count(name)? < least {
            if start.elapsed() > Duration::from_secs(300) {
                return Err(format!("{name} stays below {least}").as_str().into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
