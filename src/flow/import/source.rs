//! Where usage comes from: a file, a pipe, standard input; perhaps packed with gzip or Zstandard.

use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, Kind};

/// Bytes that are read at once.
const READ_BYTES: usize = 1 << 14;
/// What packed files begin with.
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// Unpacked bytes below which their ratio to the packed ones does not matter.
const FREE_BYTES: u64 = 1 << 26;
/// Most bytes out of one packed byte: usage packs 5 to 50 times, a bomb 1,000 times and more.
const RATIO_MAX: u64 = 200;

/// Where usage comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// Standard input.
    Stdin,
    /// A file, or something else with a path.
    Path(PathBuf),
}

/// How a regular file looked when it was opened. It must look the same when it has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    path: PathBuf,
    bytes: u64,
    changed: Option<SystemTime>,
}

/// Rows of one object or one line of fields each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated (or otherwise), with a header.
    Table,
    /// One JSON object a line.
    Ndjson,
}

/// An input that was opened.
pub struct Opened {
    /// Its bytes, unpacked.
    pub input: Box<dyn BufRead + Send>,
    /// Bytes that were read of it so far, before unpacking.
    pub bytes_read: Arc<AtomicU64>,
    /// How a regular file looked; `None` for what can be read only once.
    pub stamp: Option<Stamp>,
    /// What it holds.
    pub format: Format,
}

fn bad(path: &Path, text: &str) -> Error {
    Error::new(Kind::BadInput, "input", format!("{} {text}", path.display()))
}

impl From {
    /// What derived ids name as their source unless told otherwise: the base name without `.gz` or
    /// `.zst`. Standard input has none.
    pub fn source_name(&self) -> Option<String> {
        let From::Path(path) = self else { return None };
        let name = path.file_name()?.to_str()?;
        Some(name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name).to_owned())
    }

    /// The name for people.
    pub fn shown(&self) -> String {
        match self {
            From::Stdin => "standard input".to_owned(),
            From::Path(path) => path.display().to_string(),
        }
    }

    /// Opens it and looks at its first bytes.
    pub fn open(&self) -> Result<Opened, Error> {
        let (input, stamp): (Box<dyn Read + Send>, Option<Stamp>) = match self {
            From::Stdin => (Box::new(io::stdin()), None),
            From::Path(path) => {
                let cannot = |error: &io::Error| {
                    bad(path, "cannot be read").because(error).hint("check the path and its permissions")
                };
                // A directory opens like a file and fails only when it is read.
                let meta = std::fs::metadata(path).map_err(|error| cannot(&error))?;
                if meta.is_dir() {
                    return Err(bad(path, "is a directory").hint("give a file, or - for standard input"));
                }
                let file = File::open(path).map_err(|error| cannot(&error))?;
                let stamp = meta.is_file().then(|| Stamp::of(path, &meta));
                (Box::new(file), stamp)
            }
        };
        self.opened(input, stamp)
    }

    /// Of what was opened already: unpacks it, and looks at its first bytes.
    pub fn opened(&self, input: Box<dyn Read + Send>, stamp: Option<Stamp>) -> Result<Opened, Error> {
        let bytes_read = Arc::new(AtomicU64::new(0));
        let counted = Counted { inner: input, bytes: Arc::clone(&bytes_read) };
        let mut input = BufReader::with_capacity(READ_BYTES, counted);
        let first = input.fill_buf().map_err(|error| self.failed(&error, 1))?;
        let (gzip, zstd) = (first.starts_with(GZIP), first.starts_with(ZSTD));
        let mut input: Box<dyn BufRead + Send> = if gzip {
            unpacked(MultiGzDecoder::new(input), &bytes_read)
        } else if zstd {
            let decoder = zstd::Decoder::with_buffer(input).map_err(|error| self.failed(&error, 1))?;
            unpacked(decoder, &bytes_read)
        } else {
            Box::new(input)
        };
        let first = input.fill_buf().map_err(|error| self.failed(&error, 1))?;
        if first.starts_with(b"PK\x03\x04") {
            return Err(Error::new(Kind::BadInput, "input", format!("{} is a zip archive", self.shown()))
                .hint("unpack it first; gzip and Zstandard are understood"));
        }
        let format = self.format(first);
        Ok(Opened { input, bytes_read, stamp, format })
    }

    /// The failure of reading it at a line.
    pub fn failed(&self, error: &io::Error, line: u64) -> Error {
        let text = format!("{} cannot be read at line {line}", self.shown());
        Error::new(Kind::BadInput, "input", text).because(error)
    }

    fn format(&self, first: &[u8]) -> Format {
        let name = self.source_name().unwrap_or_default().to_ascii_lowercase();
        match name.rsplit_once('.').map(|(_, extension)| extension) {
            Some("ndjson" | "jsonl" | "json") => Format::Ndjson,
            Some("csv" | "tsv") => Format::Table,
            _ => {
                let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
                let start = text.iter().find(|byte| !byte.is_ascii_whitespace());
                if start == Some(&b'{') { Format::Ndjson } else { Format::Table }
            }
        }
    }
}

impl Opened {
    /// Its bytes, before unpacking, where that is known.
    pub fn bytes(&self) -> Option<u64> {
        self.stamp.as_ref().map(|it| it.bytes)
    }
}

impl Stamp {
    fn of(path: &Path, meta: &Metadata) -> Stamp {
        Stamp { path: path.to_owned(), bytes: meta.len(), changed: meta.modified().ok() }
    }

    /// Whether the file still looks as it did.
    pub fn is_current(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|meta| Stamp::of(&self.path, &meta) == *self)
    }
}

/// Counts what is read through it.
struct Counted {
    inner: Box<dyn Read + Send>,
    bytes: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// What comes out of packed bytes; it ends with an error when it grows like a bomb.
struct Unpacked<R> {
    inner: R,
    packed_bytes: Arc<AtomicU64>,
    bytes: u64,
}

fn unpacked<R: Read + Send + 'static>(inner: R, packed_bytes: &Arc<AtomicU64>) -> Box<dyn BufRead + Send> {
    let unpacked = Unpacked { inner, packed_bytes: Arc::clone(packed_bytes), bytes: 0 };
    Box::new(BufReader::with_capacity(READ_BYTES, unpacked))
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes += read as u64;
        if self.bytes > FREE_BYTES && self.bytes / RATIO_MAX > self.packed_bytes.load(Ordering::Relaxed) {
            return Err(io::Error::other(format!(
                "it unpacks to more than {RATIO_MAX} times its size; unpack it yourself if that is right"
            )));
        }
        Ok(read)
    }
}
