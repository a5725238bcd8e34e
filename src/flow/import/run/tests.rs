use std::cell::Cell;
use std::path::PathBuf;

use super::*;
use crate::billing::catalog::{Meter, Window};
use crate::billing::id::{CustomerId, MeterKey};
use crate::flow::import::{From, Mapping};
use crate::flow::instant::Zone;
use crate::store::catalog::AppliedMeter;
use crate::store::fresh::{fresh, opened};
use crate::store::usage_export::{UsageRange, UsageWants};

struct World {
    folder: tempfile::TempDir,
    store: Store,
}

fn now() -> Timestamp {
    Timestamp::parse("2026-03-01").unwrap()
}

impl World {
    fn new() -> World {
        let (folder, store) = fresh(now());
        store
            .write(now(), |w| {
                let names = || "tokens".to_owned();
                let meter = Meter { name: names(), event: names(), unit: names(), window: Window::Hour };
                let applied = AppliedMeter { meter, stripe_id: None, priced: false };
                w.applied_meter_put(&MeterKey::parse("tokens").unwrap(), &applied)?;
                w.customer_insert(&CustomerId::parse("acme").unwrap(), Some("a@example.com"), None)
            })
            .unwrap();
        World { folder, store }
    }

    fn file(&self, rows: &str) -> PathBuf {
        let path = self.folder.path().join("rows.csv");
        std::fs::write(&path, format!("id,time,quantity\n{rows}")).unwrap();
        path
    }

