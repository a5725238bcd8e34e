//! The API key: where it may come from, what it must look like, and a type that never shows it.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Most bytes that are read from any source of a key.
const SOURCE_MAX: u64 = 4_096;
/// Shortest and longest key that is taken.
const KEY_LENGTH: std::ops::RangeInclusive<usize> = 12..=512;

/// Test or live, as the key says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// `sk_test_…` or `rk_test_…`; also the local Stripe.
    Test,
    /// `sk_live_…` or `rk_live_…`.
    Live,
}

impl Mode {
    /// `test` or `live`.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Test => "test",
            Mode::Live => "live",
        }
    }
}

/// A secret or restricted key. `Debug` is redacted; there is no `Display` and no `Serialize`; the bytes are cleared
/// when it is dropped.
#[derive(Clone)]
pub struct ApiKey {
    secret: Vec<u8>,
    mode: Mode,
    restricted: bool,
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey([redacted], {})", self.mode.as_str())
    }
}

impl Drop for ApiKey {
    fn drop(&mut self) {
        self.secret.fill(0);
        std::hint::black_box(&self.secret);
    }
}

/// Where a key comes from. Never from the command line, never from the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// An open file descriptor.
    Descriptor(u32),
    /// A file that only its owner can read.
    File(PathBuf),
    /// A command (by the shell) that prints the key.
    Command(String),
}

/// Why there is no usable key. No variant holds any part of a key.
#[derive(Debug, thiserror::Error)]
pub enum BadKey {
    /// Nothing was there.
    #[error("the API key is empty")]
    Empty,
    /// It holds blanks, control characters or other bytes that no key has.
    #[error("the API key holds characters that no key of Stripe's has")]
    Characters,
    /// A publishable key.
    #[error("this is a publishable key (pk_…); a secret (sk_…) or restricted (rk_…) key is needed")]
    Publishable,
    /// No known beginning.
    #[error("the API key does not begin with sk_test_, sk_live_, rk_test_ or rk_live_")]
    Shape,
    /// Others can read the file.
    #[error("the key file {0} can be read by others: chmod 600 it")]
    Readable(PathBuf),
    /// The source could not be read.
    #[error("the API key could not be read from {from}: {why}")]
    Source {
        /// The source, for people.
        from: String,
        /// What went wrong.
        why: String,
    },
    /// A live key would leave for another host than Stripe.
    #[error("a live key is only ever sent to api.stripe.com")]
    LiveElsewhere,
}

impl KeySource {
    /// What stands there, as it is.
    pub(super) fn text(&self) -> Result<String, BadKey> {
        match self {
            KeySource::Descriptor(fd) => {
                let from = format!("file descriptor {fd}");
                let path = format!("/dev/fd/{fd}");
                let file = File::open(path)
                    .map_err(|e| BadKey::Source { from: from.clone(), why: e.to_string() })?;
                read_bounded(file, &from)
            }
            KeySource::File(path) => read_file(path),
            KeySource::Command(command) => read_command(command),
        }
    }
}

impl ApiKey {
    /// Takes a key from text, such as the value of STRIPE_API_KEY. One trailing line end is dropped.
    pub fn parse(text: &str) -> Result<ApiKey, BadKey> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            return Err(BadKey::Empty);
        }
        if text.starts_with("pk_") {
            return Err(BadKey::Publishable);
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(BadKey::Characters);
        }
        let (kind, rest) = text.split_once('_').ok_or(BadKey::Shape)?;
        let (mode, rest) = rest.split_once('_').ok_or(BadKey::Shape)?;
        let mode = match mode {
            "test" => Mode::Test,
            "live" => Mode::Live,
            _ => return Err(BadKey::Shape),
        };
        if !matches!(kind, "sk" | "rk") || rest.is_empty() || !KEY_LENGTH.contains(&text.len()) {
            return Err(BadKey::Shape);
        }
        Ok(ApiKey { secret: text.as_bytes().to_vec(), mode, restricted: kind == "rk" })
    }
    /// Reads a key from where the settings say that it is.
    ///
    /// # Errors
    /// A source that cannot be read, a file that others can read, or a text that is no key.
    pub fn read(source: &KeySource) -> Result<ApiKey, BadKey> {
        ApiKey::parse(&source.text()?)
    }
    /// Test or live.
    pub fn mode(&self) -> Mode {
        self.mode
    }
    /// Whether it is a restricted key (`rk_…`).
    pub fn is_restricted(&self) -> bool {
        self.restricted
    }
    /// The secret, for the one header that carries it.
    pub(super) fn expose(&self) -> &str {
        std::str::from_utf8(&self.secret).unwrap_or_default()
    }
}

