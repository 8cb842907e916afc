//! What the queue and the worker cost, beside other queues, all in one run on one private Postgres.
//!
//! `benches/run` builds everything and starts this; `docs/performance.md` says what came out.

mod contest;
mod cpu;
mod fill;
mod ours;
mod queue;
mod server;
mod trouble;

use std::path::Path;
use std::process::ExitCode;

use contest::Load;
use ours::Ledger;
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
        ["queue", options @ ..] => queue_part(options).await,
        _ => Err("usage: benches/run [queue|claim|worker|fair] …".into()),
    }
}

/// `queue [--rounds N] [--load CONCURRENCYxBATCHxJOBS]… [name]…`
async fn queue_part(options: &[&str]) -> Outcome<()> {
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
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let server = Server::start(&home.join("target/postgres")).await?;
    println!("{}", server.describe().await?);
    let loads = if loads.is_empty() { queue::LOADS } else { &loads };
    queue::run(&server, &contest::places(home), queue::Asked { rounds, loads, only: &only }).await
}

fn load(text: &str) -> Outcome<Load> {
    let numbers: Vec<u32> = text.split('x').map(str::parse).collect::<Result<_, _>>()?;
    let &[concurrency, batch, jobs] = numbers.as_slice() else { return Err("CONCURRENCYxBATCHxJOBS".into()) };
    Ok(Load { concurrency, batch, jobs })
}
