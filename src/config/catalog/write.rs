//! A catalog as the text of a file: what the reader reads back as the same catalog, with notes as comments.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

use crate::billing::catalog::{
    Band, Beyond, Catalog, CreditPolicy, CreditTerms, Limit, RecurringPrice, Terms, Tier, UsagePrice,
    UsageTerms, Window,
};
use crate::billing::money::Currency;

/// Comments by the place that they are about: `tiers.pro`, `packs.small`, or nothing for the whole file.
pub type Notes = BTreeMap<String, Vec<String>>;

/// Writes a catalog.
pub fn write(catalog: &Catalog, notes: &Notes) -> String {
    let mut file = File { text: String::new(), notes };
    file.comments("");
    file.line("schema", super::SCHEMA);
    file.line("namespace", quoted(catalog.namespace.as_str()));
    file.line("currency", quoted(catalog.currency.code()));
    for (key, meter) in &catalog.meters {
        file.section(&format!("meters.{key}"));
        file.line("name", quoted(&meter.name));
        file.line("event", quoted(&meter.event));
        file.line("unit", quoted(&meter.unit));
        if meter.window != Window::default() {
            file.line("window", quoted(meter.window.as_str()));
        }
    }
    if !catalog.features.is_empty() {
        file.section("features");
        catalog.features.iter().for_each(|(key, name)| file.line(key.as_str(), quoted(name)));
    }
    if !catalog.actions.is_empty() {
        file.section("actions");
        catalog.actions.iter().for_each(|(key, credits)| file.line(key.as_str(), credits.0));
    }
    for (key, tier) in catalog.tiers_by_rank() {
        file.section(&format!("tiers.{key}"));
        file.tier(tier);
        file.usage(&format!("tiers.{key}.usage"), &tier.terms, catalog.currency);
    }
    for (key, pack) in &catalog.packs {
        file.section(&format!("packs.{key}"));
        file.line("name", quoted(&pack.name));
        file.line("credits", pack.credits.0);
        file.line("amount", quoted(&pack.amount.major()));
        if let Some(lasting) = pack.expires_after {
            file.line("expires_after", quoted(&lasting.to_string()));
        }
    }
    file.section("alerts");
    file.line("at", list(catalog.alerts.at.iter().map(u32::to_string)));
    if let Some(credits) = catalog.alerts.low_credits {
        file.line("low_credits", credits.0);
    }
    file.text
}

struct File<'a> {
    text: String,
    notes: &'a Notes,
}

impl File<'_> {
    fn line(&mut self, key: &str, value: impl Display) {
        // Writing into a text does not fail.
        let _ = writeln!(self.text, "{key} = {value}");
    }

    fn section(&mut self, name: &str) {
        self.text.push('\n');
        self.comments(name);
        let _ = writeln!(self.text, "[{name}]");
    }

    fn comments(&mut self, place: &str) {
        for note in self.notes.get(place).into_iter().flatten() {
            let line: String = note.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let _ = writeln!(self.text, "# {line}");
        }
    }

    fn tier(&mut self, tier: &Tier) {
        let terms = &tier.terms;
        self.line("name", quoted(&tier.name));
        self.line("rank", tier.rank);
        if tier.retired {
            self.line("retired", true);
        }
        if tier.custom {
            self.line("custom", true);
        }
        if !tier.features.is_empty() {
            self.line("features", list(tier.features.iter().map(|key| quoted(key.as_str()))));
        }
        if !terms.prices.is_empty() {
            self.line("prices", list(terms.prices.iter().map(recurring)));
        }
        if let Some(seats) = terms.seats {
            let max = seats.max.map(|max| format!(", max = {max}")).unwrap_or_default();
            self.line("seats", format!("{{ min = {}{max} }}", seats.min));
        }
        if !terms.limits.is_empty() {
            let limits = terms.limits.iter().map(|(key, limit)| match limit {
                Limit::AtMost(most) => format!("{key} = {most}"),
                Limit::Unlimited => format!("{key} = \"unlimited\""),
            });
            self.line("limits", table(limits));
        }
        if let Some(credits) = &terms.credits {
            self.line("credits", credit_terms(credits));
        }
        for (key, days) in [("trial_days", terms.trial_days), ("grace_days", terms.grace_days)] {
            if let Some(days) = days {
                self.line(key, days);
            }
        }
        if let Some(fallback) = &terms.fallback {
            self.line("fallback", quoted(fallback.as_str()));
        }
    }

    fn usage(&mut self, name: &str, terms: &Terms, currency: Currency) {
        if terms.usage.is_empty() {
            return;
        }
        self.section(name);
        for (meter, usage) in &terms.usage {
            self.line(meter.as_str(), usage_terms(usage, currency));
        }
    }
}

