//! A run, from an empty folder to a verdict.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::task::JoinSet;

use crate::account::{self, Account};
use crate::dice::Dice;
use crate::error::SoakError;
use crate::evidence::Evidence;
use crate::fleet::{self, Fleet};
use crate::hardship::{self, Disk};
use crate::news::News;
use crate::plan::Plan;
use crate::pooler::Pooler;
use crate::post::{self, Made};
use crate::postgres::Postgres;
use crate::product::{self, Product, invoke};
use crate::report::{Figures, listed, report};
use crate::stage::Stage;
use crate::timeline::Timeline;
use crate::trouble::{self, Troubles};
use crate::wire::Wire;
use crate::{program, verdict};

/// How often a run reports its progress.
const NEWS: Duration = Duration::from_secs(5);
/// How long a query may take while Postgres is stopped.
const PATIENCE: Duration = Duration::from_secs(2);
/// Connections of pgbouncer to Postgres, in a hard run.
const POOL: u32 = 4;
/// An unused lease expires within this time.
const LONGEST_LEASE: Duration = Duration::from_secs(30);

/// Results in progress or waiting, and webhooks that were not delivered.
const OPEN: &str =
    "select (select count(*) from post_results where state in ('queued', 'held', 'publishing', 'processing'))
         + (select count(*) from webhook_messages where due_at is not null)";
const LEASED: &str = "select count(*) from post_results where lease_token is not null or in_flight";
const STATES: &str = "select state, count(*) from post_results group by state";

