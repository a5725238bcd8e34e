//! A file that is there complete or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file under another name until it is complete.
pub(super) struct WholeFile {
    file: File,
    unfinished: PathBuf,
    path: PathBuf,
}

impl WholeFile {
    /// Begins a file beside its place, for its owner alone.
    pub(super) fn create(path: &Path) -> io::Result<WholeFile> {
        if path.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
        }
        let name = path.file_name().ok_or_else(|| io::Error::other("it is not the name of a file"))?;
        let mut unfinished_name = std::ffi::OsString::from(".");
        unfinished_name.push(name);
        unfinished_name.push(format!(".{}.part", std::process::id()));
        let unfinished = path.with_file_name(unfinished_name);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&unfinished)?;
        Ok(WholeFile { file, unfinished, path: path.to_owned() })
    }

    /// Where to write.
    pub(super) fn out(&mut self) -> &mut dyn Write {
        &mut self.file
    }

    /// Makes it durable and puts it in its place.
    pub(super) fn commit(self) -> io::Result<()> {
        self.file.sync_all()?;
        std::fs::rename(&self.unfinished, &self.path)?;
        // The new name is in the folder, which is a file of its own.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.unfinished);
    }
}