fn read_file(path: &Path) -> Result<String, BadKey> {
    let from = path.display().to_string();
    let failed = |why: std::io::Error| BadKey::Source { from: from.clone(), why: why.to_string() };
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(BadKey::Readable(path.to_owned()));
    }
    read_bounded(file, &from)
}

fn read_command(command: &str) -> Result<String, BadKey> {
    let from = "the key command".to_owned();
    let failed = |why: String| BadKey::Source { from: from.clone(), why };
    // The child sees no key of ours, and what it says beside the key goes to the operator.
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(command)
        .env_remove("STRIPE_API_KEY")
        .env_remove("STRIPE_WEBHOOK_SECRET")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| failed(e.to_string()))?;
    let text = match child.stdout.take() {
        Some(stdout) => read_bounded(stdout, &from)?,
        None => return Err(failed("no output".to_owned())),
    };
    let status = child.wait().map_err(|e| failed(e.to_string()))?;
    if status.success() { Ok(text) } else { Err(failed(format!("it ended with {status}"))) }
}

fn read_bounded(source: impl Read, from: &str) -> Result<String, BadKey> {
    let mut text = String::new();
    source
        .take(SOURCE_MAX)
        .read_to_string(&mut text)
        .map_err(|e| BadKey::Source { from: from.to_owned(), why: e.to_string() })?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_a_known_shape() {
        for (text, want) in [
            ("sk_test_0123456789", "test"),
            ("rk_live_0123456789", "live"),
            ("sk_test_0123456789\n", "test"),
            ("pk_test_0123456789", "publishable"),
            ("", "empty"),
            ("\n", "empty"),
            ("sk_test_", "shape"),
            ("sk_prod_0123456789", "shape"),
            ("whsec_0123456789ab", "shape"),
            (" sk_test_0123456789", "characters"),
            ("sk_test_01234 56789", "characters"),
            ("sk_test_0123456789\r\nX: y", "characters"),
        ] {
            let got = match ApiKey::parse(text) {
                Ok(key) => key.mode().as_str(),
                Err(BadKey::Empty) => "empty",
                Err(BadKey::Publishable) => "publishable",
                Err(BadKey::Characters) => "characters",
                Err(_) => "shape",
            };
            assert_eq!(got, want, "{text:?}");
        }
    }

    #[test]
    fn a_key_never_shows_itself() {
        let secret = "sk_test_SECRETSECRET";
        let key = ApiKey::parse(secret).unwrap();
        assert!(!format!("{key:?}").contains("SECRET"));
        for bad in ["sk_test_SECRET SECRET", "sk_prod_SECRETSECRET", "pk_live_SECRETSECRET"] {
            let error = ApiKey::parse(bad).unwrap_err();
            assert!(!format!("{error:?} {error}").contains("SECRET"));
        }
    }

    #[test]
    fn a_key_file_is_its_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        std::fs::write(&path, "sk_test_0123456789\n").unwrap();
        for (mode, legal) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o660, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(ApiKey::read(&KeySource::File(path.clone())).is_ok(), legal, "{mode:o}");
        }
        assert!(ApiKey::read(&KeySource::File(dir.path().join("none"))).is_err());
    }

    #[test]
    fn a_command_prints_the_key_without_seeing_ours() {
        let read = |command: &str| ApiKey::read(&KeySource::Command(command.to_owned()));
        assert_eq!(read("echo rk_test_0123456789").unwrap().mode(), Mode::Test);
        assert!(read("echo sk_test_0123456789; exit 3").is_err());
        assert!(read("echo").is_err());
    }
}
