//! `usage record -`: JSON lines in, one answer each, in order; what is ready is committed together.

use std::io::BufRead;
use std::sync::mpsc::{Receiver, sync_channel};

use serde_json::Value;

use super::{Draft, Recorded, outcome, record_one};
use crate::billing::id::{CustomerId, MeterKey};
use crate::billing::time::Micros;
use crate::billing::usage::parse_quantity;
use crate::error::{Error, Kind};
use crate::flow::instant::{Zone, parse_instant};
use crate::flow::lines::{self, Lines};
use crate::flow::names::{did_you_mean, shown, unknown_customer, unknown_meter};
use crate::store::usage::{Names, NewEvent, UsageCache, usage_append};
use crate::store::{Store, Writer};

/// Most lines that are committed together: what one fsync can carry without keeping callers waiting.
const GROUP_LINES_MAX: usize = 1_000;
/// Most lines that wait for the commit before them.
const LINES_WAITING_MAX: usize = GROUP_LINES_MAX;
/// Longest line that is taken: one usage event is short, and many lines may wait.
const STREAM_LINE_BYTES_MAX: usize = 1 << 16;
/// Most bytes of lines that are committed together.
const GROUP_BYTES_MAX: usize = 1 << 20;

/// One line of input that was read.
#[derive(Debug)]
pub enum Line {
    /// Its bytes.
    Bytes(u64, Vec<u8>),
    /// Longer than is taken.
    TooLong(u64),
}

/// The answer to one line.
#[derive(Debug)]
pub struct Answered {
    /// Number of the line.
    pub line: u64,
    /// What became of it.
    pub result: Result<Recorded, Error>,
}

/// How a stream went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines that were recorded now.
    pub recorded: u64,
    /// Lines that were known already.
    pub known: u64,
    /// Lines that were refused by a rule.
    pub refused: u64,
    /// Lines that could not be read as usage.
    pub bad: u64,
}

/// Reads JSON lines until the input ends or `stop` says so, and answers each in order. What is ready is committed
/// together; the answers to a group come after its commit. Memory is bounded however long the input is.
pub fn record_stream(
    store: &Store,
    input: impl BufRead + Send + 'static,
    enforce: bool,
    now: &dyn Fn() -> Result<Micros, Error>,
    stop: &dyn Fn() -> bool,
    answer: &mut dyn FnMut(&[Answered]) -> Result<(), Error>,
) -> Result<Tally, Error> {
    store.prepare_stream()?;
    let lines = read_ahead(input);
    let mut cache = UsageCache::default();
    let mut tally = Tally::default();
    while let Some(group) = next_group(&lines, stop)? {
        let now = now()?;
        let drafts = group.iter().map(|line| draft_of(line, now)).collect();
        let answered = store.write(now.second(), |w| record_group(w, &mut cache, now, drafts, enforce))?;
        for it in &answered {
            match &it.result {
                Ok(done) if done.known => tally.known += 1,
                Ok(_) => tally.recorded += 1,
                Err(error) if error.kind() == Kind::Refused => tally.refused += 1,
                Err(_) => tally.bad += 1,
            }
        }
        answer(&answered)?;
    }
    // What is committed is safe where it is, also when this fails.
    let _ = store.checkpoint_at_end();
    Ok(tally)
}

type Read = std::io::Result<Line>;

/// Reads lines on a thread of its own, so that what has arrived can be told from what has not.
fn read_ahead(input: impl BufRead + Send + 'static) -> Receiver<Read> {
    let (tell, told) = sync_channel(LINES_WAITING_MAX);
    std::thread::spawn(move || {
        let mut lines = Lines::new(input, STREAM_LINE_BYTES_MAX);
        loop {
            let number = lines.number() + 1;
            let line = match lines.next_line() {
                Ok(None) => return,
                Ok(Some(lines::Line::Bytes(bytes))) if bytes.iter().all(u8::is_ascii_whitespace) => continue,
                Ok(Some(lines::Line::Bytes(bytes))) => Ok(Line::Bytes(number, bytes.to_vec())),
                Ok(Some(lines::Line::TooLong)) => Ok(Line::TooLong(number)),
                Err(error) => Err(error),
            };
            let failed = line.is_err();
            if tell.send(line).is_err() || failed {
                return;
            }
        }
    });
    told
}

/// Waits for a line, then takes what else is there. `None` when the input has ended or `stop` says so.
fn next_group(lines: &Receiver<Read>, stop: &dyn Fn() -> bool) -> Result<Option<Vec<Line>>, Error> {
    const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(100);
    let first = loop {
        if stop() {
            return Ok(None);
        }
        match lines.recv_timeout(LOOK_EVERY) {
            Ok(line) => break line,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => (),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return Ok(None),
        }
    };
    let mut group = Vec::new();
    let mut bytes = 0;
    let mut next = Some(first);
    while let Some(line) = next {
        let line = line.map_err(|error| {
            Error::new(Kind::BadInput, "input", "standard input cannot be read").because(&error)
        })?;
        if let Line::Bytes(_, text) = &line {
            bytes += text.len();
        }
        group.push(line);
        let full = group.len() == GROUP_LINES_MAX || bytes > GROUP_BYTES_MAX;
        next = if full { None } else { lines.try_recv().ok() };
    }
    Ok(Some(group))
}

