//! The chain from a customer to a right bill, and its first broken link.
//!
//! Every link leans on those before it, so the first one that does not hold is the one to mend; later ones may mend
//! themselves by it. What was not asked holds neither way.

/// One link, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// The own id has a customer at Stripe.
    Linked,
    /// It is there, and not deleted.
    AtStripe,
    /// It is on a tier, and nothing of a change is unfinished.
    OnTier,
    /// Its terms are pinned and known.
    Terms,
    /// Its subscription is there and gives what it sells.
    Subscription,
    /// Both sides say the same of it.
    Agreed,
    /// No invoice is owed.
    Paid,
    /// Its usage is at Stripe, or on its way in time.
    Delivered,
    /// What reconcile found about it last was mended, or a person knows of it.
    Reconciled,
    /// The credits that are due were posted.
    Allocated,
    /// Its webhooks were handled.
    Webhooks,
}

impl Link {
    /// The word in the report.
    pub fn as_str(self) -> &'static str {
        match self {
            Link::Linked => "linked",
            Link::AtStripe => "at_stripe",
            Link::OnTier => "on_tier",
            Link::Terms => "terms",
            Link::Subscription => "subscription",
            Link::Agreed => "agreed",
            Link::Paid => "paid",
            Link::Delivered => "delivered",
            Link::Reconciled => "reconciled",
            Link::Allocated => "allocated",
            Link::Webhooks => "webhooks",
        }
    }
}

/// What is known of a customer, link by link.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The customer's own id.
    pub customer: String,
    /// `cus_…`.
    pub cus: Option<String>,
    /// Whether Stripe has it; `None`: not asked.
    pub at_stripe: Option<bool>,
    /// The tier that it is on, and whether its terms are known.
    pub tier: Option<(String, bool)>,
    /// A change that was begun and not finished: what, and the command that finishes it.
    pub unfinished: Option<(String, String)>,
    /// Status of its subscription; `None` where the tier needs none.
    pub status: Option<String>,
    /// `sub_…`.
    pub sub: Option<String>,
    /// What differs between the store and Stripe, and the command; `None`: not asked.
    pub differences: Option<Vec<(String, String)>>,
    /// Invoices that are open: id and whether a payment of it failed.
    pub owed: Vec<(String, bool)>,
    /// Deliveries that need somebody: state and how many.
    pub stuck: Vec<(String, i64)>,
    /// Findings that are open and that nobody acknowledged: number, what differs, and the command.
    pub findings: Vec<(i64, String, String)>,
    /// Months whose credits are due and not posted.
    pub allocations_due: usize,
    /// Events that were given up.
    pub webhooks_dead: i64,
    /// Events that wait to be handled, or are tried again.
    pub webhooks_waiting: i64,
}

/// How a link stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub link: Link,
    /// Whether it holds; `None`: nobody asked.
    pub holds: Option<bool>,
    /// What was seen.
    pub says: String,
    /// The command that mends it, where it does not hold.
    pub command: Option<String>,
}

fn good(link: Link, says: impl Into<String>) -> Standing {
    Standing { link, holds: Some(true), says: says.into(), command: None }
}

fn bad(link: Link, says: impl Into<String>, command: String) -> Standing {
    Standing { link, holds: Some(false), says: says.into(), command: Some(command) }
}

fn unasked(link: Link) -> Standing {
    Standing { link, holds: None, says: "Stripe was not asked".to_owned(), command: None }
}

/// Every link, in order.
pub fn chain(it: &Facts) -> Vec<Standing> {
    let id = &it.customer;
    let linked = match &it.cus {
        Some(cus) => good(Link::Linked, cus.clone()),
        None => bad(Link::Linked, "no customer at Stripe yet", format!("paygrade customer add {id}")),
    };
    let at_stripe = match it.at_stripe {
        None => unasked(Link::AtStripe),
        Some(true) => good(Link::AtStripe, "it is there"),
        Some(false) => {
            bad(Link::AtStripe, "it was deleted there", format!("paygrade reconcile tiers --customer {id}"))
        }
    };
    vec![
        linked,
        at_stripe,
        on_tier(it),
        terms(it),
        subscription(it),
        agreed(it),
        paid(it),
        delivered(it),
        reconciled(it),
        allocated(it),
        webhooks(it),
    ]
}

