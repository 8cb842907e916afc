//! One contestant, one run: fill, rest, work, count.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::cpu;
use crate::fill::{Begun, Filling, fill};
use crate::server::{Database, Server, connect};
use crate::trouble::Outcome;

/// Who does the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// pgbench, on a table of its own.
    BarePlain,
    /// pgbench, on our table.
    BareOurs,
    /// Our store; results under way, without the ledger, which no peer has.
    Ours,
    /// Our store as the publisher uses it: one claim for all free slots, which saves what has ended in them.
    OursTogether,
    /// Our store as the publisher uses it: with the ledger.
    OursWithLedger,
    /// Our store on results that are to begin, one account each.
    OursBeginning,
    /// A peer in Node: the script's name.
    Node(&'static str),
    /// apalis-postgres.
    Apalis,
}

/// What a run is given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Loops, workers or connections.
    pub(crate) concurrency: u32,
    /// How many are claimed at once.
    pub(crate) batch: u32,
    /// How many there are.
    pub(crate) jobs: u32,
}

/// What a run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// Microseconds of Postgres's CPU a job.
    pub(crate) postgres: f64,
    /// Microseconds of the client's CPU a job.
    pub(crate) client: f64,
    /// Jobs a second.
    pub(crate) rate: f64,
}

/// Where things lie.
#[derive(Debug)]
pub(crate) struct Places {
    /// `benches/`.
    pub(crate) home: PathBuf,
    /// Where npm put the peers.
    pub(crate) node: PathBuf,
    /// The apalis peer.
    pub(crate) apalis: PathBuf,
}

impl Who {
    /// The name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BarePlain => "bare SQL, plain table",
            Self::BareOurs => "bare SQL, our table",
            Self::OursTogether => "**ours**",
            Self::Ours => "ours, a claim for each hand",
            Self::OursWithLedger => "ours, with ledger",
            Self::OursBeginning => "ours, beginning",
            Self::Node(name) => name,
            Self::Apalis => "apalis-postgres",
        }
    }

    /// One run on a database of its own, which is gone afterwards.
    pub(crate) async fn run(self, server: &Server, places: &Places, load: Load) -> Outcome<Reading> {
        let name = "contest";
        let database = match self {
            Self::BarePlain | Self::Node(_) | Self::Apalis => server.empty(name).await?,
            _ => server.migrated(name).await?,
        };
        let jobs = usize::try_from(load.jobs).unwrap_or_default();
        let reading = match self {
            Self::BarePlain => {
                let mut owner = connect(&database.url).await?;
                let table = std::fs::read_to_string(places.home.join("pgbench/plain-table.sql"))?;
                sqlx::raw_sql(sqlx::AssertSqlSafe(table)).execute(&mut owner).await?;
                sqlx::query(
                    "insert into jobs (due_at, payload)
                    select now() - interval '1 hour' + at * interval '1 millisecond', json_build_object('i', at)
                    from generate_series(1, $1) at",
                )
                .bind(i64::from(load.jobs))
                .execute(&mut owner)
                .await?;
                server.settle(&database).await?;
                pgbench(server, places, &database, "plain", load)?
            }
            Self::BareOurs => {
                fill(&database, &Filling::due(jobs, 1000, Begun::Yes)).await?;
                server.settle(&database).await?;
                pgbench(server, places, &database, "ours", load)?
            }
            Self::Ours | Self::OursTogether | Self::OursWithLedger => {
                fill(&database, &Filling::due(jobs, 1000, Begun::Yes)).await?;
                self.drive(server, places, &database, load).await?
            }
            Self::OursBeginning => {
                fill(&database, &Filling::due(jobs, jobs, Begun::No)).await?;
                self.drive(server, places, &database, load).await?
            }
            Self::Node(_) | Self::Apalis => self.drive(server, places, &database, load).await?,
        };
        server.drop(name).await?;
        Ok(reading)
    }

    fn command(self, places: &Places, database: &Database) -> Outcome<Command> {
        let mut command = match self {
            Self::Node(script) => {
                let mut command = Command::new("node");
                command.arg(places.node.join(format!("{script}.mjs"))).arg(&database.url);
                command
            }
            Self::Apalis => {
                let mut command = Command::new(&places.apalis);
                command.arg(&database.url);
                command
            }
            ours => {
                let ledger = if ours == Self::OursWithLedger { "ledger" } else { "no-ledger" };
                let mut command = Command::new(std::env::current_exe()?);
                command.args(["work", ledger]).arg(&database.app_url);
                command
            }
        };
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        Ok(command)
    }

    /// Runs a process that fills if it must, says `ready`, works when told and says `done`.
    async fn drive(
        self,
        server: &Server,
        places: &Places,
        database: &Database,
        load: Load,
    ) -> Outcome<Reading> {
        let (loops, at_once) = match self {
            Self::Ours | Self::Node(_) | Self::Apalis => (load.concurrency, load.batch),
            // One claimer, and as many hands.
            _ => (1, load.concurrency * load.batch),
        };
        let mut child = self
            .command(places, database)?
            .args([loops, at_once, load.jobs].map(|number| number.to_string()))
            .spawn()?;
        let mut said = BufReader::new(child.stdout.take().ok_or("no stdout")?);
        let reading = async {
            hear(&mut said, "ready")?;
            server.settle(database).await?;
            let before = (server.cpu()?, cpu::of_process(child.id())?, Instant::now());
            tell(&mut child)?;
            hear(&mut said, "done")?;
            let wall = before.2.elapsed();
            Ok(reading(server.cpu()? - before.0, cpu::of_process(child.id())? - before.1, wall, load))
        }
        .await;
        drop(child.stdin.take());
        if reading.is_err() {
            child.kill()?;
        }
        child.wait()?;
        reading
    }
}

