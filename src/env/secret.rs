//! Secrets other than Stripe's key: from where the settings say, in a type that never shows them.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Most bytes of a secret.
const LENGTH_MAX: u64 = 4_096;

/// A secret text. `Debug` is redacted; there is no `Display` and no `Serialize`; the bytes are cleared when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0).into_bytes();
        bytes.fill(0);
        std::hint::black_box(&bytes);
    }
}

/// Where a secret comes from. Never from the command line, never from the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// An open file descriptor.
    Descriptor(u32),
    /// A file that only its owner can read.
    File(PathBuf),
    /// A command (by the shell) that prints it.
    Command(String),
}

/// Why there is no usable secret. No variant holds any part of one.
#[derive(Debug, thiserror::Error)]
pub enum BadSecret {
    /// Nothing was there, or it holds control characters.
    #[error("it is empty, too long, or no line of text")]
    Shape,
    /// Others can read the file.
    #[error("the file {0} can be read by others: chmod 600 it")]
    Readable(PathBuf),
    /// The source could not be read.
    #[error("{from}: {why}")]
    Source {
        /// The source, for people.
        from: String,
        /// What went wrong.
        why: String,
    },
}

impl Secret {
    /// Takes a secret from text: one line, without its end.
    pub fn parse(text: &str) -> Result<Secret, BadSecret> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
        if text.is_empty() || length >= LENGTH_MAX || text.chars().any(char::is_control) {
            return Err(BadSecret::Shape);
        }
        Ok(Secret(text.to_owned()))
    }

    /// Reads a secret from where it is.
    pub fn read(source: &SecretSource) -> Result<Secret, BadSecret> {
        match source {
            SecretSource::Descriptor(number) => {
                let path = PathBuf::from(format!("/dev/fd/{number}"));
                let file = File::open(&path).map_err(|error| failed(&path, &error))?;
                read_line(&format!("file descriptor {number}"), file)
            }
            SecretSource::File(path) => read_file(path),
            SecretSource::Command(command) => read_command(command),
        }
    }

    /// The secret itself, for what must carry it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

fn failed(path: &Path, error: &std::io::Error) -> BadSecret {
    BadSecret::Source { from: path.display().to_string(), why: error.to_string() }
}

fn read_file(path: &Path) -> Result<Secret, BadSecret> {
    let file = File::open(path).map_err(|error| failed(path, &error))?;
    #[cfg(unix)]
    {
        let meta = file.metadata().map_err(|error| failed(path, &error))?;
        if std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o077 != 0 {
            return Err(BadSecret::Readable(path.to_owned()));
        }
    }
    read_line(&path.display().to_string(), file)
}

fn read_line(from: &str, source: impl Read) -> Result<Secret, BadSecret> {
    let mut text = String::new();
    source
        .take(LENGTH_MAX)
        .read_to_string(&mut text)
        .map_err(|error| BadSecret::Source { from: from.to_owned(), why: error.to_string() })?;
    Secret::parse(&text)
}

fn read_command(command: &str) -> Result<Secret, BadSecret> {
    let why = |why: String| BadSecret::Source { from: "the command".to_owned(), why };
    // The child sees no secret of ours, and what it says beside its own goes to the operator.
    let mut child = Command::new("sh")
        .args(["-c", command])
        .env_remove("STRIPE_API_KEY")
        .env_remove("STRIPE_WEBHOOK_SECRET")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| why(error.to_string()))?;
    let Some(stdout) = child.stdout.take() else { return Err(why("no output".to_owned())) };
    let secret = read_line("the command", stdout)?;
    let status = child.wait().map_err(|error| why(error.to_string()))?;
    if status.success() { Ok(secret) } else { Err(why(format!("it ended with {status}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_one_line_and_never_shows_itself() {
        for (text, legal) in [("abc", true), ("abc\r\n", true), ("", false), ("\n", false), ("a\nb", false)] {
            assert_eq!(Secret::parse(text).is_ok(), legal, "{text:?}");
        }
        assert!(!format!("{:?}", Secret::parse("abc").unwrap()).contains("abc"));
        let read = |command: &str| Secret::read(&SecretSource::Command(command.to_owned()));
        assert_eq!(read("echo abc").unwrap().expose(), "abc");
        assert!(read("echo abc; exit 3").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        std::fs::write(&path, "abc\n").unwrap();
        for (mode, legal) in [(0o600, true), (0o640, false), (0o604, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(Secret::read(&SecretSource::File(path.clone())).is_ok(), legal, "{mode:o}");
        }
    }
}