    /// A file that can be read only once.
    #[cfg(unix)]
    fn pipe(&self, rows: &str) -> PathBuf {
        let path = self.folder.path().join("rows.pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let (to, text) = (path.clone(), format!("id,time,quantity\n{rows}"));
        std::thread::spawn(move || std::fs::write(to, text));
        path
    }

    /// Imports rows; `stop_after` ends it at the next clean point once so many rows were told of.
    fn import(&self, rows: &str, on_error: OnError, stop_after: u64) -> (Result<Summary, Error>, Vec<u64>) {
        self.import_path(self.file(rows), on_error, stop_after)
    }

    fn options(&self, path: PathBuf, on_error: OnError) -> Options {
        Options {
            from: From::Path(path),
            mapping: Mapping::parse(&[], None, Some("acme"), Some("tokens")).unwrap(),
            zone: Zone::UTC,
            delimiter: None,
            source: None,
            on_error,
            dry_run: false,
        }
    }

    fn import_path(
        &self,
        path: PathBuf,
        on_error: OnError,
        stop_after: u64,
    ) -> (Result<Summary, Error>, Vec<u64>) {
        let options = self.options(path, on_error);
        let mut rejected = Vec::new();
        let asked = Cell::new(0);
        let mut hooks = Hooks {
            stop: &|| {
                asked.set(asked.get() + 1);
                asked.get() > stop_after
            },
            reject: &mut |line, _| {
                rejected.push(line);
                Ok(())
            },
            progress: &mut |_| (),
        };
        let done = import(&self.store, now(), &options, &mut hooks);
        (done, rejected)
    }

    fn count(&self) -> i64 {
        let mut count = 0;
        self.store
            .read(|r| {
                let parts = r.usage_parts(&UsageRange::default(), UsageWants::ALL)?;
                let mut scan = r.usage_scan(&parts)?;
                (0..parts.count()).try_for_each(|part| {
                    scan.part_each(part, |_, _| {
                        count += 1;
                        Ok::<_, Error>(())
                    })
                })
            })
            .unwrap();
        count
    }
}

fn rows(ids: std::ops::Range<u32>) -> String {
    ids.map(|n| format!("e{n},2026-02-01,{}\n", n + 1)).collect()
}

#[test]
fn a_file_of_many_chunks_is_validated_before_the_first_is_written() {
    let world = World::new();
    let (done, _) = world.import(&format!("{}e10,2026-02-01,999\n", rows(0..1_000)), OnError::Stop, u64::MAX);
    let error = done.unwrap_err();
    assert_eq!((error.kind(), world.count()), (Kind::Refused, 0), "{error}");
    assert_eq!(error.detail_lines(), ["line 1002: another row has its id `e10` with other content"]);
    let (done, _) = world.import(&format!("{}e1000,2026-02-01,x\n", rows(0..1_000)), OnError::Stop, u64::MAX);
    assert_eq!((done.unwrap_err().kind(), world.count()), (Kind::BadInput, 0));

    let (done, _) = world.import(&rows(0..1_000), OnError::Stop, u64::MAX);
    let done = done.unwrap();
    assert_eq!((done.inserted, done.known, world.count()), (1_000, 0, 1_000));
    let (done, _) = world.import(&rows(500..1_500), OnError::Stop, u64::MAX);
    let done = done.unwrap();
    assert_eq!((done.inserted, done.known, world.count()), (500, 500, 1_500));
    // The store says something else of one id: found before anything is written.
    let (done, _) =
        world.import(&format!("{}e3,2026-02-02,4\n", rows(2_000..2_500)), OnError::Stop, u64::MAX);
    assert_eq!((done.unwrap_err().kind(), world.count()), (Kind::Refused, 1_500));
}

#[test]
fn equal_rows_without_ids_all_count_and_count_once() {
    let world = World::new();
    let equal: String = (0..500).map(|n| format!(",2026-02-0{},7\n", n % 2 + 1)).collect();
    for (inserted, known) in [(500, 0), (0, 500)] {
        let done = world.import(&equal, OnError::Stop, u64::MAX).0.unwrap();
        assert_eq!((done.inserted, done.known, world.count()), (inserted, known, 500));
    }
    let more = format!("{equal},2026-02-01,7\n");
    assert_eq!(world.import(&more, OnError::Stop, u64::MAX).0.unwrap().inserted, 1);
}

#[test]
fn bad_rows_are_passed_over_when_asked() {
    let world = World::new();
    let bad = format!("{}b,2026-02-01,0\n{}e7,2026-02-01,9\n", rows(0..300), rows(300..600));
    let (done, rejected) = world.import(&bad, OnError::Skip, u64::MAX);
    let done = done.unwrap();
    assert_eq!((done.inserted, done.rejected, done.conflicts, rejected), (600, 1, 1, vec![302, 603]));
    assert_eq!(world.count(), 600);
}

/// Stopped at each clean point that there is, and run again: the same events in the end.
#[test]
fn an_interrupted_import_goes_on_where_it_ended() {
    let mut points = 0;
    loop {
        let world = World::new();
        let done = world.import(&rows(0..200), OnError::Stop, points).0;
        let whole = done.as_ref().is_ok_and(|done| !done.interrupted);
        if let Ok(done) = &done {
            assert_eq!(done.inserted, u64::try_from(world.count()).unwrap(), "it says what it did");
        }
        let again = world.import(&rows(0..200), OnError::Stop, u64::MAX).0.unwrap();
        assert_eq!((again.inserted + again.known, world.count()), (200, 200), "stopped at {points}");
        if whole {
            break;
        }
        points += 1;
    }
    assert!(points >= 5, "there were only {points} clean points");
}

#[cfg(unix)]
#[test]
fn a_pipe_stops_after_the_last_whole_chunk() {
    let world = World::new();
    let text = format!("{}b,2026-02-01,x\n{}", rows(0..100), rows(100..200));
    let (done, rejected) = world.import_path(world.pipe(&text), OnError::Stop, u64::MAX);
    let error = done.unwrap_err();
    assert_eq!((error.kind(), error.what_changed(), rejected), (Kind::Partial, Changed::Partial, vec![102]));
    assert_eq!(world.count(), 64);
    // The same as a file: nothing more is written.
    let (done, _) = world.import(&text, OnError::Stop, u64::MAX);
    assert_eq!((done.unwrap_err().kind(), world.count()), (Kind::BadInput, 64));
    let (done, _) = world.import(&text, OnError::Skip, u64::MAX);
    assert_eq!((done.unwrap().inserted, world.count()), (136, 200));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_not_trusted() {
    use std::io::Write as _;
    let longer = |path: &PathBuf| {
        let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(b"late,2026-02-01,7\n").unwrap();
    };
    let shorter = |path: &PathBuf| {
        std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(10_003).unwrap();
    };
    for change in [&longer as &dyn Fn(&PathBuf), &shorter] {
        let world = World::new();
        let path = world.file(&rows(0..1_000));
        let mut options = world.options(path.clone(), OnError::Stop);
        let changed = Cell::new(false);
        let stop = || {
            if !changed.replace(true) {
                change(&path);
            }
            false
        };
        let mut hooks = Hooks { stop: &stop, reject: &mut |_, _| Ok(()), progress: &mut |_| () };
        let error = import(&world.store, now(), &options, &mut hooks).unwrap_err();
        assert_eq!((error.kind(), error.code(), world.count()), (Kind::BadInput, "input_changed", 0));
        options.on_error = OnError::Skip;
        changed.set(false);
        let error = import(&world.store, now(), &options, &mut hooks).unwrap_err();
        assert_eq!((error.kind(), error.code()), (Kind::Partial, "input_changed"));
        let (done, _) = world.import_path(path.clone(), OnError::Skip, u64::MAX);
        let (done, lines) = (done.unwrap(), std::fs::read_to_string(&path).unwrap().lines().count());
        assert_eq!(done.rows, lines as u64 - 1);
        assert_eq!(done.conflicts, 0, "nothing was taken otherwise than it stands there");
    }
}

/// Each transaction is left off as soon as the other one waits.
#[test]
fn an_import_among_writers_takes_every_row_once() {
    let world = World::new();
    let path = world.folder.path().join("local.db");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            let store = opened(&path, now());
            let mut written = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                store.write(now(), |_| Ok::<(), StoreError>(())).unwrap();
                written += 1;
            }
            written
        });
        let summary = world.import(&rows(0..300), OnError::Stop, u64::MAX).0;
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(other.join().unwrap() > 0);
        assert_eq!((summary.unwrap().inserted, world.count()), (300, 300));
    });
    let mut broken = world.store.read(|r| r.checks_run()).unwrap();
    broken.retain(|it| it.number == "I13" && !it.breaches.is_empty());
    assert!(broken.is_empty(), "{broken:?}");
}

