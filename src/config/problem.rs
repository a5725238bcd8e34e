//! One fault of a file, with its place.

use std::fmt;
use std::ops::Range;

/// Most problems that are kept of one file; the rest are counted only.
pub(super) const PROBLEMS_MAX: usize = 1_000;
/// Most characters of a value that a message repeats.
const SHOWN_LENGTH_MAX: usize = 60;

/// What is wrong at one place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was named.
    pub file: String,
    /// Line, from 1; 0 where the whole file is meant.
    pub line: u32,
    /// Column in characters, from 1; 0 where the whole file is meant.
    pub column: u32,
    /// Path of the key, `tiers.pro.trial_days`; empty where there is none.
    pub key: String,
    /// What is wrong and what to write instead.
    pub message: String,
    /// The nearest right spelling.
    pub suggestion: Option<String>,
}

/// Something that is allowed and yet perhaps not meant.
pub type Warning = Problem;

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, " (did you mean `{suggestion}`?)"),
            None => Ok(()),
        }
    }
}

/// A text as a message may repeat it: escaped and cut, so that no file can forge a line or flood the terminal.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_LENGTH_MAX).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN_LENGTH_MAX).is_some() {
        shown.push('…');
    }
    shown.replace("\\\"", "\"").replace("\\'", "'")
}

/// Collects the faults of one text.
pub(super) struct Sink<'t> {
    file: String,
    text: &'t str,
    line_starts: Vec<usize>,
    problems: Vec<Problem>,
    warnings: Vec<Warning>,
    left_out: usize,
    lenient: bool,
}

impl<'t> Sink<'t> {
    pub(super) fn new(file: &str, text: &'t str) -> Sink<'t> {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(index, _)| index + 1);
        let line_starts = std::iter::once(0).chain(starts).collect();
        let file = shown(file);
        Sink {
            file,
            text,
            line_starts,
            problems: Vec::new(),
            warnings: Vec::new(),
            left_out: 0,
            lenient: false,
        }
    }
    /// A sink for a text that is no whole TOML: what its broken lines may have said is not a fault.
    pub(super) fn lenient(file: &str, text: &'t str) -> Sink<'t> {
        Sink { lenient: true, ..Sink::new(file, text) }
    }
    pub(super) fn is_lenient(&self) -> bool {
        self.lenient
    }
    /// Takes over what another sink of the same text found on lines that have no fault yet.
    pub(super) fn absorb(&mut self, other: Sink<'t>) {
        let lines: Vec<u32> = self.problems.iter().map(|problem| problem.line).collect();
        for problem in other.problems.into_iter().filter(|problem| !lines.contains(&problem.line)) {
            self.push(problem);
        }
    }
    /// Line and column of an offset, both from 1.
    pub(super) fn place(&self, offset: usize) -> (u32, u32) {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count()) + 1;
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }
    /// The text of a span.
    pub(super) fn source(&self, span: &Range<usize>) -> &'t str {
        self.text.get(span.clone()).unwrap_or("")
    }
    fn problem(&self, span: &Range<usize>, key: &str, message: String) -> Problem {
        let (line, column) = self.place(span.start);
        Problem { file: self.file.clone(), line, column, key: shown(key), message, suggestion: None }
    }
    fn push(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_MAX { self.problems.push(problem) } else { self.left_out += 1 }
    }
    /// A fault.
    pub(super) fn wrong(&mut self, span: &Range<usize>, key: &str, message: impl Into<String>) {
        let problem = self.problem(span, key, message.into());
        self.push(problem);
    }
    /// A fault with the nearest right spelling, if there is one.
    pub(super) fn misspelt(
        &mut self,
        span: &Range<usize>,
        key: &str,
        message: impl Into<String>,
        suggestion: Option<&str>,
    ) {
        let mut problem = self.problem(span, key, message.into());
        problem.suggestion = suggestion.map(str::to_owned);
        self.push(problem);
    }
    /// A fault of the whole file.
    pub(super) fn wrong_file(&mut self, message: impl Into<String>) {
        let mut problem = self.problem(&(0..0), "", message.into());
        (problem.line, problem.column) = (0, 0);
        self.push(problem);
    }
    /// Allowed, and yet perhaps not meant.
    pub(super) fn doubtful(&mut self, span: &Range<usize>, key: &str, message: impl Into<String>) {
        if self.warnings.len() < PROBLEMS_MAX {
            let warning = self.problem(span, key, message.into());
            self.warnings.push(warning);
        }
    }
    pub(super) fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }
    /// Problems and warnings in the order of the file, and how many problems were left out.
    pub(super) fn finish(mut self) -> (Vec<Problem>, Vec<Warning>) {
        let place = |problem: &Problem| (problem.line, problem.column);
        self.problems.sort_by_key(place);
        self.warnings.sort_by_key(place);
        if self.left_out > 0 {
            let more = format!("and {} more problems", self.left_out);
            self.problems.push(Problem { line: 0, column: 0, ..self.problem(&(0..0), "", more) });
        }
        (self.problems, self.warnings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let text = "a = 1\r\nnäme = \"日本\" x\n\nlast";
        let sink = Sink::new("c", text);
        for (piece, place) in
            [("a", (1, 1)), ("näme", (2, 1)), ("日", (2, 9)), ("x", (2, 13)), ("last", (4, 1))]
        {
            assert_eq!(sink.place(text.find(piece).unwrap()), place, "{piece}");
        }
        assert_eq!(sink.place(text.len()), (4, 5));
    }

    #[test]
    fn a_message_repeats_no_more_than_is_safe() {
        assert_eq!(shown("a\n\u{202e}\"b\""), "a\\n\\u{202e}\"b\"");
        assert_eq!(shown(&"x".repeat(61)).chars().count(), 61);
        let mut sink = Sink::new("c\u{1b}[2J", "");
        (0..1_005).for_each(|n| sink.wrong(&(0..0), "k", format!("{n}")));
        let (problems, _) = sink.finish();
        assert_eq!(problems.len(), 1_001);
        assert_eq!(problems[1_000].to_string(), "c\\u{1b}[2J: and 5 more problems");
    }
}
