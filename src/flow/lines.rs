//! Lines of unbounded input in bounded memory.

use std::io::{BufRead, Read};

/// Longest line of input that is taken.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// Reads lines, each at most so long.
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    bytes_max: usize,
    buffer: Vec<u8>,
    number: u64,
}

/// One line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Its bytes.
    Bytes(&'a [u8]),
    /// It was longer than is taken; all of it was passed over.
    TooLong,
}

impl<R: BufRead> Lines<R> {
    /// Lines of an input, each at most `bytes_max` long without its end.
    pub fn new(input: R, bytes_max: usize) -> Lines<R> {
        Lines { input, bytes_max, buffer: Vec::new(), number: 0 }
    }

    /// The number of the line that was read last; the first is 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The next line, without `\n` or `\r\n`; `None` at the end. A byte order mark before the first is left out.
    pub fn next_line(&mut self) -> std::io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        let taken = read_limited(&mut self.input, self.bytes_max, &mut self.buffer)?;
        if taken == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.buffer.len() > self.bytes_max && self.buffer.last() != Some(&b'\n') {
            pass_over(&mut self.input)?;
            return Ok(Some(Line::TooLong));
        }
        let mut line = self.buffer.as_slice();
        line = line.strip_suffix(b"\n").unwrap_or(line);
        line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.number == 1 {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        Ok(Some(Line::Bytes(line)))
    }
}

fn read_limited(input: &mut impl BufRead, bytes_max: usize, buffer: &mut Vec<u8>) -> std::io::Result<usize> {
    // One byte more than is allowed tells a line that is too long from one that just fits.
    let most = u64::try_from(bytes_max + 1).unwrap_or(u64::MAX);
    input.take(most).read_until(b'\n', buffer)
}

/// Goes to the start of the next line without keeping what is before it.
fn pass_over(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let ready = input.fill_buf()?;
        if ready.is_empty() {
            return Ok(());
        }
        let end = ready.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(ready.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<String> {
        let mut lines = Lines::new(std::io::BufReader::with_capacity(7, input), LINE_BYTES_MAX);
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            all.push(match line {
                Line::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                Line::TooLong => "too long".to_owned(),
            });
        }
        assert_eq!(lines.number(), all.len() as u64);
        all
    }

    #[test]
    fn ends_marks_and_lengths() {
        for (input, want) in [
            (&b""[..], vec![]),
            (b"\n", vec![""]),
            (b"a\nb", vec!["a", "b"]),
            (b"a\r\nb\r\n", vec!["a", "b"]),
            (b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", vec!["a", "\u{feff}b"]),
            (b"a\rb\n", vec!["a\rb"]),
        ] {
            assert_eq!(lines(input), want, "{input:?}");
        }
        let fits = "x".repeat(LINE_BYTES_MAX);
        let long = "y".repeat(LINE_BYTES_MAX + 1);
        assert_eq!(lines(format!("{fits}\n{long}\nz").as_bytes()), [fits.as_str(), "too long", "z"]);
        assert_eq!(lines(long.as_bytes()), ["too long"]);
    }
}
