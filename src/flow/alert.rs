//! `alerts run`, first half: what has to be told is found in one read, and written as notices, each once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;

use crate::billing::alert::say::{self, Said, Step};
use crate::billing::alert::{self, Balance, Gauge, Severity, step_due};
use crate::billing::catalog::{Alerts, Beyond, Catalog, UsageTerms};
use crate::billing::id::{CustomerId, MeterKey, Revision};
use crate::billing::money::{Currency, Money};
use crate::billing::period::Period;
use crate::billing::price::{amount_exact, usage_amount, usage_shape};
use crate::billing::reconcile::Tolerances;
use crate::billing::span::Span;
use crate::billing::time::{MINUTE_S, Timestamp};
use crate::billing::upgrade::{On, Upgrade, upgrade};
use crate::error::Error;
use crate::store::customer::Customer;
use crate::store::notice::{AlertKey, Audience, NoticeNew};
use crate::store::span::{OnTier, SpanCache};
use crate::store::watch::OpenFinding;
use crate::store::{Reader, Store, StoreError, Writer};

/// Customers that are read at once.
const PAGE: u32 = 500;

/// What decides whether somebody is woken for a difference.
#[derive(Debug, Clone)]
pub struct Watch {
    /// What may differ without it, by meter.
    pub quiet: Tolerances,
}

/// Units and money of differences, whatever their sign.
fn in_all(findings: &[&OpenFinding]) -> (i64, Option<Money>) {
    let units = findings.iter().map(|it| it.difference.saturating_abs()).fold(0_i64, i64::saturating_add);
    let amounts = findings.iter().filter_map(|it| it.amount);
    let amounts = amounts.map(|it| Money { minor: it.minor.saturating_abs(), ..it });
    (units, amounts.reduce(|sum, it| Money { minor: sum.minor.saturating_add(it.minor), ..sum }))
}

/// Something that has to be told.
#[derive(Debug, Clone)]
pub struct Due {
    /// The step of a ladder that it is; what was told of the same ladder before and not sent yet is dropped for it.
    pub step: Option<(AlertKey, u32)>,
    /// To whom, in which words.
    pub notices: Vec<NoticeNew>,
}

/// Finds what has to be told now. Writes nothing.
pub fn find(r: &Reader<'_>, now: Timestamp, watch: &Watch) -> Result<Vec<Due>, Error> {
    let mut found = Found {
        r,
        now,
        catalog: r.catalog_in_force()?,
        spans: SpanCache::default(),
        currencies: HashMap::new(),
        due: Vec::new(),
    };
    let mut after: Option<CustomerId> = None;
    loop {
        let page = r.customer_list(after.as_ref(), PAGE)?;
        let Some(last) = page.last().map(|it| it.id.clone()) else { break };
        for customer in &page {
            found.customer(customer)?;
        }
        after = Some(last);
    }
    found.operator(watch)?;
    found.inbox()?;
    Ok(found.due)
}

/// Writes what is still due, each in one transaction with its step. Says how many notices are new.
pub fn write(store: &Store, now: Timestamp, due: &[Due]) -> Result<i64, Error> {
    if due.is_empty() {
        return Ok(0);
    }
    store.write(now, |w| {
        let mut new = 0;
        for it in due {
            new += write_one(w, it)?;
        }
        Ok::<_, Error>(new)
    })
}

fn write_one(w: &Writer<'_>, due: &Due) -> Result<i64, StoreError> {
    if let Some((key, step)) = &due.step {
        if !w.alert_claim(key, *step)? {
            // Somebody else has told it meanwhile.
            return Ok(0);
        }
        w.notice_supersede(&prefix(key))?;
    }
    let mut new = 0;
    for notice in &due.notices {
        new += i64::from(w.notice_put(notice)?);
    }
    Ok(new)
}

/// What the keys of a ladder's notices begin with.
fn prefix(key: &AlertKey) -> String {
    format!("alert:{}:{}:{}:{}:", key.customer.0, key.subject, key.period_start.0, key.limit)
}