/// A short file is written while it is read: whole, or not at all, and what is wrong in it is named as in a long one.
#[test]
fn a_short_file_is_written_whole_or_not_at_all() {
    let world = World::new();
    let good = rows(0..80);
    assert!(good.len() < 4_000, "short enough for one transaction, long enough for two chunks");
    for (last, kind, named) in [
        ("e10,2026-02-01,999", Kind::Refused, "line 82: another row has its id `e10` with other content"),
        ("e99,2026-02-01,x", Kind::BadInput, "line 82: "),
        ("e99,1999-12-31,1", Kind::BadInput, "line 82: "),
    ] {
        let (done, _) = world.import(&format!("{good}{last}\n"), OnError::Stop, u64::MAX);
        let error = done.unwrap_err();
        assert_eq!((error.kind(), error.what_changed(), world.count()), (kind, Changed::None, 0), "{last}");
        let lines = error.detail_lines();
        assert!(lines.len() == 1 && lines[0].starts_with(named), "{lines:?}");
    }
    for stop_after in 0.. {
        let done = world.import(&good, OnError::Stop, stop_after).0;
        if let Ok(done) = done {
            assert_eq!((done.inserted, world.count(), stop_after > 2), (80, 80, true));
            break;
        }
        assert_eq!(
            (done.unwrap_err().kind(), world.count()),
            (Kind::Interrupted, 0),
            "stopped at {stop_after}"
        );
    }
    // The store says something else of the last one: the others are not written either.
    let (done, _) = world.import(&format!("{}e3,2026-02-02,4\n", rows(80..100)), OnError::Stop, u64::MAX);
    assert_eq!((done.unwrap_err().kind(), world.count()), (Kind::Refused, 80));
}

/// Somebody who waits for the store gets it: a short file is taken back and comes in parts, each row once.
#[test]
fn a_short_file_gives_way() {
    let world = World::new();
    let options = world.options(world.file(&rows(0..80)), OnError::Stop);
    let path = world.folder.path().join("local.db");
    std::thread::scope(|scope| {
        let mut other = None;
        let mut told = Vec::new();
        let mut progress = |it: Progress| {
            told.push(it.what);
            if other.is_some() {
                return;
            }
            let path = &path;
            other = Some(scope.spawn(move || {
                let store = opened(path, now());
                store.write(now(), |_| Ok::<(), StoreError>(())).unwrap();
            }));
            while !world.store.others_wait().unwrap() {
                std::thread::yield_now();
            }
        };
        let mut hooks = Hooks { stop: &|| false, reject: &mut |_, _| Ok(()), progress: &mut progress };
        let done = import(&world.store, now(), &options, &mut hooks).unwrap();
        other.take().unwrap().join().unwrap();
        assert_eq!((done.inserted, world.count()), (80, 80));
        assert!(told.contains(&"rows checked"), "it was not taken back: {told:?}");
    });
}