/// The first link that does not hold.
pub fn first_broken(chain: &[Standing]) -> Option<&Standing> {
    chain.iter().find(|it| it.holds == Some(false))
}

fn on_tier(it: &Facts) -> Standing {
    let id = &it.customer;
    match (&it.unfinished, &it.tier) {
        (Some((what, command)), _) => {
            bad(Link::OnTier, format!("{what} was begun and not finished"), command.clone())
        }
        (None, Some((tier, _))) => good(Link::OnTier, tier.clone()),
        (None, None) => bad(Link::OnTier, "it is on no tier", format!("paygrade tier assign {id} TIER")),
    }
}

fn terms(it: &Facts) -> Standing {
    match &it.tier {
        Some((tier, false)) => {
            bad(Link::Terms, format!("the terms of {tier} are not here"), "paygrade store recover".to_owned())
        }
        Some((_, true)) => good(Link::Terms, "pinned"),
        None => good(Link::Terms, "none to pin"),
    }
}

fn subscription(it: &Facts) -> Standing {
    let sub = it.sub.as_deref().unwrap_or_default();
    match it.status.as_deref() {
        None => good(Link::Subscription, "none is needed"),
        Some(status @ ("active" | "trialing")) => good(Link::Subscription, format!("{sub} {status}")),
        // Still gives what it sells: what is wrong is the payment.
        Some("past_due") => good(Link::Subscription, format!("{sub} past_due")),
        Some(status) => bad(
            Link::Subscription,
            format!("{sub} {status}"),
            format!("paygrade tier assign {} TIER", it.customer),
        ),
    }
}

fn agreed(it: &Facts) -> Standing {
    let Some(differences) = &it.differences else { return unasked(Link::Agreed) };
    match differences.first() {
        None => good(Link::Agreed, "the store and Stripe say the same"),
        Some((says, command)) => {
            let more = match differences.len() {
                1 => String::new(),
                all => format!(", and {} more", all - 1),
            };
            bad(Link::Agreed, format!("{says}{more}"), command.clone())
        }
    }
}

fn paid(it: &Facts) -> Standing {
    let owed = it.owed.iter().find(|(_, failed)| *failed).or(it.owed.first());
    match (owed, it.status.as_deref()) {
        (Some((invoice, true)), _) => bad(
            Link::Paid,
            format!("the payment of {invoice} failed"),
            format!("paygrade invoice list --customer {}", it.customer),
        ),
        (Some((invoice, false)), Some("past_due" | "unpaid")) => bad(
            Link::Paid,
            format!("{invoice} is not paid"),
            format!("paygrade invoice list --customer {}", it.customer),
        ),
        (Some((invoice, false)), _) => good(Link::Paid, format!("{invoice} is open and not due yet")),
        (None, Some(status @ ("past_due" | "unpaid"))) => bad(
            Link::Paid,
            format!("the subscription is {status}"),
            format!("paygrade invoice list --customer {}", it.customer),
        ),
        (None, _) => good(Link::Paid, "nothing is owed"),
    }
}

fn delivered(it: &Facts) -> Standing {
    let id = &it.customer;
    let Some((state, count)) = it.stuck.first() else {
        return good(Link::Delivered, "all usage was sent, or is on its way in time");
    };
    let command = match state.as_str() {
        "rejected" => format!("paygrade meter list --state rejected --customer {id}"),
        "unknown" => "paygrade reconcile".to_owned(),
        "late" => format!("paygrade meter retry --into-open-period -n --customer {id}"),
        "too_late" => format!("paygrade meter list --state too_late --customer {id}"),
        _ => format!("paygrade meter push --customer {id}"),
    };
    let plural = |one: &'static str, many: &'static str| if *count == 1 { one } else { many };
    let says = match state.as_str() {
        "not sent in time" => format!("usage of {count} {} was {state}", plural("window", "windows")),
        _ => format!("{count} {} {state}", plural("delivery", "deliveries")),
    };
    bad(Link::Delivered, says, command)
}