fn hear(said: &mut BufReader<ChildStdout>, word: &str) -> Outcome<()> {
    let mut line = String::new();
    said.read_line(&mut line)?;
    if line.trim() == word { Ok(()) } else { Err(format!("expected {word}, heard {line:?}").as_str().into()) }
}

fn tell(child: &mut Child) -> Outcome<()> {
    let stdin = child.stdin.as_mut().ok_or("no stdin")?;
    writeln!(stdin, "go")?;
    Ok(stdin.flush()?)
}

/// Runs pgbench, one script for one by one and one for batches. Its start is counted too; it is short.
fn pgbench(
    server: &Server,
    places: &Places,
    database: &Database,
    table: &str,
    load: Load,
) -> Outcome<Reading> {
    let way = if load.batch == 1 { "one" } else { "batch" };
    let script = places.home.join(format!("pgbench/{table}-{way}.sql"));
    let (own, ours, start) = (server.cpu()?, cpu::of_ended_children()?, Instant::now());
    let output = Command::new("pgbench")
        .args(["--no-vacuum", "--protocol=prepared", "--username=postgres", "--jobs=1", "--host"])
        .arg(server.socket_directory())
        .arg(format!("--client={}", load.concurrency))
        .arg(format!("--transactions={}", load.jobs / load.batch / load.concurrency))
        .arg(format!("--define=batch={}", load.batch))
        .arg(format!("--file={}", script.display()))
        .arg(&database.name)
        .output()?;
    let wall = start.elapsed();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).as_ref().into());
    }
    let client = cpu::of_ended_children()? - ours;
    // Until the postmaster has buried the connections' processes, whose time is then its own.
    std::thread::sleep(Duration::from_millis(200));
    Ok(reading(server.cpu()? - own, client, wall, load))
}

fn reading(postgres: Duration, client: Duration, wall: Duration, load: Load) -> Reading {
    let jobs = f64::from(load.jobs);
    let per_job = |time: Duration| time.as_secs_f64() * 1e6 / jobs;
    Reading { postgres: per_job(postgres), client: per_job(client), rate: jobs / wall.as_secs_f64() }
}

/// Where things lie, seen from `benches/`.
pub(crate) fn places(home: &Path) -> Places {
    let home = home.to_owned();
    Places { node: home.join("target/peers"), apalis: exe_beside("apalis-peer"), home }
}

/// A program that was built together with this one.
fn exe_beside(name: &str) -> PathBuf {
    std::env::current_exe().map(|exe| exe.with_file_name(name)).unwrap_or_default()
}
