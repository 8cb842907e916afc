//! What a cold start costs: `social-accounts-connect` as a process on the Lambda runtime API, beside a build of another
//! commit and a bundled Node handler that does the same.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::authority::Authority;
use crate::cpu;
use crate::line::Line;
use crate::program::Program;
use crate::runtime_api::{Outcome as Invoked, RuntimeApi};
use crate::server::{Database, Server};
use crate::settings::{environment, median, token};
use crate::trouble::Outcome;

/// Fresh processes of each program, for each figure.
const STARTS: usize = 21;
/// Warm calls whose processor time is counted, after some that are not.
const CALLS: u32 = 2_000;
const WARM: usize = 20;
/// The round trip to a database of another zone or region.
const FAR: Duration = Duration::from_millis(20);

/// 2100: a deadline that no invocation reaches.
const DEADLINE: u64 = 4_102_444_800_000;

/// What one program costs.
struct Cost {
    zip: f64,
    /// Milliseconds from the start of the process to its first response, without a database.
    first: f64,
    /// Milliseconds from the start to the response of a first connect, with TLS to a database that is far away.
    far: f64,
    /// MiB at most, in a first connect with a database.
    memory: f64,
    /// Milliseconds of processor time of a warm connect.
    cpu: f64,
}

/// Measures each program, prints the table, and the targets: `programs` are Node, ours, ours linked statically, and perhaps
/// ours before.
pub(crate) async fn run(server: &Server, programs: &[Program], worker: &Path) -> Outcome<()> {
    let database = server.migrated("cold").await?;
    let line = Line::start(server.socket_directory(), Duration::ZERO).await?;
    let keys = std::env::temp_dir().join(format!("cold-{}", std::process::id()));
    let authority = Authority::make(&keys)?;
    let far_line = Line::start_with_tls(server.socket_directory(), FAR, &authority).await?;
    let none = || vec![Vec::new(); programs.len()];
    let (mut first, mut far, mut memory) = (none(), none(), none());
    // All take turns, so that a noisy moment of the machine meets each of them.
    for _ in 0..STARTS {
        for (program, times) in programs.iter().zip(&mut first) {
            let start = Instant::now();
            let mut running = Running::start(program, &database, &line, &authority).await?;
            running.ask(&stranger(), 401).await?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        for (program, times) in programs.iter().zip(&mut far) {
            let start = Instant::now();
            let mut running = Running::start(program, &database, &far_line, &authority).await?;
            running.ask(&user()?, 200).await?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        for (program, peaks) in programs.iter().zip(&mut memory) {
            let mut running = Running::start(program, &database, &line, &authority).await?;
            running.ask(&user()?, 200).await?;
            peaks.push(mib(cpu::peak_memory(running.child.id())?));
        }
    }
    let mut costs = Vec::new();
    for (((program, first), far), memory) in programs.iter().zip(first).zip(far).zip(memory) {
        let running = Running::start(program, &database, &line, &authority).await?;
        let (zip, cpu) = (zipped(&program.path)?, warm(running).await?);
        costs.push(Cost { zip, first: median(first), far: median(far), memory: median(memory), cpu });
    }
    server.drop(&database.name).await?;
    fs::remove_dir_all(keys)?;

    println!("\nA process on the Lambda runtime API; medians of {STARTS} starts, taken in turn:\n");
    println!(
        "| | zip, MB | first response without a database, ms | first connect, TLS to Postgres at 20 ms | peak memory of a connect, MiB | CPU of a warm connect, ms |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for (program, Cost { zip, first, far, memory, cpu }) in programs.iter().zip(&costs) {
        println!("| {} | {zip:.2} | {first:.2} | {far:.0} | {memory:.1} | {cpu:.2} |", program.name);
    }
    println!("\n| target | | measured |\n| --- | ---: | ---: |");
    let [node, ours, linked, before @ ..] = costs.as_slice() else { return Ok(()) };
    println!("| zip of the function, MB | ≤ 3.5 | {:.2} |", ours.zip);
    println!("| zip of the worker, MB | ≤ 4.5 | {:.2} |", zipped(worker)?);
    println!("| peak memory, of Node's | ≤ 1/8 | 1/{:.1} |", node.memory / ours.memory);
    println!("| first response, times as quick as Node's | ≥ 36 | {:.1} |", node.first / ours.first);
    println!("| the same, linked statically, as it ships | ≥ 36 | {:.1} |", node.first / linked.first);
    for before in before {
        println!("| first response, of the earlier build's | ≤ 1.05 | {:.2} |", ours.first / before.first);
        println!(
            "| first connect, TLS to Postgres at 20 ms, of the earlier build's | ≤ 0.55 | {:.2} |",
            ours.far / before.far
        );
    }
    println!("| CPU of a warm connect, ms | ≤ 0.5 | {:.2} |", ours.cpu);
    Ok(())
}

async fn warm(mut running: Running) -> Outcome<f64> {
    let event = user()?;
    for _ in 0..WARM {
        running.ask(&event, 200).await?;
    }
    let before = cpu::of_process(running.child.id())?;
    for _ in 0..CALLS {
        running.ask(&event, 200).await?;
    }
    let used = cpu::of_process(running.child.id())? - before;
    Ok(used.as_secs_f64() * 1e3 / f64::from(CALLS))
}

/// The size of a file in a zip archive, in MB.
fn zipped(file: &Path) -> Outcome<f64> {
    let zip =
        Command::new("zip").args(["-q", "-9", "-j", "-"]).arg(file).stderr(Stdio::inherit()).output()?;
    if !zip.status.success() {
        return Err(format!("{} cannot be zipped", file.display()).as_str().into());
    }
    let archive = file.with_extension("zip");
    fs::write(&archive, &zip.stdout)?;
    let size = fs::metadata(&archive)?.len();
    fs::remove_file(archive)?;
    Ok(u32::try_from(size / 1_000).map(f64::from).unwrap_or(f64::INFINITY) / 1e3)
}

fn mib(bytes: u64) -> f64 {
    u32::try_from(bytes / 1024).map(f64::from).unwrap_or(f64::INFINITY) / 1024.0
}

/// A request without a user: it is rejected before anything asks the database.
fn stranger() -> Value {
    request(json!({ "host": "social.example", "x-forwarded-proto": "https" }))
}

/// A user's request.
fn user() -> Outcome<Value> {
    let authorization = format!("Bearer {}", token()?);
    Ok(request(
        json!({ "host": "social.example", "x-forwarded-proto": "https", "authorization": authorization }),
    ))
}

/// A request in API Gateway's first format, which Netlify uses too.
fn request(headers: Value) -> Value {
    json!({
        "resource": "/{proxy+}", "path": "/.netlify/functions/social-accounts-connect", "httpMethod": "GET",
        "headers": headers, "multiValueHeaders": null,
        "queryStringParameters": { "platform": "tiktok" }, "multiValueQueryStringParameters": null,
        "pathParameters": null, "stageVariables": null,
        "requestContext": { "httpMethod": "GET", "requestTimeEpoch": 1, "stage": "prod" },
        "body": null, "isBase64Encoded": false,
    })
}

/// A function's process and its runtime API, killed when dropped.
struct Running {
    child: Child,
    api: RuntimeApi,
}

impl Running {
    async fn start(
        program: &Program,
        database: &Database,
        line: &Line,
        authority: &Authority,
    ) -> Outcome<Self> {
        let api = RuntimeApi::start().await;
        let child = program
            .command()
            .envs(environment(database, line))
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .env("AWS_LAMBDA_FUNCTION_NAME", "social-accounts-connect")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            // Node verifies where the others only encrypt.
            .env("NODE_EXTRA_CA_CERTS", authority.root())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        Ok(Self { child, api })
    }

    /// Sends an event; the response must have this status.
    async fn ask(&mut self, event: &Value, status: u64) -> Outcome<()> {
        let invoked = self.api.invoke(event, DEADLINE);
        match tokio::time::timeout(Duration::from_secs(20), invoked).await {
            Ok((_, Invoked::Response { body, .. })) if body.get("statusCode") == Some(&status.into()) => {
                Ok(())
            }
            outcome => Err(format!("{outcome:?}").as_str().into()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