fn reconciled(it: &Facts) -> Standing {
    let Some((number, says, command)) = it.findings.first() else {
        return good(Link::Reconciled, "no finding is open");
    };
    let more = match it.findings.len() {
        1 => String::new(),
        all => format!(", and {} more", all - 1),
    };
    bad(Link::Reconciled, format!("finding {number}: {says}{more}"), command.clone())
}

fn allocated(it: &Facts) -> Standing {
    match it.allocations_due {
        0 => good(Link::Allocated, "nothing is due"),
        count => bad(
            Link::Allocated,
            format!("credits of {count} month{} are due", if count == 1 { "" } else { "s" }),
            "paygrade credits allocate".to_owned(),
        ),
    }
}

fn webhooks(it: &Facts) -> Standing {
    let list = |state: &str| format!("paygrade webhook list --status {state} --customer {}", it.customer);
    match (it.webhooks_dead, it.webhooks_waiting) {
        (0, 0) => good(Link::Webhooks, "none waits"),
        (0, waiting) => bad(Link::Webhooks, format!("{waiting} wait"), "paygrade webhook process".to_owned()),
        (dead, _) => bad(Link::Webhooks, format!("{dead} were given up"), list("dead")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> Facts {
        Facts {
            customer: "acme".into(),
            cus: Some("cus_1".into()),
            at_stripe: Some(true),
            tier: Some(("pro@1".into(), true)),
            status: Some("active".into()),
            sub: Some("sub_1".into()),
            differences: Some(Vec::new()),
            ..Facts::default()
        }
    }

    #[test]
    fn nothing_is_broken_where_all_holds() {
        let chain = chain(&sound());
        assert!(first_broken(&chain).is_none() && chain.len() == 11, "{chain:?}");
        let offline = Facts { at_stripe: None, differences: None, ..sound() };
        let chain = super::chain(&offline);
        assert!(first_broken(&chain).is_none());
        assert_eq!(chain.iter().filter(|it| it.holds.is_none()).count(), 2);
    }

    /// Each fault alone breaks its own link; all of them together break the first.
    #[test]
    fn the_first_broken_link_is_named() {
        type Break = fn(&mut Facts);
        let cases: &[(Link, Break)] = &[
            (Link::Linked, |it| it.cus = None),
            (Link::AtStripe, |it| it.at_stripe = Some(false)),
            (Link::OnTier, |it| it.unfinished = Some(("an end".into(), "paygrade tier cancel acme".into()))),
            (Link::Terms, |it| it.tier = Some(("pro@1".into(), false))),
            (Link::Subscription, |it| it.status = Some("canceled".into())),
            (Link::Agreed, |it| it.differences = Some(vec![("seats".into(), "paygrade repair".into())])),
            (Link::Paid, |it| it.owed.push(("in_1".into(), true))),
            (Link::Delivered, |it| it.stuck.push(("rejected".into(), 2))),
            (Link::Reconciled, |it| it.findings.push((7, "lost".into(), "paygrade repair 7".into()))),
            (Link::Allocated, |it| it.allocations_due = 1),
            (Link::Webhooks, |it| it.webhooks_dead = 1),
        ];
        let mut all = sound();
        for (link, fault) in cases.iter().rev() {
            let mut facts = sound();
            fault(&mut facts);
            fault(&mut all);
            for facts in [&facts, &all] {
                let chain = chain(facts);
                let broken = first_broken(&chain).unwrap();
                assert_eq!(broken.link, *link);
                assert!(broken.command.as_ref().is_some_and(|it| it.starts_with("paygrade ")));
            }
        }
        let none = Facts { tier: None, ..sound() };
        assert_eq!(first_broken(&chain(&none)).unwrap().link, Link::OnTier);
        let late = Facts { status: Some("past_due".into()), ..sound() };
        assert_eq!(first_broken(&chain(&late)).unwrap().link, Link::Paid);
    }
}
