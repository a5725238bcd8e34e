//! `export all`: a folder with every export and a manifest, there complete or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::file::{WholeFile, lock_own};
use super::{Job, Stop, What, failed, helpers};
use crate::error::Error;
use crate::store::usage_export::UsageRange;
use crate::store::{Reader, Store, Twin};
use crate::ui::{Cell, Format, Report};

const COLUMNS: &[&str] = &["file", "rows", "sums", "bytes", "sha256"];
const MANIFEST: &str = "manifest.json";

/// One file as the manifest names it.
struct Listed {
    file: String,
    rows: u64,
    sums: Vec<(String, i128)>,
    bytes: u64,
    sha256: String,
}

pub(super) fn run(store: &Store, job: &Job<'_>, out: Option<&Path>) -> Result<Report, Error> {
    let Some(out) = out else { return Err(failed(Stop::Halted, "")) };
    let shown = out.display().to_string();
    let cannot = |error: io::Error| failed(Stop::Out(error), &shown);
    let folder = Folder::create(out).map_err(cannot)?;
    let listed = store
        .read_with_twins(helpers(store, job).map_err(Error::from)?, |r, twins| {
            each(r, twins, job, &folder.unfinished)
        })
        .map_err(|stop| failed(stop, &shown))?;
    manifest(store, job, &folder.unfinished, &listed)?;
    folder.commit().map_err(cannot)?;
    let mut report = Report::new("export_all", COLUMNS);
    for it in &listed {
        let sums = it.sums.iter().map(|(name, sum)| format!("{name}={sum}"));
        report.row(vec![
            Cell::text(&it.file),
            Cell::Count(i64::try_from(it.rows).unwrap_or(i64::MAX)),
            Cell::List(sums.collect()),
            Cell::Count(i64::try_from(it.bytes).unwrap_or(i64::MAX)),
            Cell::text(&it.sha256),
        ]);
    }
    let rows: u64 = listed.iter().map(|it| it.rows).sum();
    Ok(report.verdict(format!("{} files and {MANIFEST} in {shown}, {rows} rows", listed.len())))
}

/// Every export into the folder, all from one snapshot.
fn each(r: &Reader<'_>, twins: &mut [Twin], job: &Job<'_>, folder: &Path) -> Result<Vec<Listed>, Stop> {
    let extension = match job.format {
        Format::Ndjson => "ndjson",
        Format::Json => "json",
        _ => "csv",
    };
    let mut listed = Vec::new();
    for what in What::EACH {
        let name = format!("{}.{extension}", what.word());
        let mut file = WholeFile::create(&folder.join(&name))?;
        let mut hashed = Hashed { out: file.out(), hash: Sha256::new(), bytes: 0 };
        let totals = Job { what, ..*job }.write(r, twins, &UsageRange::default(), &mut hashed)?;
        let (digest, bytes) = (hashed.hash.finalize(), hashed.bytes);
        file.commit()?;
        listed.push(Listed {
            file: name,
            rows: totals.rows,
            sums: totals.sums.into_iter().map(|sum| (sum.name, sum.value)).collect(),
            bytes,
            sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        });
    }
    Ok(listed)
}

fn manifest(store: &Store, job: &Job<'_>, folder: &Path, listed: &[Listed]) -> Result<(), Error> {
    let info = store.info()?;
    let files: Vec<serde_json::Value> = listed
        .iter()
        .map(|it| {
            let sums: serde_json::Map<String, serde_json::Value> = it
                .sums
                .iter()
                .map(|(name, sum)| (name.clone(), serde_json::Value::from(i64::try_from(*sum).ok())))
                .collect();
            serde_json::json!({
                "file": it.file, "rows": it.rows, "sums": sums, "bytes": it.bytes, "sha256": it.sha256,
            })
        })
        .collect();
    let manifest = serde_json::json!({
        "schema": "paygrade.export_manifest/1",
        "version": env!("CARGO_PKG_VERSION"),
        "at": job.now.to_string(),
        "store_id": info.store_id,
        "epoch": info.epoch,
        "target": info.target,
        "account": info.account,
        "namespace": info.namespace,
        "names_and_addresses": job.pii,
        "files": files,
    });
    let path = folder.join(MANIFEST);
    let write = || {
        let mut file = WholeFile::create(&path)?;
        writeln!(file.out(), "{manifest:#}")?;
        file.commit()
    };
    write().map_err(|error| failed(Stop::Out(error), &path.display().to_string()))
}

/// A folder under another name until it is complete. What a killed run left is thrown away by the next; a lock beside
/// it keeps two runs apart.
struct Folder {
    unfinished: PathBuf,
    lock: PathBuf,
    path: PathBuf,
    done: bool,
    _locked: File,
}

impl Folder {
    fn create(path: &Path) -> io::Result<Folder> {
        if path.symlink_metadata().is_ok() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is there already"));
        }
        let name = path.file_name().ok_or_else(|| io::Error::other("it is not the name of a folder"))?;
        let beside = |suffix: &str| {
            let mut other = std::ffi::OsString::from(".");
            other.push(name);
            other.push(suffix);
            path.with_file_name(other)
        };
        let (unfinished, lock) = (beside(".part"), beside(".lock"));
        let locked = lock_own(&lock)?;
        match std::fs::remove_dir_all(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&unfinished)?;
        Ok(Folder { unfinished, lock, path: path.to_owned(), done: false, _locked: locked })
    }

    /// Its files are durable; so is now its name.
    fn commit(mut self) -> io::Result<()> {
        std::fs::rename(&self.unfinished, &self.path)?;
        self.done = true;
        let parent = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.done {
            let _ = std::fs::remove_dir_all(&self.unfinished);
        }
        let _ = std::fs::remove_file(&self.lock);
    }
}

/// Counts and digests what goes through.
struct Hashed<W> {
    out: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        let done = bytes.get(..written).unwrap_or_default();
        self.hash.update(done);
        self.bytes += done.len() as u64;
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
