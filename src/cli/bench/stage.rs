//! Where the bench works: a folder of its own, and child processes that are timed there.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Instant;

use wait4::Wait4;

use super::memory;
use super::stats::Sample;
use crate::cli::Cx;
use crate::cli::interrupt::Interrupt;
use crate::error::{Error, Kind};

/// Most of what a child printed that is kept.
const PRINTED_MAX: u64 = 64 << 20;
/// Most of what a failed child said that is repeated.
const SAID_MAX: u64 = 2_000;

/// The folder and what is needed to run things in it.
pub(super) struct Stage<'a> {
    pub(super) cx: &'a Cx,
    folder: PathBuf,
    program: PathBuf,
    interrupt: Interrupt,
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        if fs::remove_dir_all(&self.folder).is_err() {
            self.cx.ui.note(&format!("{} could not be removed", self.folder.display()));
        }
    }
}

pub(super) fn failed(what: &str, error: &dyn std::error::Error) -> Error {
    Error::new(Kind::Store, "bench_folder", what.to_owned()).because(error)
}

/// What a finished child was measured at, and what it printed.
pub(super) struct Ran {
    pub(super) sample: Sample,
    pub(super) out: String,
}

impl Ran {
    /// What it printed, as JSON; null where it is none.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_default()
    }
}

/// A process that is ended when it is no longer needed.
pub(super) struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        // It keeps nothing that a kill could lose.
        let _gone_already = self.0.kill();
        let _ended = self.0.wait();
    }
}

impl<'a> Stage<'a> {
    /// A new folder inside `dir`.
    pub(super) fn open(cx: &'a Cx, dir: Option<&Path>) -> Result<Stage<'a>, Error> {
        // Children work in folders of their own: every path that they are given is a whole one.
        let dir = std::path::absolute(dir.map_or_else(std::env::temp_dir, Path::to_owned))
            .map_err(|error| failed("the folder to work in is not found", &error))?;
        let folder = dir.join(format!("paygrade-bench-{}", cx.env.fresh_id()));
        let program = std::env::current_exe().map_err(|error| failed("this program is not found", &error))?;
        let interrupt = Interrupt::listen()?;
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|error| {
            failed(&format!("{} cannot be made", folder.display()), &error).hint("give another --dir")
        })?;
        Ok(Stage { cx, folder, program, interrupt })
    }

    /// A path in the folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What is being done, for whoever waits.
    pub(super) fn say(&self, text: &str) {
        self.cx.ui.note(text);
    }

    /// Ends the bench if somebody asked for that.
    pub(super) fn look(&self) -> Result<(), Error> {
        match self.interrupt.kind() {
            None => Ok(()),
            Some(kind) => Err(Error::new(kind, "interrupted", "interrupted: no result is complete")),
        }
    }

