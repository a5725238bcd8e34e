use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::billing::id::{ActionKey, CustomerId};

const NOW: Timestamp = Timestamp(1_800_000_000);

/// A lot as a word: `1:bonus:10` or `1:bonus:10@+60`, expiring 60 s from now; `@-1` is over.
fn lot(word: &str) -> Lot {
    let (body, expiry) = word.split_once('@').map_or((word, None), |(body, end)| (body, Some(end)));
    let parts: Vec<&str> = body.split(':').collect();
    let credits = Credits(parts[2].parse().unwrap());
    Lot {
        id: LotId(parts[0].parse().unwrap()),
        kind: LotKind::parse(parts[1]).unwrap(),
        granted: credits,
        available: credits,
        held: Credits(0),
        expires_at: expiry.map(|end| NOW.plus(end.parse().unwrap())),
    }
}

fn book(words: &str) -> Book {
    let lots: Vec<Lot> = words.split_whitespace().map(lot).collect();
    let sum = lots.iter().map(|lot| lot.available.0).sum();
    Book::new(lots, Credits(sum), Credits(0)).unwrap()
}

fn shown(posting: &Posting) -> String {
    let entries = posting.entries.iter();
    entries
        .map(|it| format!("{}:{}={}", it.lot.0, it.credits, it.balance_after))
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn credits_burn_by_kind_then_expiry_then_age() {
    for (lots, required, want) in [
        ("1:bonus:10", 4, "1:4=6"),
        ("1:bonus:10", 10, "1:10=0"),
        ("1:bonus:10", 11, "short 11 of 10"),
        ("", 1, "short 1 of 0"),
        (
            "1:purchase:1 2:opening:1 3:refund:1 4:bonus:1 5:subscription_allocation:1 6:trial:1",
            6,
            "6:1=5 5:1=4 4:1=3 3:1=2 2:1=1 1:1=0",
        ),
        ("1:bonus:5 2:bonus:5@+60 3:bonus:5@+30", 12, "3:5=10 2:5=5 1:2=3"),
        ("2:bonus:5 1:bonus:5", 6, "1:5=5 2:1=4"),
        ("1:bonus:5@+60 2:bonus:5@+60", 6, "1:5=5 2:1=4"),
        // A kind that burns first does so even when a later kind ends sooner.
        ("1:purchase:5@+1 2:trial:5", 6, "2:5=5 1:1=4"),
        // The last second belongs to the lot, the instant of expiry does not.
        ("1:bonus:5@+1 2:bonus:5@+0 3:bonus:5@-1", 5, "1:5=10"),
        ("1:bonus:5@+1 2:bonus:5@+0 3:bonus:5@-1", 6, "short 6 of 5"),
    ] {
        let mut book = book(lots);
        let before = book.clone();
        let got = match book.consume(Credits(required), NOW) {
            Ok(posting) => shown(&posting),
            Err(LedgerError::Short(it)) => format!("short {} of {}", it.required, it.available),
            Err(other) => other.to_string(),
        };
        assert_eq!(got, want, "{lots} asked {required}");
        assert_eq!(want.starts_with("short"), book == before, "a refusal moves nothing: {lots}");
    }
}

#[test]
fn nothing_is_never_moved() {
    for credits in [0, -1, i64::MIN] {
        let mut book = book("1:bonus:10");
        let before = book.clone();
        let credits = Credits(credits);
        assert!(matches!(book.consume(credits, NOW), Err(LedgerError::Broken(_))));
        assert!(matches!(book.hold(credits, NOW), Err(LedgerError::Broken(_))));
        assert!(matches!(book.grant(LotId(2), LotKind::Bonus, credits, None), Err(LedgerError::Broken(_))));
        assert!(matches!(book.settle(&[], credits), Err(LedgerError::NotHeld(_))));
        assert_eq!(book.revoke(LotId(1), credits), Ok(None));
        assert_eq!(book, before);
    }
}

#[test]
fn a_balance_has_a_ceiling() {
    let mut book = book("1:opening:999999999999999");
    assert!(matches!(
        book.grant(LotId(2), LotKind::Bonus, Credits(2), None),
        Err(LedgerError::TooMuch(TooMuch { granted: Credits(2), balance: Credits(999_999_999_999_999) }))
    ));
    assert!(book.grant(LotId(2), LotKind::Bonus, Credits(i64::MAX), None).is_err());
    assert_eq!(
        book.grant(LotId(2), LotKind::Bonus, Credits(1), None).unwrap().entries[0].balance_after,
        Credits(BALANCE_MAX)
    );
}

#[test]
fn holds_reserve_and_keep_their_lots_alive() {
    let mut book = book("1:bonus:5@+10 2:purchase:5");
    let hold = book.hold(Credits(7), NOW).unwrap();
    assert_eq!(shown(&hold), "1:5=5 2:2=3");
    assert_eq!(book.spendable(NOW), Credits(3));
    assert!(matches!(book.consume(Credits(4), NOW), Err(LedgerError::Short(_))));
    let left: Vec<Part> = hold.entries.iter().map(|it| Part { lot: it.lot, credits: it.credits }).collect();
    let later = NOW.plus(60);
    assert_eq!(book.expire(later), Ok(None), "what is held does not expire");
    assert!(matches!(
        book.settle(&left, Credits(8)),
        Err(LedgerError::NotHeld(NotHeld { required: Credits(8), held: Credits(7) }))
    ));
    let settled = book.settle(&left, Credits(4)).unwrap();
    assert_eq!((shown(&settled).as_str(), book.held()), ("1:4=3", Credits(3)));
    let rest = [Part { lot: LotId(1), credits: Credits(1) }, Part { lot: LotId(2), credits: Credits(2) }];
    assert_eq!(shown(&book.release(&rest).unwrap()), "1:1=4 2:2=6");
    assert!(matches!(book.release(&rest), Err(LedgerError::Broken(_))), "a hold ends once");
    assert_eq!((book.available(), book.spendable(later)), (Credits(6), Credits(5)));
    assert_eq!(shown(&book.expire(later).unwrap().unwrap()), "1:1=5");
}

#[test]
fn a_revocation_takes_what_is_left_and_no_more() {
    let mut book = book("1:bonus:5 2:purchase:5");
    book.consume(Credits(8), NOW).unwrap();
    assert_eq!(shown(&book.revoke(LotId(2), Credits(5)).unwrap().unwrap()), "2:2=0");
    assert_eq!(book.revoke(LotId(2), Credits(5)), Ok(None));
    assert_eq!(book.revoke(LotId(9), Credits(5)), Ok(None));
}

#[test]
fn a_damaged_book_is_refused() {
    let lots = vec![lot("1:bonus:10")];
    assert!(Book::new(lots.clone(), Credits(9), Credits(0)).is_err());
    assert!(Book::new(lots.clone(), Credits(10), Credits(1)).is_err());
    for (available, held) in [(-1, 0), (0, -1), (8, 3), (i64::MAX, 1)] {
        let damaged = Lot { available: Credits(available), held: Credits(held), ..lots[0] };
        assert!(Book::new(vec![damaged], Credits(available), Credits(held)).is_err(), "{available} {held}");
    }
}

#[test]
fn a_standing_counts_live_lots_by_origin() {
    let day = 86_400;
    let words = format!(
        "1:trial:1@+{day} 2:subscription_allocation:2@+{} 3:bonus:4 4:refund:8@-1 5:opening:16@+{} 6:purchase:32@+{}",
        30 * day,
        30 * day + 1,
        31 * day
    );
    let standing = book(&words).standing(NOW);
    let want = Standing {
        available: Credits(55),
        held: Credits(0),
        purchased: Credits(48),
        allocated: Credits(2),
        bonus: Credits(5),
        expiring_30d: Credits(3),
        next_expiry: Some(NOW.plus(day)),
    };
    assert_eq!(standing, want);
}

#[test]
fn expiries_are_read_and_worked_out() {
    for (text, want) in [
        ("never", "never"),
        ("2027-12-31", "2027-12-31T00:00:00Z"),
        ("2027-12-31T12:00:00+01:00", "2027-12-31T11:00:00Z"),
        ("30 days", "2027-02-14T08:00:00Z"),
        ("1 month", "2027-02-15T08:00:00Z"),
        ("2027-01-15T08:00:00Z", "it would expire at 2027-01-15T08:00:00Z, which is not after now"),
        ("2020-01-01", "it would expire at 2020-01-01T00:00:00Z, which is not after now"),
        ("2100-01-01", "it would expire after 2100"),
        ("90 years", "it would expire after 2100"),
        ("tomorrow", "`tomorrow` is neither a date, an instant nor a length of time"),
        ("-3 days", "`-3 days` is neither a date, an instant nor a length of time"),
        ("", "`` is neither a date, an instant nor a length of time"),
    ] {
        let got = Expiry::parse(text).and_then(|expiry| expiry.resolve(NOW));
        let got = got.map(|end| end.map_or("never".to_owned(), |end| end.to_string()));
        assert_eq!(got.unwrap_or_else(|error| error.to_string()), want, "{text}");
    }
}

#[test]
fn a_callers_key_never_meets_our_own() {
    for (text, legal) in [
        ("order-1", true),
        ("a b", true),
        ("", false),
        (" a", false),
        ("a\nb", false),
        ("paygrade/trial/acme", false),
        (&"k".repeat(200), true),
        (&"k".repeat(201), false),
    ] {
        assert_eq!(Key::parse(text).is_ok(), legal, "{text:?}");
    }
    assert_eq!(Key::own(Scope::Trial, "acme").as_str(), "paygrade/trial/acme");
}

#[test]
fn a_digest_is_of_what_the_caller_decides() {
    let (acme, beta) = (CustomerId::parse("acme").unwrap(), CustomerId::parse("beta").unwrap());
    let action = ActionKey::parse("export").unwrap();
    let ask = Ask {
        movement: Movement::Grant,
        customer: &acme,
        credits: Some(Credits(5)),
        action: None,
        kind: Some(LotKind::Bonus),
        expires: Some(Expiry::Never),
        reason: Some("sorry"),
        source_id: None,
    };
    // From: printf '{"credits":"5","customer":"acme","expires":"never","kind":"bonus","movement":"grant","reason":"sorry"}' | sha256sum
    assert_eq!(ask.digest(), "980a65d7562cc86c40be11b6dd29d0cfc7acc2ccd4a680faed1940d6cdae78c9");
    for other in [
        Ask { movement: Movement::Usage, ..ask },
        Ask { customer: &beta, ..ask },
        Ask { credits: Some(Credits(6)), ..ask },
        Ask { credits: None, ..ask },
        Ask { action: Some(&action), ..ask },
        Ask { kind: Some(LotKind::Trial), ..ask },
        Ask { expires: Some(Expiry::At(NOW)), ..ask },
        Ask { reason: Some("sorry!"), ..ask },
        Ask { source_id: Some("pi_1"), ..ask },
    ] {
        assert_ne!(other.digest(), ask.digest(), "{other:?}");
    }
}

/// One step of a random life.
#[derive(Debug, Clone)]
enum Step {
    Grant(LotKind, i64, Option<i64>),
    Consume(i64),
    Hold(i64),
    Settle(usize, i64),
    Release(usize),
    Expire,
    Revoke(usize, i64),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let kind = proptest::sample::select(LotKind::ALL.to_vec());
    prop_oneof![
        3 => (kind, 1..50_i64, proptest::option::of(1..100_i64)).prop_map(|(kind, n, end)| Step::Grant(kind, n, end)),
        4 => (1..80_i64).prop_map(Step::Consume),
        2 => (1..40_i64).prop_map(Step::Hold),
        2 => (any::<usize>(), 1..40_i64).prop_map(|(which, n)| Step::Settle(which, n)),
        1 => any::<usize>().prop_map(Step::Release),
        1 => Just(Step::Expire),
        1 => (any::<usize>(), 1..60_i64).prop_map(|(which, n)| Step::Revoke(which, n)),
        2 => (0..60_i64).prop_map(Step::Wait),
    ]
}

/// A customer's life with all that was posted: checks I1 to I7 after each step from the postings alone.
struct Life {
    book: Book,
    now: Timestamp,
    postings: Vec<Posting>,
    granted: BTreeMap<LotId, (LotKind, i64, Option<Timestamp>)>,
    holds: Vec<Vec<Part>>,
}

impl Life {
    fn new() -> Life {
        let book = Book::new(vec![], Credits(0), Credits(0)).unwrap();
        Life { book, now: NOW, postings: vec![], granted: BTreeMap::new(), holds: vec![] }
    }

    fn take(&mut self, step: &Step) {
        let before = self.book.clone();
        let spendable = before.spendable(self.now).0;
        let done = match step {
            Step::Wait(seconds) => {
                self.now = self.now.plus(*seconds);
                Ok(None)
            }
            Step::Grant(kind, n, end) => {
                let id = LotId(i64::try_from(self.granted.len()).unwrap() + 1);
                let end = end.map(|seconds| self.now.plus(seconds));
                self.granted.insert(id, (*kind, *n, end));
                self.book.grant(id, *kind, Credits(*n), end).map(Some)
            }
            Step::Consume(n) | Step::Hold(n) => {
                let done = match step {
                    Step::Consume(_) => self.book.consume(Credits(*n), self.now),
                    _ => self.book.hold(Credits(*n), self.now),
                };
                assert_eq!(done.is_ok(), *n <= spendable, "exactly what is there can be had");
                if let Ok(posting) = &done {
                    self.check_order(&before, posting);
                    if posting.movement == Movement::Hold {
                        let part = |it: &Entry| Part { lot: it.lot, credits: it.credits };
                        self.holds.push(posting.entries.iter().map(part).collect());
                    }
                }
                done.map(Some)
            }
            Step::Settle(which, n) => self.settle(*which, *n),
            Step::Release(which) => match self.pick(*which) {
                Some(which) => {
                    let left = self.holds.swap_remove(which);
                    self.book.release(&left).map(Some)
                }
                None => Ok(None),
            },
            Step::Expire => self.book.expire(self.now),
            Step::Revoke(which, n) => {
                let lot = LotId(i64::try_from(which % (self.granted.len() + 1)).unwrap());
                self.book.revoke(lot, Credits(*n))
            }
        };
        match done {
            Ok(Some(posting)) => self.postings.push(posting),
            Ok(None) => (),
            Err(LedgerError::Broken(what)) => panic!("{what}"),
            Err(_) => assert_eq!(self.book, before, "a refusal moves nothing"),
        }
        self.check();
    }

    fn pick(&self, which: usize) -> Option<usize> {
        (!self.holds.is_empty()).then(|| which % self.holds.len())
    }

    fn settle(&mut self, which: usize, n: i64) -> Result<Option<Posting>, LedgerError> {
        let Some(which) = self.pick(which) else { return Ok(None) };
        let posting = self.book.settle(&self.holds[which], Credits(n))?;
        for entry in &posting.entries {
            let part = self.holds[which].iter_mut().find(|part| part.lot == entry.lot).unwrap();
            part.credits.0 -= entry.credits.0;
        }
        self.holds[which].retain(|part| part.credits.0 > 0);
        if self.holds[which].is_empty() {
            self.holds.swap_remove(which);
        }
        Ok(Some(posting))
    }

    /// I6: no live lot that burns earlier is left with credits when a later one was touched.
    fn check_order(&self, before: &Book, posting: &Posting) {
        let place = |id: LotId| {
            self.granted.get(&id).map(|(kind, _, end)| (*kind, end.unwrap_or(Timestamp(i64::MAX)), id))
        };
        let last = posting.entries.iter().map(|it| place(it.lot).unwrap()).max().unwrap();
        for lot in before.lots().iter().filter(|lot| lot.is_live(self.now)) {
            let burnt: i64 =
                posting.entries.iter().filter(|it| it.lot == lot.id).map(|it| it.credits.0).sum();
            assert!(burnt == 0 || self.granted[&lot.id].2.is_none_or(|end| self.now < end));
            if place(lot.id).unwrap() < last {
                assert_eq!(burnt, lot.available.0, "lot {} burns before the last one", lot.id.0);
            }
        }
    }

    fn check(&self) {
        let mut accounts: BTreeMap<Account, i64> = BTreeMap::new();
        let mut lots: BTreeMap<(LotId, Account), i64> = BTreeMap::new();
        for posting in &self.postings {
            assert_eq!(posting.entries.iter().map(|it| it.credits.0).sum::<i64>(), posting.credits.0);
            let (from, to) = posting.movement.accounts();
            for entry in &posting.entries {
                for (account, credits) in [(from, -entry.credits.0), (to, entry.credits.0)] {
                    *accounts.entry(account).or_default() += credits;
                    *lots.entry((entry.lot, account)).or_default() += credits;
                }
                let of = |account| accounts.get(&account).copied().unwrap_or(0);
                assert_eq!(
                    (of(Account::Available), of(Account::Held)),
                    (entry.balance_after.0, entry.held_after.0),
                    "I1"
                );
                assert!(of(Account::Available) >= 0 && of(Account::Held) >= 0, "I2");
            }
        }
        assert_eq!(accounts.values().sum::<i64>(), 0, "I4");
        for lot in self.book.lots() {
            let of = |account| lots.get(&(lot.id, account)).copied().unwrap_or(0);
            assert_eq!((of(Account::Available), of(Account::Held)), (lot.available.0, lot.held.0), "I6");
            let gone = of(Account::Consumed) + of(Account::Expired) + of(Account::Revoked);
            assert_eq!(lot.granted.0, gone + lot.available.0 + lot.held.0, "I7");
        }
        let again = Book::new(self.book.lots().to_vec(), self.book.available(), self.book.held());
        assert_eq!(again.as_ref(), Ok(&self.book));
        let held: i64 = self.holds.iter().flatten().map(|part| part.credits.0).sum();
        assert_eq!(held, self.book.held().0, "what is held is what holds reserve");
        let standing = self.book.standing(self.now);
        assert_eq!(standing.available.0, standing.purchased.0 + standing.allocated.0 + standing.bonus.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn every_life_keeps_its_books(steps in proptest::collection::vec(step(), 1..60)) {
        let mut life = Life::new();
        for step in &steps {
            life.take(step);
        }
    }

    #[test]
    fn the_order_of_burning_is_total(kinds in proptest::collection::vec((0..6_usize, proptest::option::of(0..3_i64)), 1..20)) {
        let lots: Vec<Lot> = kinds.iter().enumerate().map(|(index, (kind, end))| Lot {
            id: LotId(i64::try_from(index).unwrap()),
            kind: LotKind::ALL[*kind],
            granted: Credits(1), available: Credits(1), held: Credits(0),
            expires_at: end.map(|end| NOW.plus(end + 1)),
        }).collect();
        let mut reversed = lots.clone();
        reversed.reverse();
        let count = Credits(i64::try_from(lots.len()).unwrap());
        let mut one = Book::new(lots, count, Credits(0)).unwrap();
        let mut other = Book::new(reversed, count, Credits(0)).unwrap();
        prop_assert_eq!(one.consume(count, NOW), other.consume(count, NOW));
    }
}
