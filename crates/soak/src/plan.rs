//! The plan of a run.

use social_core::entropy::{self, SystemEntropy};

use crate::error::SoakError;

pub(crate) const HELP: &str = "\
Publishes posts with real processes over one Postgres. Meanwhile the platform returns errors, processes are killed with
kill -9, and Postgres restarts. Then it counts what was published. Exits with 1 if anything was lost, doubled or
stuck, or is in doubt without a reason.

Usage: cargo run --bin soak -- [OPTIONS]

  --seconds N    how long posts are created and faults happen; the final phase comes on top (30)
  --posts N      how many posts (100)
  --workers N    how many processes (4)
  --accounts N   how many accounts (as many as needed if each starts one post in 11 s)
  --seed N       the seed of every draw (drawn by the system, and printed)
  --drain N      the time limit of the final phase in seconds (300, and half of --seconds)
  --hard         also: pgbouncer in front of Postgres, a read-only minute, a full disk, and webhooks whose endpoint
                 fails; requires root, Linux and pgbouncer, and at least 600 seconds
  --keep         keeps the data and the processes' logs; a failed run always keeps them";

/// How often an account may start a post, as the platform allows.
const SPACING: u64 = 11;

/// The outages of a hard run, and the time between them.
const HARD: u64 = 600;

/// The plan of a run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) seconds: u64,
    pub(crate) posts: u32,
    pub(crate) workers: usize,
    pub(crate) accounts: usize,
    pub(crate) seed: u64,
    pub(crate) drain: u64,
    pub(crate) keep: bool,
    /// Whether Postgres also refuses writes, its disk fills up, and webhooks must arrive.
    pub(crate) hard: bool,
}

impl Plan {
    /// Parses the command line; `None`: it asks for help.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Option<Self>, SoakError> {
        let mut plan = Self {
            seconds: 40,
            posts: 100,
            workers: 4,
            accounts: 0,
            seed: u64::from_be_bytes(entropy::bytes(&SystemEntropy)) >> 32,
            drain: 0,
            keep: false,
            hard: false,
        };
        while let Some(word) = words.next() {
            let mut number = || {
                let value = words.next().and_then(|text| text.parse::<u64>().ok());
                value.ok_or_else(|| SoakError::Usage(format!("{word} requires a number")))
            };
            match word.as_str() {
                "--seconds" => plan.seconds = number()?.max(1),
                "--posts" => plan.posts = u32::try_from(number()?).unwrap_or(u32::MAX),
                "--workers" => plan.workers = small(number()?),
                "--accounts" => plan.accounts = small(number()?),
                "--seed" => plan.seed = number()?,
                "--drain" => plan.drain = number()?,
                "--keep" => plan.keep = true,
                "--hard" => plan.hard = true,
                "--help" | "-h" | "help" => return Ok(None),
                _ => return Err(SoakError::Usage(format!("{word:?} is no option"))),
            }
        }
        if plan.hard && plan.seconds < HARD {
            return Err(SoakError::Usage(format!("--hard requires --seconds {HARD} or more")));
        }
        if plan.drain == 0 {
            plan.drain = 300 + plan.seconds / 2;
        }
        if plan.accounts == 0 {
            // Three fifths of an account's start slots: the others are for posts that restart.
            let turns = (plan.seconds * 3 / 5 / SPACING).max(1);
            plan.accounts = small(u64::from(plan.posts).div_ceil(turns));
        }
        Ok(Some(plan))
    }
}

fn small(number: u64) -> usize {
    usize::try_from(number.clamp(1, 10_000)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Option<Plan>, SoakError> {
        Plan::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn accounts_follow_from_the_pace() {
        let plan = read("--seconds 600 --posts 2000 --seed 7").unwrap().unwrap();
        assert_eq!((plan.seconds, plan.posts, plan.seed), (600, 2000, 7));
        assert_eq!((plan.accounts, plan.drain), (63, 600));
        assert_eq!(read("--posts 10 --accounts 3").unwrap().unwrap().accounts, 3);
    }

    #[test]
    fn an_unknown_option_is_an_error() {
        assert!(read("--seconds soon").unwrap_err().to_string().contains("--seconds requires a number"));
        assert!(read("--second 5").is_err());
        assert!(read("--hard").is_err());
        assert!(read("--hard --seconds 600").unwrap().unwrap().hard);
        assert!(read("--help").unwrap().is_none());
    }
}
