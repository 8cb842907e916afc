//! What the queue and the worker cost, beside other queues, all in one run on one private Postgres; and what it costs
//! to look at a video, beside ffprobe.
//!
//! `benches/run` builds everything and starts this; `docs/performance.md` says what came out.

mod authority;
mod burst;
mod claim;
mod cold;
mod contest;
mod cpu;
mod distance;
mod explained;
mod fair;
mod fill;
mod line;
mod narrow;
mod nginx;
mod ours;
mod platform;
#[path = "../../tests/it/pooler.rs"]
mod pooler;
mod probe;
mod program;
mod queue;
mod relay;
#[path = "../../tests/it/runtime_api.rs"]
mod runtime_api;
mod scale;
mod server;
mod settings;
mod sink;
mod trouble;
mod worker;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use contest::Load;
use ours::Ledger;
use program::Program;
use server::Server;
use trouble::Outcome;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["work", ledger, url, loops, batch, count] => {
            let ledger = if *ledger == "ledger" { Ledger::Kept } else { Ledger::None };
            ours::work(url, loops.parse()?, batch.parse()?, count.parse()?, ledger).await
        }
        ["publish", url, platform, concurrency] => worker::publish(url, platform, concurrency.parse()?).await,
        ["platform", size, speed, manner] => platform::serve(size.parse()?, speed.parse()?, manner).await,
        ["carry", url, sink, chunk] => relay::carry(url, sink, chunk.parse()?).await,
        ["narrow-work", database, base] => narrow::work(database, base).await,
        ["narrow"] => narrow::run(&start().await?, &Path::new(HOME).join("target/narrow"), 4).await,
        ["narrow", gib] => {
            narrow::run(&start().await?, &Path::new(HOME).join("target/narrow"), gib.parse()?).await
        }
        ["pipe", url, sink] => relay::pipe(url, sink).await,
        ["sink"] => sink::serve(None).await,
        ["sink", authority] => sink::serve(Some(authority)).await,
        ["relay", options @ ..] => relay_part(options).await,
        ["queue", options @ ..] => queue_part(&start().await?, options).await,
        ["claim"] => claim::run(&start().await?, 5_000_000).await,
        ["claim", most] => claim::run(&start().await?, most.parse()?).await,
        ["worker"] => worker::run(&start().await?).await,
        ["fair"] => {
            let server = start().await?;
            fair::run(&server).await?;
            burst::run(&server).await
        }
        ["scale"] => scale::run(&start().await?).await,
        ["cold", before @ ..] => cold_part(&start().await?, before).await,
        ["distance", before @ ..] => distance_part(&start().await?, before).await,
        ["probe"] => probe::run(&Path::new(HOME).join("target/films")).await,
        [] => {
            let server = start().await?;
            queue_part(&server, &[]).await?;
            claim::run(&server, 5_000_000).await?;
            worker::run(&server).await?;
            fair::run(&server).await?;
            burst::run(&server).await?;
            scale::run(&server).await?;
            probe::run(&Path::new(HOME).join("target/films")).await?;
            relay_part(&[]).await
        }
        _ => {
            Err("usage: benches/run [queue|claim|worker|fair|scale|distance|cold|probe|relay|narrow] …"
                .into())
        }
    }
}

/// `benches/`.
const HOME: &str = env!("CARGO_MANIFEST_DIR");

/// Starts the server that everybody works on.
async fn start() -> Outcome<Server> {
    let server = Server::start(&Path::new(HOME).join("target/postgres")).await?;
    println!("{}", server.describe().await?);
    Ok(server)
}

/// `distance [social-server of another build]`
async fn distance_part(server: &Server, before: &[&str]) -> Outcome<()> {
    distance::run(server, &programs("connect.mjs", "social-server", before)).await
}

/// `cold [social-accounts-connect of another build]`
async fn cold_part(server: &Server, before: &[&str]) -> Outcome<()> {
    let mut programs = programs("bundle/connect-function.mjs", "staged/social-accounts-connect", before);
    programs.insert(2, Program { name: "ours, linked statically".to_owned(), path: built("staged/static") });
    cold::run(server, &programs, &built("staged/social-post-worker")).await
}

/// Node's, ours, and ours of other builds.
fn programs(script: &str, binary: &str, before: &[&str]) -> Vec<Program> {
    let program = |name: &str, path: PathBuf| Program { name: name.to_owned(), path };
    let node = program("Node, `pg`", Path::new(HOME).join("target/peers").join(script));
    let mut programs = vec![node, program("ours", built(binary))];
    programs.extend(before.iter().map(|path| program("ours before", PathBuf::from(path))));
    programs
}

/// A release build of a binary of ours.
fn built(binary: &str) -> PathBuf {
    Path::new(HOME).join("../target/release").join(binary)
}

/// `queue [--rounds N] [--load CONCURRENCYxBATCHxJOBS]… [name]…`
async fn queue_part(server: &Server, options: &[&str]) -> Outcome<()> {
    let mut rounds = 3;
    let mut loads = Vec::new();
    let mut only = Vec::new();
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match *option {
            "--rounds" => rounds = options.next().ok_or("--rounds N")?.parse()?,
            "--load" => loads.push(load(options.next().ok_or("--load CONCURRENCYxBATCHxJOBS")?)?),
            name => only.push(name.to_owned()),
        }
    }
    let loads = if loads.is_empty() { queue::LOADS } else { &loads };
    queue::run(server, &contest::places(Path::new(HOME)), queue::Asked { rounds, loads, only: &only }).await
}

/// `relay [--tls] [--gib N] [--rounds N] [part of a name]…`
async fn relay_part(options: &[&str]) -> Outcome<()> {
    let mut asked = relay::Asked { gib: 4, rounds: 3, tls: false, only: Vec::new() };
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match *option {
            "--tls" => asked.tls = true,
            "--gib" => asked.gib = options.next().ok_or("--gib N")?.parse()?,
            "--rounds" => asked.rounds = options.next().ok_or("--rounds N")?.parse()?,
            name => asked.only.push(name.to_owned()),
        }
    }
    relay::run(&Path::new(HOME).join("target/relay"), &asked).await
}

fn load(text: &str) -> Outcome<Load> {
    let numbers: Vec<u32> = text.split('x').map(str::parse).collect::<Result<_, _>>()?;
    let &[concurrency, batch, jobs] = numbers.as_slice() else { return Err("CONCURRENCYxBATCHxJOBS".into()) };
    Ok(Load { concurrency, batch, jobs })
}
