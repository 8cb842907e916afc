//! CPU time, as the kernel counts it, in `/proc`. Linux only.

use std::fs;
use std::time::Duration;

use crate::trouble::{Outcome, Trouble};

/// 100 a second, on every Linux that matters.
const TICK: Duration = Duration::from_millis(10);

/// A process's line in `/proc`.
struct Stat {
    parent: u32,
    own: u32,
    of_ended_children: u32,
}

fn stat(process: u32) -> Option<Stat> {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name may hold anything, also spaces and parentheses.
    let fields: Vec<&str> = line.get(line.rfind(')')? + 2..)?.split(' ').collect();
    let number = |at: usize| fields.get(at)?.parse::<u32>().ok();
    Some(Stat {
        parent: number(1)?,
        own: number(11)? + number(12)?,
        of_ended_children: number(13)? + number(14)?,
    })
}

/// The parent of a process.
pub(crate) fn parent(process: u32) -> Outcome<u32> {
    Ok(stat(process).ok_or("a process without a parent")?.parent)
}

/// What a process has used itself, all its threads together.
pub(crate) fn of_process(process: u32) -> Outcome<Duration> {
    Ok(TICK * stat(process).ok_or("a process ended too early")?.own)
}

/// What this thread has used, to the scheduler's own precision.
pub(crate) fn of_thread() -> Outcome<Duration> {
    let line = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = line.split(' ').next().ok_or("no schedstat")?.parse::<u64>()?;
    Ok(Duration::from_nanos(nanos))
}

/// What our ended and awaited children have used.
pub(crate) fn of_ended_children() -> Outcome<Duration> {
    Ok(TICK * stat(std::process::id()).ok_or("we have no line")?.of_ended_children)
}

/// What a server with all its processes has used, those that ended among them.
pub(crate) fn of_server(postmaster: u32) -> Outcome<Duration> {
    let mut ticks = 0;
    for entry in fs::read_dir("/proc").map_err(Trouble::System)?.flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        if let Some(stat) = stat(process).filter(|stat| stat.parent == postmaster) {
            ticks += stat.own;
        }
    }
    let postmaster = stat(postmaster).ok_or("the server is gone")?;
    Ok(TICK * (ticks + postmaster.own + postmaster.of_ended_children))
}

/// A process and all that it started, and they.
pub(crate) fn family(process: u32) -> Vec<u32> {
    let all: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|process| Some((process, stat(process)?.parent)))
        .collect();
    let mut family = vec![process];
    let mut at = 0;
    while let Some(&parent) = family.get(at) {
        family.extend(all.iter().filter(|(_, of)| *of == parent).map(|(process, _)| *process));
        at += 1;
    }
    family
}

/// The most memory a process ever held, in bytes.
pub(crate) fn peak_memory(process: u32) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<u64>()? * 1024)
}
