//! Where the demo plays: a folder, an instant, and the program itself as a child process.

use std::cell::Cell;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::{Cx, unexpected};
use crate::billing::money::{Currency, Money};
use crate::error::{Error, Kind};

pub(super) struct Stage<'a> {
    cx: &'a Cx,
    folder: PathBuf,
    keep: bool,
    program: PathBuf,
    now: Cell<&'static str>,
}

impl<'a> Stage<'a> {
    pub(super) fn open(cx: &'a Cx, keep: Option<PathBuf>) -> Result<Stage<'a>, Error> {
        let failed = |error: std::io::Error| {
            Error::new(Kind::Store, "demo_folder", "the demo's folder cannot be made").because(&error)
        };
        let folder = match &keep {
            Some(folder) => folder.clone(),
            None => std::env::temp_dir().join(format!("paygrade-demo-{}", cx.env.fresh_id())),
        };
        if folder.exists() {
            return Err(Error::new(
                Kind::Refused,
                "demo_folder",
                format!("{} exists already", folder.display()),
            )
            .hint("give a folder that does not exist yet"));
        }
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let program = std::env::current_exe().map_err(failed)?;
        Ok(Stage { cx, folder, keep: keep.is_some(), program, now: Cell::new(super::START) })
    }

    pub(super) fn close(&self) -> Result<(), Error> {
        if self.keep {
            return self.say(&format!("Everything is in {}.", self.folder.display()));
        }
        std::fs::remove_dir_all(&self.folder).map_err(|error| {
            Error::new(Kind::Store, "demo_folder", "the demo's folder stays").because(&error)
        })
    }

    /// Commands from here on run at this instant.
    pub(super) fn at(&self, now: &'static str) {
        self.now.set(now);
    }

    pub(super) fn title(&self, text: &str) -> Result<(), Error> {
        self.cx.print_raw(format!("\n== {text}\n").as_bytes())
    }

    pub(super) fn say(&self, text: &str) -> Result<(), Error> {
        self.cx.print_raw(format!("{text}\n").as_bytes())
    }

    pub(super) fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        std::fs::write(self.folder.join(name), text).map_err(|error| {
            Error::new(Kind::Store, "demo_folder", format!("{name} cannot be written")).because(&error)
        })
    }

    /// Runs a command in sight, and demands its exit code.
    pub(super) fn run(&self, line: &str, exit: i32) -> Result<(), Error> {
        self.cx.print_raw(format!("$ paygrade --now {} {line}\n", self.now.get()).as_bytes())?;
        let output = self.output(line, &[])?;
        self.cx.print_raw(&output.stdout)?;
        self.cx.print_raw(&output.stderr)?;
        if exit != 0 {
            self.cx.print_raw(format!("[exit {}]\n", output.status.code().unwrap_or(-1)).as_bytes())?;
        }
        self.demand(line, &output, exit)
    }

    /// Runs a command out of sight, for its JSON.
    pub(super) fn ask(&self, line: &str, exit: i32) -> Result<Value, Error> {
        let output = self.output(line, &["-o", "json"])?;
        self.demand(line, &output, exit)?;
        serde_json::from_slice(&output.stdout).map_err(|_| self.surprise(format!("`{line}` printed no JSON")))
    }

    fn output(&self, line: &str, more: &[&str]) -> Result<Output, Error> {
        let mut command = Command::new(&self.program);
        command.args(["--now", self.now.get()]).args(line.split(' ')).args(more);
        command.current_dir(&self.folder).stdin(Stdio::null()).env_clear().envs(self.variables());
        command.output().map_err(|error| {
            Error::new(Kind::Store, "demo_child", format!("`{line}` cannot be run")).because(&error)
        })
    }

    /// The demo must not meet the settings or keys of whoever runs it.
    fn variables(&self) -> Vec<(OsString, OsString)> {
        let wanted = |name: &str| !name.starts_with("PAYGRADE_") && !name.starts_with("STRIPE_");
        let kept = self.cx.env.vars.iter().filter(|(name, _)| wanted(name));
        kept.map(|(name, value)| (name.into(), value.into())).collect()
    }

    fn demand(&self, line: &str, output: &Output, exit: i32) -> Result<(), Error> {
        let code = output.status.code().unwrap_or(-1);
        if code == exit {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(self
            .surprise(format!("`paygrade {line}` exited {code}, not {exit}"))
            .details(said.lines().map(str::to_owned).collect()))
    }

    pub(super) fn surprise(&self, message: String) -> Error {
        unexpected(message)
    }
}

/// The rows of a JSON report.
pub(super) fn rows(report: &Value) -> impl Iterator<Item = &Value> {
    report.as_array().or_else(|| report["rows"].as_array()).into_iter().flatten()
}

/// A value as text, without quotes.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What a difference leaves unbilled: the amount by which Stripe has too little.
pub(super) fn unbilled(row: &Value, name: &str) -> String {
    let currency = row[format!("{name}_currency").as_str()].as_str().and_then(Currency::parse);
    match (row[name].as_i64(), currency) {
        (Some(minor), Some(currency)) => Money { minor: -minor, currency }.to_string(),
        _ => "no money".to_owned(),
    }
}
