//! Where Stripe's sum differs from ours, to the minute, with few questions.
//!
//! A state machine without IO: it says what to ask, takes the answers, and ends with the places that differ. Days come in
//! one answer, hours four days at a time, and an hour is halved. What holds: a part is looked into only if it differs; a
//! place that is named does differ; the questions stay within [`Bisect::bound`]. Parts whose sums agree count as agreeing:
//! differences that cancel out inside one are not seen (`--by hour` begins at the hours).

use super::{Class, Ours, Range, Side, compare, cut, units};
use crate::billing::time::{DAY_S, HOUR_S, MINUTE_S, Timestamp};

/// Most sums in one answer (Stripe: docs, lists: `limit` is at most 100).
pub const PAGE_SUMS: i64 = 100;
/// Whole days whose hours fit into one answer.
const DAYS_A_PAGE: i64 = PAGE_SUMS / 24;
/// Halvings that lead from an hour to its minute.
const HALVINGS: u64 = 6;
/// Where Stripe counted nothing at all, up to so many minutes are named one by one; more of them are one place.
const MINUTES_APART_MAX: usize = 24;

/// How Stripe groups its sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    /// One sum.
    Whole,
    /// One a UTC hour.
    Hour,
    /// One a UTC day.
    Day,
}

/// One question: one call, one page of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// What is summed; its edges are whole units of `by`, or whole minutes.
    pub range: Range,
    /// How.
    pub by: By,
}

/// Stripe's sum of a part. Parts without usage may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// The part.
    pub range: Range,
    /// Units.
    pub units: i64,
}

/// A place that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// A minute; or more where nothing finer can be asked, or no question was left, or Stripe counted nothing at all.
    pub range: Range,
    /// Stripe's sum.
    pub stripe: i64,
    /// Our side.
    pub ours: Ours,
}

/// A part with a known sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    range: Range,
    stripe: i64,
    /// Of an hour: the likeliest minute was tried.
    tried: bool,
}

/// Pieces that are looked into together, and what is asked about them.
struct Task {
    pieces: Vec<Piece>,
    how: How,
    asked: Vec<Question>,
}

enum How {
    /// Cut into units of so many seconds, and the part that is what remains of the known sum.
    Cut(i64, Option<Range>),
    /// Every hour, without a known sum.
    Hours,
    /// The likeliest minute alone.
    Try,
    /// The first half; the second is what remains.
    Halve(Timestamp),
}

/// The search. Ask [`Bisect::questions`], give the answers to [`Bisect::answer`], until nothing is asked any more.
pub struct Bisect<'a> {
    side: &'a Side,
    open: Vec<Piece>,
    tasks: Vec<Task>,
    places: Vec<Place>,
    total: Option<i64>,
    left: u64,
    /// Questions were not left that would have led further.
    cut_short: bool,
    bound: Bound,
    asked: u64,
}

/// What the bound is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Bound {
    /// Pages of whole days or hours and the rests beside them, known before anything is asked.
    first: u64,
    days: u64,
    hours: u64,
    minutes: u64,
}