struct Found<'a, 'r> {
    r: &'a Reader<'r>,
    now: Timestamp,
    catalog: Option<Catalog>,
    spans: SpanCache,
    currencies: HashMap<Revision, Option<Currency>>,
    due: Vec<Due>,
}

/// A customer's use of a meter in the running period.
struct MeterUse<'a> {
    key: &'a MeterKey,
    usage: &'a UsageTerms,
    span: Span,
    used: i64,
}

impl Found<'_, '_> {
    fn ladder(&self) -> Alerts {
        let alerts = self.catalog.as_ref().map(|catalog| catalog.alerts.clone());
        alerts.unwrap_or(Alerts { at: Vec::new(), low_credits: None })
    }

    fn customer(&mut self, customer: &Customer) -> Result<(), Error> {
        if let Some(on) = self.spans.terms_at(self.r, customer.row, self.now)? {
            let mut uses = Vec::new();
            let terms = on.terms.clone();
            for (key, usage) in &terms.usage {
                let Some(meter) = self.r.meter_row(key.as_str())? else { continue };
                let (span, _) = self.spans.derive(self.r, customer.row, meter, self.now)?;
                let used = self.r.usage_used(customer.row, meter, &span)?;
                uses.push(MeterUse { key, usage, span, used });
            }
            let currency = self.currency(&on.revision)?;
            let upgrade = self.upgrade(customer, &on, &uses, currency)?;
            for it in &uses {
                self.allowance(customer, it, upgrade.as_ref())?;
                self.spend(customer, &on, it, currency, upgrade.as_ref())?;
            }
        }
        self.credits(customer)
    }

    fn currency(&mut self, revision: &Revision) -> Result<Option<Currency>, Error> {
        if let Some(known) = self.currencies.get(revision) {
            return Ok(*known);
        }
        let found = self.r.revision_terms(revision)?.map(|(_, currency)| currency);
        self.currencies.insert(revision.clone(), found);
        Ok(found)
    }

