//! PostgreSQL as a peer: a cluster of its own in a folder of its own, reached by a socket there, and pgbench, which sends it
//! one transaction after the other on many connections. As shipped: each commit is on the disk before it is answered.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::data::{METERS, customer};
use super::stage::{Stage, failed};
use super::stats::Sample;
use super::world::surprise;
use crate::error::Error;

/// Connections of pgbench: with fewer it did fewer transactions a second.
const CLIENTS: u64 = 32;
/// Who the cluster belongs to, where this program runs as root: PostgreSQL refuses that.
const OWNERS: [&str; 2] = ["postgres", "nobody"];
const USER: &str = "bench";
const TABLES: &str = "CREATE TABLE usage (id UUID PRIMARY KEY, customer TEXT, meter TEXT, quantity BIGINT, at BIGINT, action TEXT); \
                      CREATE TABLE quota (customer TEXT PRIMARY KEY, used BIGINT)";

/// The programs, where they are all there.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    /// What comes before each command, so that it runs as somebody who may.
    run_as: Vec<String>,
    /// Where those of the server are.
    folder: PathBuf,
    pub(super) version: String,
}

impl Programs {
    /// Looks for them: those of the server are beside `initdb`, wherever that is a link to.
    pub(super) fn find() -> Option<Programs> {
        let said = |command: &mut Command| {
            let output = command.stdin(Stdio::null()).output().ok().filter(|it| it.status.success())?;
            Some(String::from_utf8_lossy(&output.stdout).lines().next()?.trim().to_owned())
        };
        let version = said(Command::new("pgbench").arg("--version"))?;
        said(Command::new("psql").arg("--version"))?;
        let initdb = find_in_path("initdb")?;
        let folder = initdb.canonicalize().ok()?.parent()?.to_owned();
        let run_as = if is_root() {
            OWNERS
                .map(|owner| ["runuser", "-u", owner, "--"].map(str::to_owned).to_vec())
                .into_iter()
                .find(|run_as| as_other(run_as, "true").status().is_ok_and(|status| status.success()))?
        } else {
            Vec::new()
        };
        let programs = Programs { run_as, folder, version };
        said(&mut programs.server("postgres", &["--version"]))?;
        Some(programs)
    }

    /// A program of the server.
    fn server(&self, name: &str, words: &[&str]) -> Command {
        let mut command = as_other(&self.run_as, self.folder.join(name));
        // It must not begin in a folder that is closed to whom it runs as.
        command.args(words).current_dir("/").stdin(Stdio::null());
        command
    }
}

fn find_in_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|it| it.is_file())
}

fn is_root() -> bool {
    #[cfg(unix)]
    return fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0);
    #[cfg(not(unix))]
    false
}

fn as_other(run_as: &[String], program: impl Into<OsString>) -> Command {
    let mut words = run_as.iter().map(OsString::from).chain([program.into()]);
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).stdin(Stdio::null());
    command
}

/// A cluster that runs until the value is dropped.
pub(super) struct Cluster {
    programs: Programs,
    folder: PathBuf,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        // Nothing of it is kept.
        let _ended = self.programs.server("pg_ctl", &["-D", &data, "-s", "-m", "immediate", "stop"]).output();
        let _removed = as_other(&self.programs.run_as, "rm").arg("-r").arg(&self.folder).status();
    }
}

impl Cluster {
    /// Makes one in a folder beside the bench's own, on the same disk, and starts it.
    pub(super) fn start(programs: &Programs, stage: &Stage<'_>) -> Result<Cluster, Error> {
        let beside = stage.path("");
        let beside = beside.parent().unwrap_or(Path::new("/tmp"));
        let made = as_other(&programs.run_as, "mktemp")
            .args(["-d", "-p"])
            .arg(beside)
            .arg(format!("paygrade-bench-pg-{}", "X".repeat(6)))
            .output()
            .map_err(|error| failed("a folder for PostgreSQL cannot be made", &error))?;
        if !made.status.success() {
            return Err(surprise(format!("whom PostgreSQL runs as may not write into {}", beside.display())));
        }
        let folder = PathBuf::from(String::from_utf8_lossy(&made.stdout).trim());
        let cluster = Cluster { programs: programs.clone(), folder };
        let data = cluster.data();
        cluster.demand(programs.server("initdb", &["-D", &data, "-A", "trust", "-U", USER, "--no-sync"]))?;
        let (socket, log) = (cluster.folder.display().to_string(), format!("{data}.log"));
        let options = format!("-k {socket} -c listen_addresses=''");
        cluster.demand(
            programs.server("pg_ctl", &["-D", &data, "-w", "-s", "-l", &log, "-o", &options, "start"]),
        )?;
        cluster.demand(cluster.client("psql", &["-q", "-c", TABLES]))?;
        Ok(cluster)
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn client(&self, name: &str, words: &[&str]) -> Command {
        let mut command = Command::new(name);
        command.arg("-h").arg(&self.folder).args(["-U", USER, "-d", "postgres"]).args(words);
        command.stdin(Stdio::null());
        command
    }

    fn demand(&self, mut command: Command) -> Result<(), Error> {
        let name = command.get_program().to_string_lossy().into_owned();
        let output = command.output().map_err(|error| failed(&format!("`{name}` cannot be run"), &error))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(surprise(format!("PostgreSQL did not start (`{name}`, {}): {}", output.status, said.trim())))
    }

    /// Records some `count` events of that many customers, each with a quota in one transaction; how many they were, and
    /// how long it took.
    pub(super) fn record(
        &self,
        stage: &Stage<'_>,
        count: u64,
        customers: usize,
    ) -> Result<(u64, Sample), Error> {
        let script = stage.path("pgbench.sql");
        let (first, meter) = (customer(0), METERS[0]);
        // As the names of customers are made: a word and nine digits.
        let word = first.trim_end_matches(|it: char| it.is_ascii_digit());
        let name = format!("'{word}' || lpad(:who::text, 9, '0')");
        let text = format!(
            "\\set who random_zipfian(1, {}, 1.001)\nBEGIN;\n\
             INSERT INTO usage VALUES (gen_random_uuid(), {name}, '{meter}', 1, 0, 'chat');\n\
             INSERT INTO quota VALUES ({name}, 1) ON CONFLICT (customer) DO UPDATE SET used = quota.used + excluded.used;\n\
             COMMIT;\n",
            customers.max(2)
        );
        fs::write(&script, text)
            .map_err(|error| failed("the script of pgbench cannot be written", &error))?;
        let each = count.div_ceil(CLIENTS).max(1);
        let (clients, each_text) = (CLIENTS.to_string(), each.to_string());
        let mut command = self
            .client("pgbench", &["-n", "-M", "prepared", "-j", "2", "-c", &clients, "-t", &each_text, "-f"]);
        command.arg(&script);
        let sample = stage.run(command, None)?.sample;
        Ok((each * CLIENTS, sample))
    }
}