impl<'a> Bisect<'a> {
    /// Looks into a range whose whole sum is known. At most `left` questions.
    pub fn of_sum(side: &'a Side, range: Range, stripe: i64, left: u64) -> Bisect<'a> {
        let mut it = Bisect::new(side, left);
        it.total = Some(stripe);
        let piece = Piece { range, stripe, tried: false };
        if it.differs(range, stripe) && !it.nothing_there(piece) {
            it.bound.first = pages(range, DAY_S) + 2;
            it.open.push(piece);
            it.plan();
        }
        it
    }

    /// Compares every hour of a range; nothing is asked where `left` questions do not suffice for that.
    pub fn by_hour(side: &'a Side, range: Range, left: u64) -> Bisect<'a> {
        let mut it = Bisect::new(side, left);
        let cut = cut(range, HOUR_S);
        let mut asked: Vec<Question> = cut.rests.iter().copied().map(whole).collect();
        if let Some(middle) = cut.middle {
            let pages = units(middle, PAGE_SUMS * HOUR_S);
            asked.extend(pages.into_iter().map(|range| Question { range, by: By::Hour }));
        }
        it.bound.first = u64::try_from(asked.len()).unwrap_or(u64::MAX);
        it.push(Task { pieces: Vec::new(), how: How::Hours, asked });
        it
    }

    fn new(side: &'a Side, left: u64) -> Bisect<'a> {
        let (open, tasks, places) = (Vec::new(), Vec::new(), Vec::new());
        let bound = Bound::default();
        Bisect { side, open, tasks, places, total: None, left, cut_short: false, bound, asked: 0 }
    }

    /// What is to be asked now, in any order; nothing when it is done.
    pub fn questions(&self) -> Vec<Question> {
        self.tasks.iter().flat_map(|task| task.asked.iter().copied()).collect()
    }

    /// Takes the answers to the questions, in their order.
    pub fn answer(&mut self, answers: &[Vec<Sum>]) {
        let mut answers = answers.iter();
        for task in std::mem::take(&mut self.tasks) {
            let told: Vec<(Question, &[Sum])> = task
                .asked
                .iter()
                .map(|question| (*question, answers.next().map_or(&[][..], Vec::as_slice)))
                .collect();
            match task.how {
                How::Cut(unit_s, rest) => self.cut_done(&task.pieces, &parts(&told, unit_s), rest),
                How::Hours => self.hours_done(&parts(&told, HOUR_S)),
                How::Try => self.try_done(&task.pieces, &told),
                How::Halve(middle) => self.halve_done(&task.pieces, &told, middle),
            }
        }
        self.plan();
    }

    /// The places that differ, in order. Complete when nothing is asked any more.
    pub fn places(mut self) -> Vec<Place> {
        self.places.sort_by_key(|place| place.range);
        self.places
    }

    /// Stripe's sum of the whole range; `None` as long as it is not known.
    pub fn total(&self) -> Option<i64> {
        self.total
    }

    /// Whether a place is larger than it need be, because no question was left.
    pub fn is_cut_short(&self) -> bool {
        self.cut_short
    }

    /// Questions asked so far.
    pub fn asked(&self) -> u64 {
        self.asked
    }

    /// At most so many questions, by what was found: the first pages and rests, two a day that differs, one an hour that
    /// differs and six a minute that is named.
    pub fn bound(&self) -> u64 {
        let Bound { first, days, hours, minutes } = self.bound;
        first + 2 * days + hours + HALVINGS * minutes
    }

    fn differs(&self, range: Range, stripe: i64) -> bool {
        matches!(compare(&self.side.ours(range), stripe).0, Class::Missing | Class::Extra)
    }

    fn name(&mut self, piece: Piece) {
        let Piece { range, stripe, .. } = piece;
        self.places.push(Place { range, stripe, ours: self.side.ours(range) });
        self.bound.minutes += 1;
    }

    /// Where Stripe counted nothing, each minute with something of ours that must be there differs: no question is needed.
    fn nothing_there(&mut self, piece: Piece) -> bool {
        // Units that were taken back make a sum of nothing too.
        if piece.stripe != 0 || self.side.is_coarse(piece.range) || self.side.takes_back(piece.range) {
            return false;
        }
        let minutes = self.side.minutes(piece.range);
        if minutes.len() > MINUTES_APART_MAX {
            self.name(piece);
            return true;
        }
        for range in minutes {
            if self.differs(range, 0) {
                self.name(Piece { range, stripe: 0, tried: true });
            }
        }
        true
    }

    /// Takes a part whose sum is known: it agrees, or it is looked into, or there is nothing finer.
    fn take(&mut self, range: Range, stripe: i64) -> bool {
        if range.is_empty() || !self.differs(range, stripe) {
            return false;
        }
        let piece = Piece { range, stripe, tried: false };
        let length = range.to.since(range.from);
        let day = range.from.floor(DAY_S) == range.to.plus(-1).floor(DAY_S);
        let hour = range.from.floor(HOUR_S) == range.to.plus(-1).floor(HOUR_S);
        match (length <= MINUTE_S, hour, day) {
            (true, ..) => (),
            (_, true, _) => self.bound.hours += 1,
            (_, _, true) => self.bound.days += 1,
            _ => (),
        }
        if self.nothing_there(piece) {
            return true;
        }
        if length <= MINUTE_S {
            self.name(piece);
        } else {
            self.open.push(piece);
        }
        true
    }

    /// Asks about the open pieces, as far as questions are left. What cannot be asked is named as it is.
    fn plan(&mut self) {
        let mut open = std::mem::take(&mut self.open);
        open.sort_by_key(|piece| piece.range);
        let mut days: Vec<Piece> = Vec::new();
        for piece in open {
            let Range { from, to } = piece.range;
            let whole_day = to.since(from) == DAY_S && from.floor(DAY_S) == from;
            if !whole_day {
                self.look_into(piece);
                continue;
            }
            // Hours of several days fit into one answer.
            let fits = days.first().is_none_or(|first| to.since(first.range.from) <= DAYS_A_PAGE * DAY_S);
            if !fits {
                self.look_into_days(std::mem::take(&mut days));
            }
            days.push(piece);
        }
        self.look_into_days(days);
    }

    fn look_into_days(&mut self, pieces: Vec<Piece>) {
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return };
        let range = Range { from: first.range.from, to: last.range.to };
        let asked = vec![Question { range, by: By::Hour }];
        self.push(Task { pieces, how: How::Cut(HOUR_S, None), asked });
    }

    fn look_into(&mut self, piece: Piece) {
        let Range { from, to } = piece.range;
        let same = |unit_s: i64| from.floor(unit_s) == to.plus(-1).floor(unit_s);
        if same(HOUR_S) && (self.side.is_coarse(piece.range) || to.since(from) <= MINUTE_S) {
            self.name(piece);
            return;
        }
        if same(HOUR_S) {
            let task = match self.likeliest(&piece) {
                Some(minute) if !piece.tried => {
                    Task { pieces: vec![piece], how: How::Try, asked: vec![whole(minute)] }
                }
                _ => {
                    let middle = from.plus((to.since(from) / MINUTE_S + 1) / 2 * MINUTE_S);
                    let asked = vec![whole(Range { from, to: middle })];
                    Task { pieces: vec![piece], how: How::Halve(middle), asked }
                }
            };
            self.push(task);
            return;
        }
        let (unit_s, by) = if same(DAY_S) { (HOUR_S, By::Hour) } else { (DAY_S, By::Day) };
        let cut = cut(piece.range, unit_s);
        let mut rests = cut.rests;
        let rest = rests.pop();
        let mut asked: Vec<Question> = rests.into_iter().map(whole).collect();
        if let Some(middle) = cut.middle {
            let pages = units(middle, PAGE_SUMS * unit_s);
            asked.extend(pages.into_iter().map(|range| Question { range, by }));
        }
        self.push(Task { pieces: vec![piece], how: How::Cut(unit_s, rest), asked });
    }

    /// The one minute whose deliveries are as much as the difference.
    fn likeliest(&self, piece: &Piece) -> Option<Range> {
        let (class, difference) = compare(&self.side.ours(piece.range), piece.stripe);
        let minutes = self.side.minutes(piece.range);
        let mut fitting = minutes.into_iter().filter(|range| {
            let ours = self.side.ours(*range);
            let units = if class == Class::Missing { ours.settled } else { ours.most() };
            units == difference.abs() && *range != piece.range
        });
        let first = fitting.next();
        first.filter(|_| fitting.next().is_none())
    }

    fn push(&mut self, task: Task) {
        let count = u64::try_from(task.asked.len()).unwrap_or(u64::MAX);
        if self.left < count {
            for piece in task.pieces {
                if self.differs(piece.range, piece.stripe) {
                    self.name(piece);
                    self.cut_short = true;
                }
            }
            return;
        }
        self.left -= count;
        self.asked += count;
        self.tasks.push(task);
    }

    fn cut_done(&mut self, pieces: &[Piece], parts: &[Sum], rest: Option<Range>) {
        for piece in pieces {
            let of_piece = || parts.iter().filter(|part| piece.range.holds(part.range.from));
            let known: i64 = of_piece().map(|part| part.units).sum();
            let rest = rest.map(|range| Sum { range, units: piece.stripe.saturating_sub(known) });
            let mut found = false;
            for part in of_piece().chain(rest.iter()) {
                found |= self.take(part.range, part.units);
            }
            if !found {
                // Stripe counted on between two questions: what the first one said stands.
                self.name(*piece);
            }
        }
    }

    fn hours_done(&mut self, parts: &[Sum]) {
        self.total = Some(parts.iter().map(|part| part.units).sum());
        for part in parts {
            self.take(part.range, part.units);
        }
    }

    fn try_done(&mut self, pieces: &[Piece], told: &[(Question, &[Sum])]) {
        for (piece, (question, sums)) in pieces.iter().zip(told) {
            let stripe = sums.iter().map(|sum| sum.units).sum();
            let minute = Piece { range: question.range, stripe, tried: true };
            let all = compare(&self.side.ours(piece.range), piece.stripe).1;
            if self.differs(minute.range, stripe) && compare(&self.side.ours(minute.range), stripe).1 == all {
                self.name(minute);
            } else {
                self.open.push(Piece { tried: true, ..*piece });
            }
        }
    }

    fn halve_done(&mut self, pieces: &[Piece], told: &[(Question, &[Sum])], middle: Timestamp) {
        for (piece, (_, sums)) in pieces.iter().zip(told) {
            let first: i64 = sums.iter().map(|sum| sum.units).sum();
            let halves = [
                (Range { to: middle, ..piece.range }, first),
                (Range { from: middle, ..piece.range }, piece.stripe.saturating_sub(first)),
            ];
            let mut found = false;
            for (range, stripe) in halves {
                if !self.differs(range, stripe) {
                    continue;
                }
                found = true;
                let half = Piece { range, stripe, tried: true };
                if self.nothing_there(half) {
                    continue;
                }
                if range.to.since(range.from) <= MINUTE_S {
                    self.name(half);
                } else {
                    self.open.push(half);
                }
            }
            if !found {
                self.name(*piece);
            }
        }
    }
}

fn whole(range: Range) -> Question {
    Question { range, by: By::Whole }
}

fn pages(range: Range, unit_s: i64) -> u64 {
    u64::try_from(range.to.since(range.from) / (unit_s * PAGE_SUMS)).unwrap_or(0) + 1
}

/// The parts that were asked about, each with its sum. A part without usage may be absent from an answer.
fn parts(told: &[(Question, &[Sum])], unit_s: i64) -> Vec<Sum> {
    let mut parts: Vec<Sum> = Vec::new();
    for (question, sums) in told {
        let length = question.range.to.since(question.range.from);
        for range in units(question.range, if question.by == By::Whole { length } else { unit_s }) {
            let within = sums.iter().filter(|sum| range.holds(sum.range.from));
            parts.push(Sum { range, units: within.map(|sum| sum.units).sum() });
        }
    }
    parts
}

#[cfg(test)]
mod tests;
