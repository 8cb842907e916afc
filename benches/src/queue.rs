//! Claim and complete, beside other queues.

use crate::contest::{Load, Places, Reading, Who};
use crate::server::Server;
use crate::trouble::Outcome;

/// Everybody.
const EVERYBODY: &[Who] = &[
    Who::BarePlain,
    Who::BareOurs,
    Who::OursTogether,
    Who::Ours,
    Who::OursWithLedger,
    Who::OursBeginning,
    Who::Node("graphile-worker"),
    Who::Node("pg-boss"),
    Who::Apalis,
];

/// What is asked of a run of the queue's part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// How many rounds.
    pub(crate) rounds: usize,
    /// Concurrencies and batches, as `10x1`.
    pub(crate) loads: &'a [Load],
    /// Only those whose names contain one of these; empty: all.
    pub(crate) only: &'a [String],
}

/// The loads of a whole run.
pub(crate) const LOADS: &[Load] = &[
    Load { concurrency: 1, batch: 1, jobs: 2_000 },
    Load { concurrency: 10, batch: 1, jobs: 5_000 },
    Load { concurrency: 50, batch: 1, jobs: 5_000 },
    Load { concurrency: 1, batch: 10, jobs: 10_000 },
    Load { concurrency: 10, batch: 10, jobs: 10_000 },
    Load { concurrency: 1, batch: 100, jobs: 20_000 },
    Load { concurrency: 10, batch: 100, jobs: 20_000 },
];

/// Runs everybody in turn, round after round, and prints a table of medians for each load.
pub(crate) async fn run(server: &Server, places: &Places, asked: Asked<'_>) -> Outcome<()> {
    for load in asked.loads {
        let who: Vec<Who> = EVERYBODY
            .iter()
            .copied()
            .filter(|who| asked.only.is_empty() || asked.only.iter().any(|only| who.name().contains(only)))
            .collect();
        let mut readings: Vec<Vec<Reading>> = vec![Vec::new(); who.len()];
        for round in 0..asked.rounds {
            for (who, readings) in who.iter().zip(&mut readings) {
                let reading = who.run(server, places, *load).await?;
                eprintln!(
                    "{}x{} round {round} {:24} postgres {:7.1} client {:6.1} rate {:7.0}",
                    load.concurrency,
                    load.batch,
                    who.name(),
                    reading.postgres,
                    reading.client,
                    reading.rate
                );
                readings.push(reading);
            }
        }
        print(*load, &who, &readings);
    }
    Ok(())
}

fn print(load: Load, who: &[Who], readings: &[Vec<Reading>]) {
    let medians: Vec<Reading> = readings
        .iter()
        .map(|readings| Reading {
            postgres: median(readings, |reading| reading.postgres),
            client: median(readings, |reading| reading.client),
            rate: median(readings, |reading| reading.rate),
        })
        .collect();
    let ours =
        who.iter().zip(&medians).find(|(who, _)| **who == Who::OursTogether).map(|(_, reading)| *reading);
    println!("\nConcurrency {}, {} at a time, {} jobs:\n", load.concurrency, load.batch, load.jobs);
    println!("| | Postgres µs/job | client µs/job | jobs/s | Postgres, ours = 1 | client, ours = 1 |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for (who, reading) in who.iter().zip(&medians) {
        let Reading { postgres, client, rate } = reading;
        let (of_postgres, of_client) =
            ours.map_or((0.0, 0.0), |ours| (postgres / ours.postgres, client / ours.client));
        let name = who.name();
        println!("| {name} | {postgres:.0} | {client:.0} | {rate:.0} | {of_postgres:.2} | {of_client:.2} |");
    }
}

fn median(readings: &[Reading], of: impl Fn(&Reading) -> f64) -> f64 {
    let mut numbers: Vec<f64> = readings.iter().map(of).collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
