//! The machine: what every figure depends on.

use std::fs::{File, read_to_string};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use super::stage::{Stage, failed};
use super::stats::median;
use crate::error::Error;
use crate::ui::Cell;

/// Syncs of the probe.
const PROBES: usize = 21;

/// Processor, memory, system, disk, load, and what one sync of the disk takes now.
pub(super) fn facts(stage: &Stage<'_>) -> Result<Vec<(&'static str, Cell)>, Error> {
    let folder = stage.path("");
    let cores = std::thread::available_parallelism()
        .map_or(Cell::Blank, |it| i64::try_from(it.get()).map_or(Cell::Blank, Cell::Count));
    Ok(vec![
        ("processor", Cell::maybe_text(field("/proc/cpuinfo", "model name"))),
        ("cores", cores),
        ("memory", Cell::maybe_text(field("/proc/meminfo", "MemTotal"))),
        ("system", Cell::text(system())),
        ("disk", Cell::text(disk(&folder))),
        ("sync_ms", Cell::Decimal(format!("{:.3}", sync_ms(stage)?))),
        ("load_before", Cell::maybe_text(load())),
    ])
}

/// Processes that wanted to run, on average over 1, 5 and 15 minutes.
pub(super) fn load() -> Option<String> {
    let text = read_to_string("/proc/loadavg").ok()?;
    Some(text.split(' ').take(3).collect::<Vec<_>>().join(" "))
}

/// The first `name: value` of a file of the kernel.
fn field(file: &str, name: &str) -> Option<String> {
    let text = read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn system() -> String {
    let version = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{} {} {}", std::env::consts::OS, version.trim(), std::env::consts::ARCH).replace("  ", " ")
}

/// The kind of file system that holds a folder.
fn disk(folder: &Path) -> String {
    let mounts = read_to_string("/proc/mounts").unwrap_or_default();
    let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let mut found = ("unknown", 0);
    for line in mounts.lines() {
        let mut words = line.split(' ');
        let (Some(at), Some(kind)) = (words.nth(1), words.next()) else { continue };
        // The one that was mounted last over the longest path.
        if folder.starts_with(at) && at.len() >= found.1 {
            found = (kind, at.len());
        }
    }
    found.0.to_owned()
}

/// How long it takes to get 4 KiB onto the disk.
fn sync_ms(stage: &Stage<'_>) -> Result<f64, Error> {
    let path = stage.path("probe");
    let unsure = |error: std::io::Error| failed("the disk cannot be probed", &error);
    let mut file = File::create(&path).map_err(unsure)?;
    let mut took = Vec::new();
    for _ in 0..PROBES {
        let started = Instant::now();
        file.write_all(&[0x5a; 4_096]).and_then(|()| file.sync_data()).map_err(unsure)?;
        took.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    stage.remove(&path);
    Ok(median(took).unwrap_or_default())
}
