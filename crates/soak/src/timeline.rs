//! The events of a run, with times from its start.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// One process from start to end: the `nth` in the place of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Incarnation {
    pub(crate) worker: usize,
    pub(crate) nth: u32,
}

/// A span of time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) from: Duration,
    pub(crate) to: Duration,
}

impl Span {
    /// Reports whether the two overlap.
    pub(crate) fn meets(&self, other: &Span) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

/// The faults of the processes.
#[derive(Debug)]
pub(crate) struct Timeline {
    start: Instant,
    inner: Mutex<Events>,
}

#[derive(Debug, Default)]
struct Events {
    kills: Vec<(Incarnation, Duration)>,
    outages: Vec<(Span, &'static str)>,
    freezes: Vec<(Incarnation, Span)>,
    oddities: Vec<String>,
}

impl Timeline {
    pub(crate) fn start() -> Self {
        Self { start: Instant::now(), inner: Mutex::default() }
    }

    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    pub(crate) fn note_kill(&self, who: Incarnation) {
        let now = self.now();
        self.change(|events| events.kills.push((who, now)));
    }

    /// Records that Postgres was stopped, and how.
    pub(crate) fn note_outage(&self, from: Duration, how: &'static str) {
        let span = Span { from, to: self.now() };
        self.change(|events| events.outages.push((span, how)));
    }

    /// Records that a process was frozen.
    pub(crate) fn note_freeze(&self, who: Incarnation, from: Duration) {
        let span = Span { from, to: self.now() };
        self.change(|events| events.freezes.push((who, span)));
    }

    /// Records an unexpected event, whatever the posts' outcomes.
    pub(crate) fn note_oddity(&self, what: String) {
        self.change(|events| events.oddities.push(what));
    }

    pub(crate) fn kills(&self) -> Vec<(Incarnation, Duration)> {
        self.change(|events| events.kills.clone())
    }

    pub(crate) fn outages(&self) -> Vec<(Span, &'static str)> {
        self.change(|events| events.outages.clone())
    }

    pub(crate) fn freezes(&self) -> Vec<(Incarnation, Span)> {
        self.change(|events| events.freezes.clone())
    }

    pub(crate) fn oddities(&self) -> Vec<String> {
        self.change(|events| events.oddities.clone())
    }

    fn change<R>(&self, work: impl FnOnce(&mut Events) -> R) -> R {
        work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
