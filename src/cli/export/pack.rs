//! Files that are packed while they are written: gzip and Zstandard, by their extension.

use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    None,
    Gzip,
    Zstd,
}

/// The level that Zstandard itself takes by default.
const ZSTD_LEVEL: i32 = zstd::DEFAULT_COMPRESSION_LEVEL;

impl Packing {
    /// How a file of this name is packed, and its extension before that of the packing.
    pub(super) fn of(path: &Path) -> (Packing, Option<String>) {
        let extension =
            |path: &Path| path.extension().and_then(|it| it.to_str()).map(str::to_ascii_lowercase);
        let packing = match extension(path).as_deref() {
            Some("gz") => Packing::Gzip,
            Some("zst") => Packing::Zstd,
            _ => return (Packing::None, extension(path)),
        };
        (packing, path.file_stem().and_then(|stem| extension(Path::new(stem))))
    }
}

/// Packs what is written to it. [`Packer::finish`] writes its end; without it the file is cut off.
pub(super) enum Packer<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    Zstd(zstd::stream::write::Encoder<'static, W>),
}

impl<W: Write> Packer<W> {
    pub(super) fn new(packing: Packing, out: W) -> io::Result<Packer<W>> {
        Ok(match packing {
            Packing::None => Packer::Plain(out),
            Packing::Gzip => Packer::Gzip(GzEncoder::new(out, Compression::default())),
            Packing::Zstd => {
                let mut encoder = zstd::stream::write::Encoder::new(out, ZSTD_LEVEL)?;
                encoder.include_checksum(true)?;
                Packer::Zstd(encoder)
            }
        })
    }

    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Packer::Plain(mut out) => out.flush(),
            Packer::Gzip(encoder) => encoder.finish()?.flush(),
            Packer::Zstd(encoder) => encoder.finish()?.flush(),
        }
    }
}

impl<W: Write> Write for Packer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Packer::Plain(out) => out.write(bytes),
            Packer::Gzip(encoder) => encoder.write(bytes),
            Packer::Zstd(encoder) => encoder.write(bytes),
        }
    }
    /// Packed bytes are flushed once, at the end: earlier they would only be packed worse.
    fn flush(&mut self) -> io::Result<()> {
        match self {
            Packer::Plain(out) => out.flush(),
            Packer::Gzip(_) | Packer::Zstd(_) => Ok(()),
        }
    }
}
