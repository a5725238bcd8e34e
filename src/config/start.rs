//! The files that a new folder begins with: settings, catalog, and a `.gitignore` that keeps the store out of git.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::settings::{CATALOG_FILE, FOLDER, SETTINGS_FILE, Target, starting_file};
use super::templates::Template;
use super::walk::text_of;
use crate::billing::id::Namespace;

const GITIGNORE_FILE: &str = ".gitignore";

/// Why the files were not written.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file is there already; nothing was written.
    #[error("{} is here already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Writing failed.
    #[error("{} cannot be written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Files that were written before.
        made: Vec<PathBuf>,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartFile {
    /// Its name in the folder.
    pub name: &'static str,
    /// What is written, or added at the end.
    pub text: String,
    /// The file is there and only added to.
    pub appended: bool,
}

/// What a folder would begin with; refused when it has a catalog or settings already.
pub fn plan(
    folder: &Path,
    template: &Template,
    target: Target,
    namespace: Option<&Namespace>,
) -> Result<Vec<StartFile>, StartError> {
    for name in [SETTINGS_FILE, CATALOG_FILE] {
        let path = folder.join(name);
        // A dangling link is also something that is there.
        if path.symlink_metadata().is_ok() {
            return Err(StartError::Exists { path });
        }
    }
    let mut files = vec![
        StartFile { name: CATALOG_FILE, text: catalog_text(template, namespace), appended: false },
        StartFile { name: SETTINGS_FILE, text: starting_file(target), appended: false },
    ];
    files.extend(gitignore(&folder.join(GITIGNORE_FILE))?);
    Ok(files)
}

/// Writes the planned files. A file that has appeared since is not overwritten.
pub fn write(folder: &Path, files: &[StartFile]) -> Result<(), StartError> {
    let mut made = Vec::new();
    for file in files {
        let path = folder.join(file.name);
        let mut options = OpenOptions::new();
        let options = if file.appended { options.append(true) } else { options.write(true).create_new(true) };
        let written = options.open(&path).and_then(|mut out| {
            out.write_all(file.text.as_bytes())?;
            out.sync_all()
        });
        match written {
            Ok(()) => made.push(path),
            Err(source) => return Err(StartError::Io { path, made, source }),
        }
    }
    Ok(())
}

fn catalog_text(template: &Template, namespace: Option<&Namespace>) -> String {
    let Some(namespace) = namespace else { return template.text.to_owned() };
    let line = |line: &str| {
        if line.starts_with("namespace = ") {
            format!("namespace = \"{namespace}\"\n")
        } else {
            format!("{line}\n")
        }
    };
    template.text.lines().map(line).collect()
}

/// What `.gitignore` lacks; `None` when it ignores the folder already.
fn gitignore(path: &Path) -> Result<Option<StartFile>, StartError> {
    let lines = format!("# Stores and the local Stripe: data, not source.\n{FOLDER}/\n");
    match text_of(path) {
        Ok(text) => {
            let known =
                [format!("{FOLDER}/"), FOLDER.to_owned(), format!("/{FOLDER}/"), format!("/{FOLDER}")];
            if text.lines().any(|line| known.iter().any(|it| it == line.trim())) {
                return Ok(None);
            }
            let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            Ok(Some(StartFile { name: GITIGNORE_FILE, text: format!("{gap}{lines}"), appended: true }))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(Some(StartFile { name: GITIGNORE_FILE, text: lines, appended: false }))
        }
        Err(source) => Err(StartError::Io { path: path.to_owned(), made: Vec::new(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::templates::TEMPLATES;

    #[test]
    fn every_template_starts_a_folder_that_reads_back() {
        for template in TEMPLATES {
            let folder = tempfile::tempdir().unwrap();
            let own = Namespace::parse("own").unwrap();
            let files = plan(folder.path(), template, Target::Test, Some(&own)).unwrap();
            write(folder.path(), &files).unwrap();
            let (catalog, warnings) =
                crate::config::catalog::read(&folder.path().join(CATALOG_FILE)).unwrap();
            assert_eq!((catalog.namespace.as_str(), warnings.len()), ("own", 0), "{}", template.name);
            let again = plan(folder.path(), template, Target::Test, None);
            assert!(matches!(again, Err(StartError::Exists { .. })));
            assert!(
                matches!(write(folder.path(), &files), Err(StartError::Io { made, .. }) if made.is_empty())
            );
        }
    }

    #[test]
    fn gitignore_is_added_to_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(GITIGNORE_FILE);
        for (before, after) in [
            (None, Some(false)),
            (Some("target"), Some(true)),
            (Some("target\n.paygrade/\n"), None),
            (Some("/.paygrade\r\n"), None),
        ] {
            let _ = std::fs::remove_file(&path);
            if let Some(text) = before {
                std::fs::write(&path, text).unwrap();
            }
            let file = gitignore(&path).unwrap();
            assert_eq!(file.as_ref().map(|file| file.appended), after, "{before:?}");
            write(folder.path(), &file.into_iter().collect::<Vec<_>>()).unwrap();
            let lines = std::fs::read_to_string(&path).unwrap();
            assert!(
                lines.lines().any(|line| line.trim_start_matches('/').starts_with(".paygrade")),
                "{lines}"
            );
            assert!(before.is_none_or(|text| lines.starts_with(text)), "{lines}");
        }
    }
}
