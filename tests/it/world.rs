//! A world of its own for each test: an empty folder, a cleared environment, a frozen clock, pinned ids.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The instant at which every world begins, unless the test says otherwise.
pub const NOW: &str = "2026-11-21T08:00:00Z";

/// An empty folder in which the real program runs.
pub struct World {
    folder: TempDir,
    now: Option<String>,
}

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    /// Exit code.
    pub exit: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl World {
    /// A fresh world at [`NOW`].
    pub fn new() -> World {
        World { folder: tempfile::tempdir().unwrap(), now: Some(NOW.to_owned()) }
    }
    /// A second world with the same files at the same instant.
    #[allow(dead_code)]
    pub fn copied(&self) -> World {
        let copy = World { folder: tempfile::tempdir().unwrap(), now: self.now.clone() };
        copy_folder(self.path(), copy.path());
        copy
    }
    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
    /// Gives this instant with each command from here on (`PAYGRADE_NOW`); `None` leaves it to the local clock.
    #[allow(dead_code)]
    pub fn now(&mut self, now: Option<&str>) {
        self.now = now.map(str::to_owned);
    }
    /// Writes a file.
    #[allow(dead_code)]
    pub fn file(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }
    /// A command with the cleared environment, not yet run. Words are split at spaces; quotes are not understood.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_paygrade"));
        command.args(line.split_whitespace());
        self.prepare(&mut command);
        command
    }
    /// Clears the environment and pins clock, seed, actor and host.
    pub fn prepare(&self, command: &mut Command) {
        command.current_dir(self.path()).env_clear().stdin(Stdio::null());
        command.env("PAYGRADE_SEED", "1").env("PAYGRADE_ACTOR", "tester").env("PAYGRADE_HOST", "testhost");
        if let Some(path) = std::env::var_os("LLVM_PROFILE_FILE") {
            command.env("LLVM_PROFILE_FILE", path);
        }
        if let Some(now) = &self.now {
            command.env("PAYGRADE_NOW", now);
        }
    }
    /// Runs `paygrade <line>`.
    #[allow(dead_code)]
    pub fn run(&self, line: &str) -> Answer {
        answer(&self.command(line).output().unwrap())
    }
    /// Runs `paygrade <line>` and demands this exit code.
    #[allow(dead_code)]
    pub fn demand(&self, exit: i32, line: &str) -> Answer {
        let answer = self.run(line);
        assert_eq!(answer.exit, exit, "`paygrade {line}`\n{}\n{}", answer.out, answer.err);
        answer
    }
    /// Runs a line in a shell that finds `paygrade`; standard error goes where standard output goes.
    pub fn shell(&self, line: &str) -> Answer {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("exec 2>&1\n{line}"));
        self.prepare(&mut command);
        let here = Path::new(env!("CARGO_BIN_EXE_paygrade")).parent().unwrap();
        command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", here.display()));
        answer(&command.output().unwrap())
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// What a finished process said. One that a signal ended has exit -1.
pub fn answer(output: &Output) -> Answer {
    Answer {
        exit: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
