//! Overrides: what one customer may have beside what its tier says, until a day. The newest word on a limit counts,
//! whether it gives something or ends what was given.

use std::collections::BTreeMap;

use super::catalog::Limit;
use super::id::LimitKey;
use super::time::Timestamp;

/// One word on one limit of one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Its number; a later word has a higher one.
    pub number: i64,
    /// The limit.
    pub limit: LimitKey,
    /// What holds instead of the tier's; `None` ends what came before.
    pub value: Option<Limit>,
    /// First instant.
    pub from: Timestamp,
    /// First instant after it; `None`: until another word.
    pub until: Option<Timestamp>,
}

/// Where an override stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// It holds.
    InForce,
    /// Its time is over.
    Over,
    /// A later word took its place.
    Replaced,
    /// A later word ended it.
    Ended,
}

impl Stands {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Stands::InForce => "in force",
            Stands::Over => "over",
            Stands::Replaced => "replaced",
            Stands::Ended => "ended",
        }
    }
}

/// What gives something, each with where it stands, in the order of the numbers.
pub fn standing(all: &[Override], now: Timestamp) -> Vec<(&Override, Stands)> {
    let next = |it: &Override| {
        let later = all.iter().filter(|other| other.limit == it.limit && other.number > it.number);
        later.min_by_key(|other| other.number)
    };
    let stands = |it: &Override| match next(it) {
        Some(next) if it.until.is_none_or(|until| until > next.from) => match next.value {
            Some(_) => Stands::Replaced,
            None => Stands::Ended,
        },
        _ if it.until.is_some_and(|until| until <= now) => Stands::Over,
        _ => Stands::InForce,
    };
    let mut told: Vec<_> = all.iter().filter(|it| it.value.is_some()).map(|it| (it, stands(it))).collect();
    told.sort_by_key(|(it, _)| it.number);
    told
}

/// What holds now instead of what the tier says.
pub fn in_force(all: &[Override], now: Timestamp) -> BTreeMap<LimitKey, Limit> {
    let holding = standing(all, now).into_iter().filter(|(_, stands)| *stands == Stands::InForce);
    holding.filter_map(|(it, _)| Some((it.limit.clone(), it.value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `1 members=10 0..50`: number, limit and value (none: ended), from, until.
    fn word(text: &str) -> Override {
        let mut parts = text.split(' ');
        let number = parts.next().unwrap().parse().unwrap();
        let (limit, value) = parts.next().unwrap().split_once('=').unwrap();
        let (from, until) = parts.next().unwrap().split_once("..").unwrap();
        let value = match value {
            "" => None,
            "unlimited" => Some(Limit::Unlimited),
            most => Some(Limit::AtMost(most.parse().unwrap())),
        };
        Override {
            number,
            limit: LimitKey::parse(limit).unwrap(),
            value,
            from: Timestamp(from.parse().unwrap()),
            until: until.parse().ok().map(Timestamp),
        }
    }

    #[test]
    fn the_newest_word_on_a_limit_counts() {
        for (words, now, want) in [
            (&["1 members=10 0..50"][..], 49, &["in force"][..]),
            (&["1 members=10 0..50"], 50, &["over"]),
            (&["1 members=10 0.."], 9_000, &["in force"]),
            // A later one takes its place, also where the later one is over already: it was the last word.
            (&["1 members=10 0..90", "2 members=5 10..20"], 15, &["replaced", "in force"]),
            (&["1 members=10 0..90", "2 members=5 10..20"], 30, &["replaced", "over"]),
            (&["1 members=10 0..5", "2 members=5 10.."], 15, &["over", "in force"]),
            (&["1 members=10 0..90", "2 members= 10.."], 15, &["ended"]),
            (&["1 members=10 0..90", "2 members= 10..", "3 members=7 20.."], 30, &["ended", "in force"]),
            (&["1 members=10 0..", "2 projects= 10.."], 15, &["in force"]),
        ] {
            let all: Vec<Override> = words.iter().map(|text| word(text)).collect();
            let told: Vec<&str> =
                standing(&all, Timestamp(now)).iter().map(|(_, stands)| stands.as_str()).collect();
            assert_eq!(told, want, "{words:?} at {now}");
            let holding = told.iter().filter(|word| **word == "in force").count();
            assert_eq!(in_force(&all, Timestamp(now)).len(), holding, "{words:?} at {now}");
        }
    }

    #[test]
    fn what_holds_is_its_value() {
        let all = [word("1 members=10 0.."), word("2 projects=unlimited 0.."), word("3 members=12 1..")];
        let held = in_force(&all, Timestamp(5));
        let told: Vec<String> = held.iter().map(|(key, limit)| format!("{key} {limit:?}")).collect();
        assert_eq!(told, ["members AtMost(12)", "projects Unlimited"]);
    }
}