    fn upgrade(
        &self,
        customer: &Customer,
        on: &OnTier,
        uses: &[MeterUse<'_>],
        currency: Option<Currency>,
    ) -> Result<Option<Upgrade>, Error> {
        let (Some(catalog), Some(currency)) = (&self.catalog, currency) else { return Ok(None) };
        let Some(open) = self.r.assignment_open(customer.row)? else { return Ok(None) };
        let used: BTreeMap<MeterKey, i64> = uses.iter().map(|it| (it.key.clone(), it.used)).collect();
        let (tier, terms) = (&on.revision.tier, &*on.terms);
        let (interval, seats) = (open.interval, open.seats);
        Ok(upgrade(&On { tier, terms, currency, interval, seats, used: &used }, catalog))
    }

    fn name(&self, key: &MeterKey) -> String {
        let meter = self.catalog.as_ref().and_then(|catalog| catalog.meters.get(key));
        meter.map_or_else(|| key.as_str().to_owned(), |meter| meter.name.clone())
    }

    /// The ladder of what is included, and the forecast while it is far from used up.
    fn allowance(
        &mut self,
        customer: &Customer,
        it: &MeterUse<'_>,
        upgrade: Option<&Upgrade>,
    ) -> Result<(), Error> {
        let UsageTerms::Counted { included, beyond, .. } = it.usage else { return Ok(()) };
        let Some(limit) = i64::try_from(*included).ok().filter(|limit| *limit > 0) else { return Ok(()) };
        let gauge = Gauge { used: Decimal::from(it.used), limit: Decimal::from(limit) };
        // What is billed counts from the span's own period, limits from the allowance's.
        let period = if matches!(beyond, Beyond::Bill(_)) { it.span.period } else { it.span.allowance };
        let pace = alert::forecast(it.used, limit, period, period.start, self.now);
        let name = self.name(it.key);
        let step = Step {
            customer: customer.id.as_str(),
            what: &name,
            percent: gauge.percent().unwrap_or_default(),
            used: it.used.to_string(),
            limit: limit.to_string(),
            until: Some(period.end),
            beyond: say::beyond(beyond),
            forecast: pace,
            upgrade: upgrade.cloned(),
        };
        let key = AlertKey {
            customer: customer.row,
            subject: format!("meter.{}", it.key),
            period_start: period.start,
            limit: limit.to_string(),
        };
        let facts = serde_json::json!({ "meter": it.key.as_str(), "used": it.used, "included": limit });
        self.climb(&key, &gauge, "cap", &step, facts)?;
        if let Some(pace) = pace {
            let key = AlertKey { subject: format!("forecast.{}", it.key), ..key };
            // Once it is near, the ladder itself says when.
            let near = gauge.percent().is_some_and(|percent| percent >= 80);
            if !near && self.r.alert_told(&key)?.is_none() {
                let facts = serde_json::json!({ "meter": it.key.as_str(), "used": it.used, "included": limit,
                    "at": pace.at.to_string(), "days": pace.days, "a_day": pace.a_day });
                let said = |to_customer| say::forecast(&step, &pace, to_customer);
                self.tell(Some((key, 100)), "forecast", Severity::Info, said, &facts);
            }
        }
        Ok(())
    }

    /// The ladder of a cap in money: exact, not rounded.
    fn spend(
        &mut self,
        customer: &Customer,
        on: &OnTier,
        it: &MeterUse<'_>,
        currency: Option<Currency>,
        upgrade: Option<&Upgrade>,
    ) -> Result<(), Error> {
        let UsageTerms::Counted { included, beyond: Beyond::Bill(price), spend_cap: Some(cap) } = it.usage
        else {
            return Ok(());
        };
        // Usage in a trial costs nothing.
        if let Some(sub) = &on.sub
            && self.r.is_on_trial(sub, self.now)?
        {
            return Ok(());
        }
        let Ok(units) = u64::try_from(it.used) else { return Ok(()) };
        let Some(cost) = amount_exact(&usage_shape(*included, price), units) else { return Ok(()) };
        let gauge = Gauge { used: cost, limit: Decimal::from(cap.minor) };
        let currency = currency.unwrap_or(cap.currency);
        let shown = usage_amount(&on.terms, it.key, units, currency);
        let shown = shown.unwrap_or(Money { minor: 0, currency });
        let what = format!("the spend cap of {}", self.name(it.key));
        let step = Step {
            customer: customer.id.as_str(),
            what: &what,
            percent: gauge.percent().unwrap_or_default(),
            used: shown.to_string(),
            limit: cap.to_string(),
            until: Some(it.span.period.end),
            beyond: "usage beyond it goes on",
            forecast: None,
            upgrade: upgrade.cloned(),
        };
        let key = AlertKey {
            customer: customer.row,
            subject: format!("spend.{}", it.key),
            period_start: it.span.period.start,
            limit: cap.minor.to_string(),
        };
        let facts = serde_json::json!({ "meter": it.key.as_str(), "used": it.used, "cost": shown.minor,
            "cap": cap.minor, "currency": cap.currency.code() });
        self.climb(&key, &gauge, "spend_cap", &step, facts)
    }

    /// The ladder of the allocation, and the balance as a whole.
    fn credits(&mut self, customer: &Customer) -> Result<(), Error> {
        let Some(refill) = self.r.credits_refilled(customer.row)? else { return Ok(()) };
        if let Some(allocation) = self.r.allocation_use(customer.row, self.now)? {
            let used = allocation.granted.saturating_sub(allocation.left);
            let gauge = Gauge { used: Decimal::from(used), limit: Decimal::from(allocation.granted) };
            let step = Step {
                customer: customer.id.as_str(),
                what: "this month's credits",
                percent: gauge.percent().unwrap_or_default(),
                used: used.to_string(),
                limit: format!("{} credits", allocation.granted),
                until: None,
                beyond: "then other credits are used, while there are some",
                forecast: None,
                upgrade: None,
            };
            let key = AlertKey {
                customer: customer.row,
                subject: "credits".to_owned(),
                period_start: allocation.at,
                limit: allocation.granted.to_string(),
            };
            let facts = serde_json::json!({ "used": used, "allocated": allocation.granted });
            self.climb(&key, &gauge, "cap", &step, facts)?;
        }
        let available = self.r.ledger_balance(customer.row, self.now)?.available.0;
        let low = self.ladder().low_credits.map(|low| low.0);
        let Some(state) = alert::balance(available, low) else { return Ok(()) };
        // Once for each refill: what was told of a balance that has risen since is told anew.
        let (subject, kind, severity, step) = match state {
            Balance::Low => ("balance", "low_credits", Severity::Warning, 1),
            Balance::Out => ("balance", "out_of_credits", Severity::Critical, 2),
        };
        let key = AlertKey {
            customer: customer.row,
            subject: subject.to_owned(),
            period_start: Timestamp(refill),
            limit: low.unwrap_or(0).to_string(),
        };
        if self.r.alert_told(&key)?.is_some_and(|told| told >= step) {
            return Ok(());
        }
        let said = |to_customer| say::balance(customer.id.as_str(), state, available, to_customer);
        let facts = serde_json::json!({ "available": available, "low_credits": low });
        self.tell(Some((key, step)), kind, severity, said, &facts);
        Ok(())
    }

    /// The step of a ladder that is due, if one is.
    fn climb(
        &mut self,
        key: &AlertKey,
        gauge: &Gauge,
        kind: &'static str,
        step: &Step<'_>,
        facts: serde_json::Value,
    ) -> Result<(), Error> {
        let told = self.r.alert_told(key)?;
        let Some(due) = step_due(gauge, &self.ladder().at, told) else { return Ok(()) };
        let said = |to_customer| say::step(step, to_customer);
        self.tell(Some((key.clone(), due)), kind, Severity::of_step(due), said, &facts);
        Ok(())
    }

    /// To the operator and to the customer.
    fn tell(
        &mut self,
        step: Option<(AlertKey, u32)>,
        kind: &'static str,
        severity: Severity,
        said: impl Fn(bool) -> Said,
        facts: &serde_json::Value,
    ) {
        let Some((key, percent)) = &step else { return };
        let notice = |audience: Audience| {
            let Said { subject, text } = said(audience == Audience::Customer);
            NoticeNew {
                key: format!("{}{percent:03}:{}", prefix(key), audience.as_str()),
                audience,
                customer: Some(key.customer),
                kind,
                severity,
                subject,
                text,
                facts: facts.clone(),
            }
        };
        let notices = vec![notice(Audience::Operator), notice(Audience::Customer)];
        self.due.push(Due { step, notices });
    }

    /// Differences, as one for each customer, meter and billing period: it is its sum that is worth waking somebody.
    fn differences(&mut self, watch: &Watch) -> Result<(), Error> {
        let mut periods: BTreeMap<_, (Period, Vec<OpenFinding>)> = BTreeMap::new();
        for it in self.r.finding_open()? {
            // The minute in which a period begins is compared with that period.
            let at = if it.is_at_stripe { it.from.plus(MINUTE_S - 1) } else { it.from };
            let (span, _) = self.spans.derive(self.r, it.customer, it.meter, at)?;
            let key = (it.customer, it.meter, span.period.start);
            periods.entry(key).or_insert((span.period, Vec::new())).1.push(it);
        }
        for ((customer, meter, start), (period, findings)) in periods {
            let Some(first) = findings.first() else { continue };
            let sent = self.r.usage_sums(customer, meter, period)?.sent;
            // The bill follows the meter: what differs at both is the same units and the same money.
            let (bill, meters): (Vec<&OpenFinding>, Vec<&OpenFinding>) =
                findings.iter().partition(|it| it.is_of_bill);
            let ((bill, billed), (metered, costs)) = (in_all(&bill), in_all(&meters));
            let difference = bill.max(metered);
            let cost = [billed, costs].into_iter().flatten().max_by_key(|it| it.minor);
            if watch.quiet.passes(&first.meter_key, difference, sent, cost) {
                continue;
            }
            let numbers: Vec<String> = findings.iter().map(|it| it.finding.to_string()).collect();
            let classes: BTreeSet<&str> = findings.iter().map(|it| it.class.as_str()).collect();
            let classes = classes.into_iter().collect::<Vec<_>>().join(", ");
            let text = format!(
                "In the period from {start}, {difference} of {sent} units that were sent differ ({classes}). \
                 `paygrade reconcile` shows them; `paygrade reconcile ack` accepts: {}.",
                numbers.join(", ")
            );
            let (id, key) = (first.customer_id.clone(), first.meter_key.clone());
            self.only_operator(NoticeNew {
                key: format!("reconcile:{}:{}:{}:{difference}", customer.0, meter.0, start.0),
                audience: Audience::Operator,
                customer: Some(customer),
                kind: "reconcile",
                severity: Severity::Urgent,
                subject: format!("{id}: {key} differs at Stripe by {difference}"),
                text,
                facts: serde_json::json!({ "findings": numbers, "meter": key, "sent": sent,
                    "difference": difference, "classes": classes }),
            })?;
        }
        Ok(())
    }

    /// What only operators are told.
    fn operator(&mut self, watch: &Watch) -> Result<(), Error> {
        self.differences(watch)?;
        for it in self.r.delivery_stuck()? {
            let (kind, next) = match it.state.as_str() {
                "unknown" => ("usage_unknown", "paygrade reconcile"),
                "rejected" => ("usage_late", "paygrade meter list --state rejected"),
                _ => ("usage_late", "paygrade meter retry --into-open-period -n"),
            };
            let deliveries = if it.deliveries == 1 {
                "1 delivery".to_owned()
            } else {
                format!("{} deliveries", it.deliveries)
            };
            self.only_operator(NoticeNew {
                key: format!("usage:{}:{}", it.state, it.newest),
                audience: Audience::Operator,
                customer: None,
                kind,
                severity: Severity::Urgent,
                subject: format!("{deliveries} of usage: {}", it.state.replace('_', " ")),
                text: format!("{} units of usage are not at Stripe for certain. Next: `{next}`.", it.units),
                facts: serde_json::json!({ "state": it.state, "deliveries": it.deliveries, "units": it.units }),
            })?;
        }
        Ok(())
    }

    /// Events that were given up, and usage that Stripe took and did not count.
    fn inbox(&mut self) -> Result<(), Error> {
        if let Some((newest, count)) = self.r.inbox_dead()? {
            self.only_operator(NoticeNew {
                key: format!("dead_webhooks:{newest}"),
                audience: Audience::Operator,
                customer: None,
                kind: "dead_webhooks",
                severity: Severity::Urgent,
                subject: format!("{count} webhook{} given up", if count == 1 { "" } else { "s" }),
                text: "Nothing follows from them until they are handled. Next: `paygrade webhook list --status dead`."
                    .to_owned(),
                facts: serde_json::json!({ "dead": count, "newest": newest }),
            })?;
        }
        for it in self.r.meter_errors()? {
            self.only_operator(NoticeNew {
                key: format!("meter_errors:{}:{}", it.code, it.last_at.0),
                audience: Audience::Operator,
                customer: None,
                kind: "meter_errors",
                severity: Severity::Urgent,
                subject: format!("Stripe did not count {} meter events: {}", it.errors, it.code),
                text: format!("{}. Of them {} are known by delivery. Next: `paygrade reconcile`.", it.message, it.attributed),
                facts: serde_json::json!({ "code": it.code, "errors": it.errors, "attributed": it.attributed }),
            })?;
        }
        Ok(())
    }

    /// Once for each key: a look that finds nothing new writes nothing.
    fn only_operator(&mut self, notice: NoticeNew) -> Result<(), Error> {
        if !self.r.notice_known(&notice.key)? {
            self.due.push(Due { step: None, notices: vec![notice] });
        }
        Ok(())
    }
}