/// Executes a run. `false`: there are findings, which were printed.
pub(crate) fn run(plan: &Plan) -> Result<bool, SoakError> {
    let server = program::find()?;
    let folder = std::env::temp_dir().join(format!("social-publisher-soak-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(SoakError::io("create a folder for the run"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(SoakError::io("start the runtime"))?;
    let ended = runtime.block_on(async {
        tokio::select! {
            ended = soak(plan, &server, &folder) => ended,
            // Processes that we started end with us.
            () = asked_to_stop() => Err(SoakError::Interrupted),
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(20));
    if plan.keep || !matches!(ended, Ok(true)) {
        eprintln!("the data and the processes' logs are in {}", folder.display());
    } else {
        let _ = std::fs::remove_dir_all(&folder);
    }
    ended
}

async fn soak(plan: &Plan, server: &Path, folder: &Path) -> Result<bool, SoakError> {
    println!(
        "seed {}: {} posts to {} accounts in {} s, through {} processes",
        plan.seed, plan.posts, plan.accounts, plan.seconds, plan.workers
    );
    let timeline = Arc::new(Timeline::start());
    let data = folder.join("data");
    let disk = if plan.hard { Some(Arc::new(Disk::mount(&data)?)) } else { None };
    let postgres = Arc::new(Postgres::start(&data, Arc::clone(&timeline)).await?);
    program::migrate(server, postgres.url())?;
    let pooler = if plan.hard {
        let started = Pooler::start(postgres.url(), "transaction", POOL).await;
        Some(started.ok_or(SoakError::NoPooler)?)
    } else {
        None
    };
    let reached = pooler.as_ref().map_or(postgres.url(), |pooler| pooler.url.as_str());
    let stage = Stage::set().await?;
    let client = product::client()?;
    let settings = fleet::Settings {
        program: server.to_owned(),
        folder: folder.to_owned(),
        vars: stage.vars(reached, plan.hard),
    };
    let fleet = Arc::new(Fleet::start(plan.workers, &settings, &client, &timeline)?);
    let product = Arc::new(Product {
        client,
        fleet: Arc::clone(&fleet),
        dice: Mutex::new(Dice::new(plan.seed, "requests")),
        folder: folder.to_owned(),
    });
    let videos = [stage.videos(false), stage.videos(true)];
    let news = Arc::new(News::new(plan.seed));
    let wire = stage.open(plan.seed, &fleet, &postgres, &timeline, &product, &news);
    let accounts = Arc::new(account::connect_all(&product, plan.accounts).await?);
    println!("{:>5} s  {} accounts are connected", timeline.now().as_secs(), accounts.len());

    let db =
        PgPoolOptions::new().max_connections(2).acquire_timeout(PATIENCE).connect_lazy(postgres.url())?;
    let run = Run { plan, timeline, postgres, disk, product, wire, accounts, videos, db };
    let helpers = run.helpers();
    let (made, mut figures) = run.trouble().await?;
    run.drain(&mut figures).await;
    figures.reconnected = helpers.reconnected.load(Ordering::Relaxed);

    let evidence = Evidence::gather(&run.product, &run.wire, &run.accounts, made).await?;
    let mut findings = verdict::reach(&evidence);
    findings.extend(run.leases().await?);
    drop(helpers);
    run.product.fleet.stop().await;
    run.db.close().await;
    run.postgres.stop().await;
    findings.extend(run.timeline.oddities());
    if plan.hard {
        findings.extend(news.wrong(&evidence));
        figures.news = Some(news.counts());
    }
    figures.blows = run.wire.blows();
    println!("{}", report(plan, &evidence, &figures, &findings));
    Ok(findings.is_empty())
}

/// A run in progress.
struct Run<'a> {
    plan: &'a Plan,
    timeline: Arc<Timeline>,
    postgres: Arc<Postgres>,
    /// The disk that fills up, in a hard run.
    disk: Option<Arc<Disk>>,
    product: Arc<Product>,
    wire: Arc<Wire>,
    accounts: Arc<Vec<Account>>,
    /// The URLs of videos: for uploads, and for platform downloads.
    videos: [String; 2],
    db: PgPool,
}

/// The schedulers of the workers and the accounts' owners. They stop when this is dropped.
struct Helpers {
    reconnected: Arc<AtomicU64>,
    _tasks: JoinSet<()>,
}

impl Run<'_> {
    fn helpers(&self) -> Helpers {
        let reconnected = Arc::new(AtomicU64::new(0));
        let mut tasks = JoinSet::new();
        for index in 0..self.plan.workers {
            let dice = Dice::new(self.plan.seed, &format!("invocations of {index}"));
            tasks.spawn(invoke(Arc::clone(&self.product), index, dice));
        }
        let (product, accounts) = (Arc::clone(&self.product), Arc::clone(&self.accounts));
        tasks.spawn(account::reconnect(product, accounts, Arc::clone(&reconnected)));
        Helpers { reconnected, _tasks: tasks }
    }

    /// Creates all posts while everything fails.
    async fn trouble(&self) -> Result<(Vec<Made>, Figures), SoakError> {
        let (began, lasting) = (self.timeline.now(), Duration::from_secs(self.plan.seconds));
        self.wire.trouble_until(began + lasting);
        let mut posts = JoinSet::new();
        for wish in post::draw(self.plan) {
            let (product, accounts) = (Arc::clone(&self.product), Arc::clone(&self.accounts));
            let [plain, verified] = &self.videos;
            let videos = if wish.is_pull { verified.clone() } else { plain.clone() };
            posts.spawn(async move {
                tokio::time::sleep(wish.at).await;
                wish.play(product, accounts, videos).await
            });
        }
        let trouble = trouble::make(
            Arc::clone(&self.wire),
            Arc::clone(&self.postgres),
            Arc::clone(&self.accounts),
            Dice::new(self.plan.seed, "trouble"),
            lasting,
        );
        let hardship = self.disk.clone().map(|disk| {
            hardship::make(Arc::clone(&self.postgres), disk, Arc::clone(&self.timeline), lasting)
        });
        // Separate tasks: waiting here must not delay them.
        let mut hardships: JoinSet<_> = hardship.into_iter().collect();
        let mut trouble = JoinSet::from_iter([trouble]);
        let mut troubles = Troubles::default();
        let mut made = Vec::new();
        let mut news = tokio::time::interval(NEWS);
        while !(trouble.is_empty() && posts.is_empty() && hardships.is_empty()) {
            tokio::select! {
                Some(over) = hardships.join_next() => {
                    over.map_err(|error| SoakError::Io { doing: "make an outage", source: error.into() })??;
                }
                Some(over) = trouble.join_next() => {
                    troubles = over.map_err(|error| SoakError::Io { doing: "make trouble", source: error.into() })??;
                    self.wire.trouble_until(Duration::ZERO);
                }
                Some(post) = posts.join_next() => match post {
                    Ok(post) => made.push(post?),
                    Err(_) => self.timeline.note_oddity("a post's task panicked".to_owned()),
                },
                _ = news.tick() => self.tell(made.len()).await,
            }
        }
        let lasted = self.timeline.now().saturating_sub(began);
        Ok((made, Figures { troubles, lasted, ..Figures::default() }))
    }

    /// Waits until nothing is in progress, or until the plan's time limit: whatever is open then is a
    /// finding.
    async fn drain(&self, figures: &mut Figures) {
        println!("{:>5} s  no more faults", self.timeline.now().as_secs());
        let began = self.timeline.now();
        let end = began + Duration::from_secs(self.plan.drain);
        let mut told = began;
        while self.timeline.now() < end {
            if sqlx::query_scalar::<_, i64>(OPEN).fetch_one(&self.db).await.is_ok_and(|open| open == 0) {
                break;
            }
            if self.timeline.now() >= told + NEWS {
                told = self.timeline.now();
                self.tell(0).await;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        figures.drained = self.timeline.now().saturating_sub(began);
    }

    /// Reports the progress. It is unknown while Postgres is stopped.
    async fn tell(&self, done: usize) {
        let states: Result<Vec<(String, i64)>, _> = sqlx::query_as(STATES).fetch_all(&self.db).await;
        let states = states.map_or_else(
            |_| "Postgres is away".to_owned(),
            |states| {
                let states =
                    states.iter().map(|(state, count)| (state.as_str(), u64::try_from(*count).unwrap_or(0)));
                listed(states.collect())
            },
        );
        let (kills, outages) = (self.timeline.kills().len(), self.timeline.outages().len());
        let done = if done == 0 { String::new() } else { format!("{done} posts created; ") };
        println!(
            "{:>5} s  {done}{states}; {kills} kills, Postgres stopped {outages} times",
            self.timeline.now().as_secs()
        );
    }

    /// Returns what is still leased or in flight: a later check may be running, but not for long.
    async fn leases(&self) -> Result<Vec<String>, SoakError> {
        let end = self.timeline.now() + LONGEST_LEASE;
        loop {
            let leased: i64 = sqlx::query_scalar(LEASED).fetch_one(&self.db).await?;
            if leased == 0 {
                return Ok(Vec::new());
            }
            if self.timeline.now() > end {
                return Ok(vec![format!(
                    "{leased} results are leased or in flight, although nothing is in progress"
                )]);
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
}

/// Returns on Ctrl-C and on SIGTERM.
#[cfg(unix)]
async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
