//! `catalog show`: what the file says, a row for each term.

use clap::Args;

use super::contents;
use crate::billing::catalog::{Beyond, Catalog, CreditPolicy, Limit, Tier, UsagePrice, UsageTerms};
use crate::billing::money::Currency;
use crate::cli::Cx;
use crate::error::Error;
use crate::ui::{Cell, Report};

/// Arguments of `catalog show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Only this tier
    tier: Option<String>,
}

/// One term of a tier: kind, key, and what it says.
type Term = (&'static str, String, String);

/// Words that may be none.
fn words(text: String) -> Cell {
    Cell::maybe_text(Some(text).filter(|text| !text.is_empty()))
}

pub(super) fn run(cx: &Cx, args: ShowArgs) -> Result<Report, Error> {
    let catalog = cx.catalog()?;
    if let Some(tier) = &args.tier {
        catalog.find_tier(tier)?;
    }
    let mut report = Report::new("catalog", &["tier", "revision", "rank", "term", "key", "amount", "value"])
        .money(&["amount"]);
    for (key, tier) in catalog.tiers_by_rank() {
        if args.tier.as_deref().is_some_and(|wanted| wanted != key.as_str()) {
            continue;
        }
        let revision = tier.terms.revision(key, catalog.currency).to_string();
        let prices = tier.terms.prices.iter();
        let prices = prices.map(|price| {
            let seat = if price.per_seat { "per seat" } else { "" };
            (("price", price.interval.as_str().to_owned(), seat.to_owned()), Some(price.amount))
        });
        let (named, rest) = terms(tier, catalog.currency);
        let without = |term| (term, None);
        let rows = named.into_iter().map(without).chain(prices).chain(rest.into_iter().map(without));
        for ((term, name, value), amount) in rows {
            report.row(vec![
                Cell::text(key.as_str()),
                Cell::text(&revision),
                Cell::Count(tier.rank),
                Cell::text(term),
                words(name),
                Cell::maybe_money(amount),
                words(value),
            ]);
        }
    }
    if args.tier.is_none() {
        report.facts = facts(&catalog);
    }
    Ok(report.verdict(format!("{}: {}", cx.catalog_path().display(), contents(&catalog))))
}

fn facts(catalog: &Catalog) -> Vec<(&'static str, Cell)> {
    let list = |items: Vec<String>| if items.is_empty() { Cell::Blank } else { Cell::Text(items.join(", ")) };
    let meter = |key: &crate::billing::id::MeterKey, event: &str, window: &str| {
        let place = if catalog.meter_is_priced(key) { "Stripe" } else { "local" };
        format!("{key} ({place}, event {event}, by {window})")
    };
    let meters = catalog.meters.iter().map(|(key, it)| meter(key, &it.event, it.window.as_str()));
    let packs = catalog.packs.iter().map(|(key, pack)| {
        let lasting = pack.expires_after.map(|it| format!(", for {it}")).unwrap_or_default();
        format!("{key} ({} credits for {}{lasting})", pack.credits, pack.amount)
    });
    let actions = catalog.actions.iter().map(|(key, credits)| format!("{key} ({credits})"));
    let percents = catalog.alerts.at.iter().map(|percent| format!("{percent} %"));
    let low = catalog.alerts.low_credits.map(|credits| format!("at {credits} credits"));
    vec![
        ("namespace", Cell::text(catalog.namespace.as_str())),
        ("currency", Cell::text(catalog.currency.code())),
        ("meters", list(meters.collect())),
        ("packs", list(packs.collect())),
        ("actions", list(actions.collect())),
        ("alerts", list(percents.chain(low).collect())),
    ]
}

/// What stands before the prices of a tier (at least its name, so that a tier without terms is seen), and after them.
fn terms(tier: &Tier, currency: Currency) -> (Vec<Term>, Vec<Term>) {
    let mut named: Vec<Term> = vec![("name", String::new(), tier.name.clone())];
    if tier.custom {
        named.push(("custom", String::new(), "terms are given when it is assigned".to_owned()));
    }
    if tier.retired {
        named.push(("retired", String::new(), "no new assignments".to_owned()));
    }
    let terms = &tier.terms;
    let mut rows: Vec<Term> = Vec::new();
    for (meter, usage) in &terms.usage {
        rows.push(("usage", meter.to_string(), usage_sentence(usage, currency)));
    }
    if let Some(seats) = terms.seats {
        let most = seats.max.map_or("no most".to_owned(), |max| max.to_string());
        rows.push(("seats", String::new(), format!("{} to {most}", seats.min)));
    }
    for (key, limit) in &terms.limits {
        let value = match limit {
            Limit::AtMost(most) => most.to_string(),
            Limit::Unlimited => "unlimited".to_owned(),
        };
        rows.push(("limit", key.to_string(), value));
    }
    rows.extend(credit_rows(tier));
    rows.extend(terms.trial_days.map(|days| ("trial_days", String::new(), days.to_string())));
    rows.extend(terms.grace_days.map(|days| ("grace_days", String::new(), days.to_string())));
    rows.extend(terms.fallback.as_ref().map(|to| ("fallback", String::new(), to.to_string())));
    rows.extend(tier.features.iter().map(|feature| ("feature", feature.to_string(), String::new())));
    (named, rows)
}

fn credit_rows(tier: &Tier) -> Vec<Term> {
    let Some(credits) = &tier.terms.credits else { return Vec::new() };
    let policy = match credits.policy {
        CreditPolicy::Reset => "what is left ends".to_owned(),
        CreditPolicy::Add => "what is left stays".to_owned(),
        CreditPolicy::Rollover { cap } => format!("at most {cap} are carried"),
    };
    let lasting = credits.trial_expires_after.map(|it| format!(", for {it}")).unwrap_or_default();
    let per_month =
        credits.per_month.map(|it| ("credits", "per_month".to_owned(), format!("{it}; {policy}")));
    let trial = credits.trial.map(|it| ("credits", "trial".to_owned(), format!("{it}{lasting}")));
    per_month.into_iter().chain(trial).collect()
}

fn usage_sentence(usage: &UsageTerms, currency: Currency) -> String {
    let UsageTerms::Counted { included, beyond, spend_cap } = usage else { return "unlimited".to_owned() };
    let beyond = match beyond {
        Beyond::Block => "blocked".to_owned(),
        Beyond::Credits { units, credits } => format!("{credits} credits per {units}"),
        Beyond::Bill(UsagePrice::PerUnit(price)) => format!("{currency} {} each", price.major(currency)),
        Beyond::Bill(UsagePrice::Bands { mode, bands }) => {
            let band = |band: &crate::billing::catalog::Band| {
                let end = band.up_to.map_or("beyond".to_owned(), |end| format!("to {end}"));
                let flat = if band.flat.minor().is_zero() {
                    String::new()
                } else {
                    format!(" + {}", band.flat.major(currency))
                };
                format!("{end} {}{flat}", band.price.major(currency))
            };
            let bands: Vec<String> = bands.iter().map(band).collect();
            format!("{} in {currency}: {}", mode.as_str(), bands.join(", "))
        }
    };
    let cap = spend_cap.map(|cap| format!("; alerts at {cap} a period")).unwrap_or_default();
    if *included > 0 { format!("{included} included, then {beyond}{cap}") } else { format!("{beyond}{cap}") }
}
