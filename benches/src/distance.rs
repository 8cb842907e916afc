//! What an answer costs when Postgres is some milliseconds away: `tiktok-connect`, asked over HTTP, of builds of ours and
//! of a Node handler that does the same.

use std::net::{TcpListener as StdListener, TcpStream as StdStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::cpu;
use crate::line::Line;
use crate::program::Program;
use crate::server::{Database, Server};
use crate::settings;
use crate::trouble::{Outcome, Trouble};

/// Round trips to Postgres, in milliseconds.
const ROUND_TRIPS: &[u64] = &[0, 4, 20];
/// Answers that are timed, after some that are not.
const ANSWERS: usize = 100;
const WARM: usize = 20;
/// Answers whose processor time is counted, at no distance.
const COUNTED: u32 = 2_000;
/// Fresh processes whose first answer is timed.
const STARTS: usize = 5;

/// Measures each program at each distance and prints it.
pub(crate) async fn run(server: &Server, programs: &[Program]) -> Outcome<()> {
    println!("\nA warm connect over HTTP, one after the other; milliseconds, p50 of {ANSWERS}:\n");
    let columns: String = ROUND_TRIPS.iter().map(|trip| format!(" {trip} ms |")).collect();
    println!("| | CPU µs, client + Postgres |{columns} first answer at 20 ms |");
    println!("| --- | ---: |{} ---: |", " ---: |".repeat(ROUND_TRIPS.len()));
    for program in programs {
        let database = server.migrated("distance").await?;
        let mut cells = vec![cpu_of(server, program, &database).await?];
        for trip in ROUND_TRIPS {
            cells.push(format!("{:.1}", warm(server, program, &database, *trip).await?));
        }
        cells.push(format!("{:.0}", first(server, program, &database).await?));
        println!("| {} | {} |", program.name, cells.join(" | "));
        server.drop(&database.name).await?;
    }
    Ok(())
}

async fn warm(server: &Server, program: &Program, database: &Database, trip: u64) -> Outcome<f64> {
    let line = Line::start(server.socket_directory(), Duration::from_millis(trip)).await?;
    let running = Running::start(program, database, &line)?;
    let caller = Caller::new(running.port)?;
    for _ in 0..WARM {
        caller.ask().await?;
    }
    let mut times = Vec::with_capacity(ANSWERS);
    for _ in 0..ANSWERS {
        times.push(caller.ask().await?);
    }
    Ok(settings::median(times))
}

/// The first answer of a process that has just begun to listen.
async fn first(server: &Server, program: &Program, database: &Database) -> Outcome<f64> {
    let line = Line::start(server.socket_directory(), Duration::from_millis(20)).await?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let running = Running::start(program, database, &line)?;
        times.push(Caller::new(running.port)?.ask().await?);
    }
    Ok(settings::median(times))
}

async fn cpu_of(server: &Server, program: &Program, database: &Database) -> Outcome<String> {
    let line = Line::start(server.socket_directory(), Duration::ZERO).await?;
    let running = Running::start(program, database, &line)?;
    let caller = Caller::new(running.port)?;
    for _ in 0..WARM {
        caller.ask().await?;
    }
    let before = (cpu::of_process(running.child.id())?, server.cpu()?);
    for _ in 0..COUNTED {
        caller.ask().await?;
    }
    let (ours, own) = (cpu::of_process(running.child.id())? - before.0, server.cpu()? - before.1);
    let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(COUNTED);
    Ok(format!("{:.0} + {:.0}", each(ours), each(own)))
}

/// A program that answers, killed when dropped.
struct Running {
    child: Child,
    port: u16,
}

impl Running {
    fn start(program: &Program, database: &Database, line: &Line) -> Outcome<Self> {
        let port = StdListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = program.command();
        if !program.is_script() {
            command.arg("serve");
        }
        let child = command
            .envs(settings::environment(database, line))
            .env("PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        let running = Self { child, port };
        let start = Instant::now();
        while StdStream::connect(("127.0.0.1", port)).is_err() {
            if start.elapsed() > Duration::from_secs(20) {
                return Err(format!("{} does not listen", program.name).as_str().into());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks over one connection.
struct Caller {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl Caller {
    fn new(port: u16) -> Outcome<Self> {
        let token = settings::token()?;
        let client = reqwest::Client::builder()
            .use_preconfigured_tls(social_core::http::tls_config())
            .build()
            .map_err(|error| Trouble::Said(error.to_string()))?;
        Ok(Self { client, url: format!("http://127.0.0.1:{port}/.netlify/functions/tiktok-connect"), token })
    }

    /// How long an answer took, in milliseconds; it must be a good one.
    async fn ask(&self) -> Outcome<f64> {
        let start = Instant::now();
        let reply =
            self.client.get(&self.url).bearer_auth(&self.token).header("host", "social.example").send();
        let reply = reply.await.map_err(|error| Trouble::Said(error.to_string()))?;
        let status = reply.status();
        let text = reply.text().await.map_err(|error| Trouble::Said(error.to_string()))?;
        if status != 200 || !text.contains("authUrl") {
            return Err(format!("{status}: {text}").as_str().into());
        }
        Ok(start.elapsed().as_secs_f64() * 1e3)
    }
}
