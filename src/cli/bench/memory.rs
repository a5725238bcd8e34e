//! The most memory that a child had at once. What the system says of a child that has ended includes what it had as a
//! copy of this process, before it became another program: of a small child that is all that it says. So a child is looked
//! at while it runs.

use std::fs::read_to_string;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// How often a child is looked at. What it had before is in what it says; what came after the last look is not.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// The system counts pages of a thread now and then, not each at once.
const COUNT_MARGIN: u64 = 1 << 20;

/// Looks at a child until `ended` is closed; 0 where it was never seen.
pub(super) fn watch(pid: u32, ended: &Receiver<()>) -> u64 {
    let path = format!("/proc/{pid}/status");
    let mut peak = 0;
    while ended.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
        let seen = read_to_string(&path).ok().and_then(|text| high_water(&text));
        peak = peak.max(seen.unwrap_or(0));
    }
    peak
}

/// The most memory that this process has had at once, where the system says so.
pub(super) fn own() -> Option<u64> {
    high_water(&read_to_string("/proc/self/status").ok()?)
}

/// What is known to be the child's own: what the system says of it in the end, where that is more than it can have got
/// from this process, else what was seen. 0 is nothing.
pub(super) fn of_child(in_the_end: u64, own: Option<u64>, seen: u64) -> u64 {
    match own {
        Some(own) if in_the_end <= own.saturating_add(COUNT_MARGIN) => seen,
        _ => in_the_end,
    }
}

fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1 << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_child_has_from_this_process_is_not_its_own() {
        const MIB: u64 = 1 << 20;
        for (in_the_end, own, seen, want) in [
            (56 * MIB, Some(56 * MIB), 9 * MIB, 9 * MIB),
            (56 * MIB, Some(56 * MIB), 0, 0),
            (57 * MIB, Some(56 * MIB), 57 * MIB, 57 * MIB),
            (300 * MIB, Some(56 * MIB), 280 * MIB, 300 * MIB),
            (56 * MIB, None, 0, 56 * MIB),
        ] {
            assert_eq!(of_child(in_the_end, own, seen), want);
        }
        assert_eq!(high_water("VmPeak:\t 9 kB\nVmHWM:\t    1024 kB\n"), Some(MIB));
        assert_eq!(high_water("Name:\tx\n"), None);
    }
}