    /// This program, in a world's folder at an instant of its clock. It does not meet the settings or keys of whoever
    /// runs the bench.
    pub(super) fn paygrade(&self, world: &Path, now: &str, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).current_dir(world).env_clear();
        let wanted = |name: &str| !name.starts_with("PAYGRADE_") && !name.starts_with("STRIPE_");
        command.envs(self.cx.env.vars.iter().filter(|(name, _)| wanted(name)));
        command.env("PAYGRADE_NOW", now).env("PAYGRADE_ACTOR", "bench");
        command
    }

    /// Runs a child to its end and measures it. Its standard input is empty unless set; what it prints is kept, or
    /// goes to `to`. An exit code other than 0 is a failure.
    pub(super) fn run(&self, command: Command, to: Option<&Path>) -> Result<Ran, Error> {
        self.run_watched(command, to, true)
    }

    /// The same of a child that is over before one could look at its memory, and would only be held up by that.
    pub(super) fn run_short(&self, command: Command) -> Result<Ran, Error> {
        self.run_watched(command, None, false)
    }

    fn run_watched(&self, mut command: Command, to: Option<&Path>, is_watched: bool) -> Result<Ran, Error> {
        self.look()?;
        let io = |what: &'static str| move |error: std::io::Error| failed(what, &error);
        let said = self.path("said");
        let mut errors = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&said)
            .map_err(io("what a child says cannot be kept"))?;
        let stderr = errors.try_clone().map_err(io("what a child says cannot be kept"))?;
        let stdout = match to {
            Some(path) => Stdio::from(File::create(path).map_err(io("a result cannot be written"))?),
            None => Stdio::piped(),
        };
        let name = command.get_program().to_string_lossy().into_owned();
        let started = Instant::now();
        let mut child = command.stdout(stdout).stderr(stderr).spawn().map_err(|error| {
            Error::new(Kind::Partial, "bench_child", format!("`{name}` cannot be run")).because(&error)
        })?;
        let own_peak = memory::own();
        let (tell, told) = channel();
        let pid = child.id();
        let watching = is_watched.then(|| std::thread::spawn(move || memory::watch(pid, &told)));
        let mut out = String::new();
        let mut read = Ok(0);
        if let Some(printed) = child.stdout.take() {
            read = printed.take(PRINTED_MAX).read_to_string(&mut out);
        }
        let used = child.wait4().map_err(io("a child cannot be waited for"))?;
        let wall = started.elapsed();
        drop(tell);
        let seen = watching.and_then(|watching| watching.join().ok()).unwrap_or(0);
        read.map_err(io("what a child printed is no text"))?;
        self.look()?;
        if !used.status.success() {
            let end = errors.seek(SeekFrom::End(0)).map_err(io("what a child said is gone"))?;
            let mut text = Vec::new();
            let read = errors
                .seek(SeekFrom::Start(end.saturating_sub(SAID_MAX)))
                .and_then(|_| errors.read_to_end(&mut text));
            read.map_err(io("what a child said is gone"))?;
            let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).take(6).collect();
            let text = format!(
                "`{name} {}` ended with {}: {}",
                words.join(" "),
                used.status,
                String::from_utf8_lossy(&text).trim()
            );
            return Err(Error::new(Kind::Partial, "bench_child", text));
        }
        let cpu = used.rusage.utime + used.rusage.stime;
        let peak_bytes = memory::of_child(used.rusage.maxrss, own_peak, seen);
        Ok(Ran { sample: Sample { wall, cpu, peak_bytes, disk_bytes: 0 }, out })
    }

    /// Starts a child that runs beside the others until the value is dropped.
    pub(super) fn serve(&self, mut command: Command) -> Result<Served, Error> {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        quiet.spawn().map(Served).map_err(|error| failed("a server cannot be started", &error))
    }

    /// Lets the disk come to rest, so that one contestant does not pay for what another left to be written.
    pub(super) fn settle(&self) {
        // Where there is no such program, its absence is the same for all.
        let _rested = Command::new("sync").stdin(Stdio::null()).status();
    }

    /// Removes a file or folder and, of a database, what lies beside it.
    pub(super) fn remove(&self, path: &Path) {
        for path in with_companions(path) {
            let _was_not_there =
                if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        }
    }

    /// Copies a folder.
    pub(super) fn copy_folder(&self, from: &Path, to: &Path) -> Result<(), Error> {
        copy_folder(from, to).map_err(|error| failed(&format!("{} cannot be copied", from.display()), &error))
    }
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// A database's file and what SQLite or DuckDB keep beside it.
fn with_companions(path: &Path) -> Vec<PathBuf> {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    vec![path.to_owned(), beside("-wal"), beside("-shm"), beside("-journal"), beside(".wal")]
}

/// Bytes of a database on the disk, with what lies beside it.
pub(super) fn disk_bytes(path: &Path) -> u64 {
    with_companions(path).iter().filter_map(|path| path.metadata().ok()).map(|meta| meta.len()).sum()
}
