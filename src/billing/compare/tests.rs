use super::*;

const NOW: Timestamp = Timestamp(10_000_000);

fn item(role: &str, price: &str, quantity: Option<u64>) -> ItemSide {
    ItemSide { role: role.into(), price: price.into(), quantity }
}

fn sub(name: &str, status: &str, created: i64) -> SubSide {
    SubSide {
        sub: name.into(),
        status: status.into(),
        revision: Some("team@1".into()),
        is_whole: true,
        created: Timestamp(created),
        anchor: Timestamp(9_000_000),
        period: Some(Period { start: Timestamp(9_000_000), end: Timestamp(11_000_000) }),
        cancel_at: None,
        schedule: None,
        op: None,
        items: vec![item("month", "price_1", Some(3)), item("usage.tokens", "price_2", None)],
    }
}

fn both() -> (Here, There) {
    let it = sub("sub_a", "active", 1);
    let on = OnTier {
        revision: "team@1".into(),
        sub: Some("sub_a".into()),
        seats: Some(3),
        expected: Some(it.items.clone()),
    };
    let here = Here {
        customer: "acme".into(),
        cus: "cus_1".into(),
        on: Some(on),
        subs: vec![it.clone()],
        ..Here::default()
    };
    (here, There { subs: vec![it], ..There::default() })
}

fn told(here: &Here, there: &There) -> Vec<String> {
    let mend = |it: &Mend| match it {
        Mend::Refresh => "refresh".to_owned(),
        Mend::TakeIn { sub } => format!("take in {sub}"),
        Mend::Seats { seats, .. } => format!("seats {seats}"),
        Mend::Cancel { sub, keep, credit } => format!("cancel {sub} keep {keep} credit {credit}"),
        Mend::Allocate => "allocate".to_owned(),
        Mend::Person { .. } => "person".to_owned(),
    };
    let one = |it: &Difference| format!("{} {} {}: {}", it.class, it.cause, it.object, mend(&it.mend));
    differences(here, there, NOW).iter().map(one).collect()
}

#[test]
fn equal_sides_do_not_differ() {
    let (here, there) = both();
    assert!(told(&here, &there).is_empty());
}

#[test]
fn a_renewal_that_was_not_seen_is_no_difference_and_another_period_is_one() {
    let (mut here, mut there) = both();
    here.subs[0].period = Some(Period { start: Timestamp(7_000_000), end: Timestamp(9_000_000) });
    assert!(told(&here, &there).is_empty());
    there.subs[0].period = Some(Period { start: Timestamp(8_000_000), end: Timestamp(11_000_000) });
    assert_eq!(told(&here, &there), ["value period sub_a: refresh"]);
}

/// One thing changed at Stripe: exactly one difference.
#[test]
fn each_difference_is_told_once() {
    type Change = fn(&mut Here, &mut There);
    let cases: &[(&str, Change)] = &[
        ("value status sub_a: refresh", |_, there| there.subs[0].status = "past_due".into()),
        ("value status sub_a: refresh", |_, there| there.subs[0].status = "canceled".into()),
        ("missing no_subscription sub_a: person", |_, there| there.subs.clear()),
        ("value seats sub_a: seats 5", |_, there| there.subs[0].items[0].quantity = Some(5)),
        ("value price sub_a: person", |_, there| {
            there.subs[0].items[0] = item("month", "price_9", Some(1));
        }),
        ("value price sub_a: person", |_, there| there.subs[0].items[1].price = "price_9".into()),
        ("missing item price_2: person", |_, there| drop(there.subs[0].items.pop())),
        ("extra item price_7: person", |_, there| there.subs[0].items.push(item("other", "price_7", None))),
        ("value anchor sub_a: refresh", |_, there| there.subs[0].anchor = Timestamp(9_500_000)),
        ("value cancel_at sub_a: refresh", |_, there| {
            there.subs[0].cancel_at = Some(Timestamp(11_000_000));
        }),
        ("extra schedule sub_a: person", |_, there| there.subs[0].schedule = Some("sub_sched_1".into())),
        ("value tier sub_a: take in sub_a", |_, there| {
            there.subs[0].revision = Some("pro@2".into());
            there.subs[0].items = vec![item("month", "price_5", Some(1))];
        }),
        ("extra unknown_subscription sub_a: take in sub_a", |here, _| {
            here.on = None;
            here.subs.clear();
        }),
        ("missing customer_deleted cus_1: refresh", |_, there| {
            there.is_gone = true;
            there.subs[0].status = "canceled".into();
        }),
        ("missing customer_deleted cus_1: person", |here, there| {
            there.is_gone = true;
            there.subs.clear();
            here.subs.clear();
            here.on.as_mut().unwrap().sub = None;
        }),
        ("unknown unfinished cus_1: person", |here, there| {
            here.unfinished = Some(("a change to pro".into(), "paygrade tier assign acme pro".into()));
            there.subs.clear();
        }),
        ("missing allocation cus_1: allocate", |here, _| here.allocations_missing.push("2026-11".into())),
    ];
    for (want, change) in cases {
        let (mut here, mut there) = both();
        change(&mut here, &mut there);
        assert_eq!(told(&here, &there), [*want]);
    }
}

#[test]
fn of_duplicates_the_newest_paid_one_stays() {
    use Paid::{No, Unclear, Yes};
    for (paid_a, paid_b, want) in [
        (Yes, Yes, "extra two_subscriptions sub_a: cancel sub_a keep sub_b credit true"),
        (No, Yes, "extra two_subscriptions sub_a: cancel sub_a keep sub_b credit false"),
        (Yes, No, "extra two_subscriptions sub_b: cancel sub_b keep sub_a credit false"),
        (No, No, "extra two_subscriptions sub_b: person"),
        (Yes, Unclear, "extra two_subscriptions sub_b: person"),
    ] {
        let (here, mut there) = both();
        there.subs.push(sub("sub_b", "active", 2));
        there.paid = BTreeMap::from([("sub_a".into(), paid_a), ("sub_b".into(), paid_b)]);
        assert_eq!(told(&here, &there), [want], "{paid_a:?} {paid_b:?}");
    }
}

#[test]
fn a_duplicate_is_not_cancelled_where_that_is_not_safe() {
    type Change = fn(&mut There);
    let cases: &[Change] = &[
        // Made in the same second.
        |there| there.subs[1].created = there.subs[0].created,
        // The one that stays does not bill what the other one counts.
        |there| there.subs[1].items.truncate(1),
        // Its changes belong to a schedule.
        |there| there.subs[0].schedule = Some("sub_sched_1".into()),
        // Nobody could take over the one that stays.
        |there| there.subs[1].is_whole = false,
        // Newer and paid once, but past due now: so the older one stays.
        |there| {
            there.subs[0].status = "past_due".into();
            there.subs[1].status = "past_due".into();
        },
    ];
    for (number, change) in cases.iter().enumerate() {
        let (here, mut there) = both();
        there.subs.push(sub("sub_b", "active", 2));
        there.paid = BTreeMap::from([("sub_a".into(), Paid::Yes), ("sub_b".into(), Paid::Yes)]);
        change(&mut there);
        let told = told(&here, &there);
        assert!(told.iter().all(|it| it.ends_with(": person")) && !told.is_empty(), "{number}: {told:?}");
    }
}

#[test]
fn an_item_of_others_in_the_place_of_ours_is_two_differences() {
    let (here, mut there) = both();
    there.subs[0].items[0] = item("other", "price_9", Some(3));
    assert_eq!(told(&here, &there), ["missing item price_1: person", "extra item price_9: person"]);
}