/// Reads one line as usage.
fn draft_of(line: &Line, now: Micros) -> (u64, Result<Draft, Error>) {
    match line {
        Line::Bytes(number, bytes) => {
            (*number, parse(bytes).and_then(|draft| draft.check(now).map(|()| draft)))
        }
        Line::TooLong(number) => {
            let text = format!("the line is longer than {STREAM_LINE_BYTES_MAX} bytes");
            (*number, Err(bad("line_too_long", text)))
        }
    }
}

fn bad(code: &'static str, text: impl Into<String>) -> Error {
    Error::new(Kind::BadInput, code, text)
}

const KEYS: [&str; 7] = ["customer", "meter", "quantity", "id", "at", "action", "user"];

fn parse(bytes: &[u8]) -> Result<Draft, Error> {
    let text = std::str::from_utf8(bytes).map_err(|_| bad("not_utf8", "the line is not UTF-8"))?;
    let value: Value =
        serde_json::from_str(text).map_err(|error| bad("not_json", format!("not JSON: {error}")))?;
    let Value::Object(fields) = value else { return Err(bad("not_json", "not a JSON object")) };
    if let Some(key) = fields.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let near = did_you_mean(key, KEYS);
        let hint = format!("known are {}; when it happened is `at`", KEYS.join(", "));
        return Err(bad("unknown_key", format!("unknown key `{}`{near}", shown(key))).hint(hint));
    }
    let word = |key: &str| -> Result<Option<String>, Error> {
        match fields.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(bad("bad_value", format!("`{key}` is neither text nor a number"))),
        }
    };
    let needed = |key: &str| word(key)?.ok_or_else(|| bad("missing_key", format!("`{key}` is missing")));
    Ok(Draft {
        customer: CustomerId::parse(&needed("customer")?)?,
        meter: MeterKey::parse(&needed("meter")?)?,
        quantity: parse_quantity(&needed("quantity")?)?,
        id: word("id")?,
        at: word("at")?
            .map(|text| parse_instant(&text, &Zone::UTC).map_err(|error| bad("bad_time", error.to_string())))
            .transpose()?,
        action: word("action")?,
        user: word("user")?,
    })
}

/// Records what can be recorded of a group; a line that cannot does not touch the others.
fn record_group(
    w: &Writer<'_>,
    cache: &mut UsageCache,
    now: Micros,
    drafts: Vec<(u64, Result<Draft, Error>)>,
    enforce: bool,
) -> Result<Vec<Answered>, Error> {
    if enforce {
        let one = |(line, draft): (u64, Result<Draft, Error>)| {
            let result = draft.and_then(|draft| record_one(w, cache, now, &draft, true));
            match result {
                // The store itself failed: the whole group is undone.
                Err(error) if !matches!(error.kind(), Kind::BadInput | Kind::Refused) => Err(error),
                result => Ok(Answered { line, result }),
            }
        };
        return drafts.into_iter().map(one).collect();
    }
    let names = w.reader().usage_names_of(drafts.iter().filter_map(|(_, draft)| {
        let draft = draft.as_ref().ok()?;
        Some((draft.customer.as_str(), draft.meter.as_str()))
    }))?;
    let mut events: Vec<NewEvent<'_>> = Vec::new();
    let mut problems: Vec<Option<Error>> = Vec::new();
    for (_, draft) in &drafts {
        let found = draft.as_ref().ok().map(|draft| event_of(w, &names, draft, now));
        match found {
            Some(Ok(event)) => {
                events.push(event);
                problems.push(None);
            }
            Some(Err(problem)) => problems.push(Some(problem)),
            None => problems.push(None),
        }
    }
    let done = usage_append(w, cache, &events)?;
    let mut recorded = events.iter().zip(&done);
    let mut answered = Vec::with_capacity(drafts.len());
    let r = w.reader();
    let mut results = Vec::with_capacity(drafts.len());
    for ((_, draft), problem) in drafts.iter().zip(problems) {
        results.push(match (draft, problem) {
            (Err(_), _) => None,
            (_, Some(problem)) => Some(Err(problem)),
            (Ok(draft), None) => recorded.next().map(|(event, done)| outcome(&r, draft, event, done)),
        });
    }
    for ((line, draft), result) in drafts.into_iter().zip(results) {
        let result = match (result, draft) {
            (Some(result), _) => result,
            (None, Err(error)) => Err(error),
            (None, Ok(_)) => Err(Error::new(Kind::Bug, "not_recorded", "a line was passed over")),
        };
        answered.push(Answered { line, result });
    }
    Ok(answered)
}

fn event_of<'d>(w: &Writer<'_>, names: &Names, draft: &'d Draft, now: Micros) -> Result<NewEvent<'d>, Error> {
    let Some(customer) = names.customers.get(draft.customer.as_str()) else {
        return Err(unknown_customer(&w.reader().usage_names()?, draft.customer.as_str()));
    };
    let Some(meter) = names.meters.get(draft.meter.as_str()) else {
        return Err(unknown_meter(&w.reader().usage_names()?, draft.meter.as_str()));
    };
    draft.event(*customer, *meter, now)
}