fn usage_terms(usage: &UsageTerms, currency: Currency) -> String {
    let UsageTerms::Counted { included, beyond, spend_cap } = usage else {
        return "{ unlimited = true }".to_owned();
    };
    let mut parts = Vec::new();
    let bands = matches!(beyond, Beyond::Bill(UsagePrice::Bands { .. }));
    if *included > 0 || !bands {
        parts.push(format!("included = {included}"));
    }
    match beyond {
        Beyond::Block => parts.push("beyond = \"block\"".to_owned()),
        Beyond::Credits { units, credits } => {
            parts.push("beyond = \"credits\"".to_owned());
            parts.push(format!("credits_per = {{ units = {units}, credits = {} }}", credits.0));
        }
        Beyond::Bill(UsagePrice::PerUnit(price)) => {
            parts.push("beyond = \"bill\"".to_owned());
            parts.push(format!("price = {}", quoted(&price.major(currency))));
        }
        Beyond::Bill(UsagePrice::Bands { mode, bands }) => {
            parts.push(format!("mode = \"{}\"", mode.as_str()));
            parts.push(format!("bands = {}", list(bands.iter().map(|it| band(it, currency)))));
        }
    }
    if let Some(cap) = spend_cap {
        parts.push(format!("spend_cap = {}", quoted(&cap.major())));
    }
    table(parts.into_iter())
}

fn band(band: &Band, currency: Currency) -> String {
    let end = band.up_to.map(|end| format!("up_to = {end}"));
    let price = Some(format!("price = {}", quoted(&band.price.major(currency))));
    let flat =
        (!band.flat.minor().is_zero()).then(|| format!("flat = {}", quoted(&band.flat.major(currency))));
    table([end, price, flat].into_iter().flatten())
}

fn recurring(price: &RecurringPrice) -> String {
    let per = if price.per_seat { ", per = \"seat\"" } else { "" };
    let (interval, amount) = (price.interval.as_str(), price.amount.major());
    format!("{{ interval = \"{interval}\", amount = \"{amount}\"{per} }}")
}

fn credit_terms(credits: &CreditTerms) -> String {
    let mut parts = Vec::new();
    if let Some(per_month) = credits.per_month {
        parts.push(format!("per_month = {}", per_month.0));
    }
    match credits.policy {
        CreditPolicy::Reset => {}
        CreditPolicy::Add => parts.push("policy = \"add\"".to_owned()),
        CreditPolicy::Rollover { cap } => {
            parts.push(format!("policy = {{ rollover = {{ cap = {} }} }}", cap.0));
        }
    }
    if let Some(trial) = credits.trial {
        parts.push(format!("trial = {}", trial.0));
    }
    if let Some(lasting) = credits.trial_expires_after {
        parts.push(format!("trial_expires_after = {}", quoted(&lasting.to_string())));
    }
    table(parts.into_iter())
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

fn table(parts: impl Iterator<Item = String>) -> String {
    format!("{{ {} }}", parts.collect::<Vec<_>>().join(", "))
}

/// A basic string of TOML: as in JSON, and DEL is escaped too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::catalog::parse;
    use crate::config::templates::TEMPLATES;

    /// Every template, written and read back, is the same catalog, to the last price.
    #[test]
    fn what_is_written_is_read_back() {
        for template in TEMPLATES {
            let (catalog, _) = parse(template.text, template.name).unwrap();
            let text = write(&catalog, &Notes::new());
            let (again, warnings) = parse(&text, "written")
                .unwrap_or_else(|errors| panic!("{}: {:#?}\n{text}", template.name, errors.problems));
            assert_eq!(again, catalog, "{}\n{text}", template.name);
            assert_eq!(warnings, [], "{}", template.name);
        }
    }

    /// What the templates do not have: volume bands with fees, a rollover, a window, names with quotes, notes.
    #[test]
    fn rare_parts_are_read_back_too() {
        let text = r#"
            schema = 1
            namespace = "rare"
            currency = "jpy"
            [meters.calls]
            name = "Calls \"of\" all \\ kinds"
            event = "calls"
            unit = "call"
            window = "minute"
            [meters.mails]
            name = "Mails"
            event = "mails"
            unit = "mail"
            [tiers.big]
            name = "Big"
            rank = -3
            retired = true
            prices = [{ interval = "year", amount = "90000" }, { interval = "month", amount = "9000" }]
            credits = { per_month = 10, policy = { rollover = { cap = 20 } } }
            [tiers.big.usage.calls]
            mode = "volume"
            bands = [{ up_to = 10, price = "5", flat = "100" }, { price = "0.25" }]
            spend_cap = "5000"
            [packs.one]
            name = "One"
            credits = 5
            amount = "500"
            expires_after = "12 months 3 days"
            [alerts]
            at = [10]
            low_credits = 3
        "#;
        let (catalog, _) = parse(text, "rare").unwrap_or_else(|errors| panic!("{:#?}", errors.problems));
        let notes = [("tiers.big".to_owned(), vec!["a note\n[packs.evil]".to_owned()])].into();
        let written = write(&catalog, &notes);
        let (again, _) =
            parse(&written, "written").unwrap_or_else(|errors| panic!("{:#?}\n{written}", errors.problems));
        assert_eq!(again, catalog, "{written}");
        assert!(written.contains("# a note [packs.evil]\n[tiers.big]"), "{written}");
    }
}
