//! `explain`: everything about one customer, and the first broken link to a right bill.

use clap::Args;

use super::Cx;
use crate::billing::explain::{Standing, first_broken};
use crate::error::{Error, Kind};
use crate::flow::explain::{self, Asked, Meant};
use crate::store::Store;
use crate::store::explain::RefFound;
use crate::stripe::can_be_asked;
use crate::ui::{Cell, Report};

/// Explain one customer: tier, limits, use, credits, deliveries, invoices, webhooks, and the first broken link
///
/// REF is an own id, an e-mail address, any id of Stripe's (cus_, sub_, in_, pi_, cs_, evt_, req_ …), or a number of
/// ours: delivery:12, lot:12 or grant:12, hold:12, sale:12, entry:12, finding:12, run:12. The store answers; what Stripe says is added where it can
/// be asked. An id of Stripe's that the store never saw is asked for there; a request's (req_) can only be found here or
/// in a log of calls (--log-file). Changes nothing. Exits 4 when a link is broken, and names the command that mends it;
/// 3 when nobody knows REF, or it is of no customer of this store.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Whom or what
    #[arg(value_name = "REF")]
    reference: String,
    /// Do not ask Stripe
    #[arg(long)]
    offline: bool,
}

const COLUMNS: &[&str] = &["part", "what", "value", "state", "next_command"];

pub(super) fn run(cx: &Cx, args: &ExplainArgs) -> Result<Report, Error> {
    let store = cx.store_reading()?;
    let now = cx.now()?;
    let meant = meant(cx, &store, args)?;
    let facts = store.read(|r| explain::facts(r, &meant.customer, now))?;
    let lines = explain::page(&store, &meant, now)?;
    let asked = if args.offline { None } else { asked(cx, &meant, facts.sub.as_deref()) };
    let mut report = Report::new("explain", COLUMNS);
    for it in lines {
        report.row(vec![
            Cell::text(it.part),
            Cell::text(it.what),
            Cell::text(it.value),
            Cell::Blank,
            Cell::maybe_text(it.next),
        ]);
    }
    if let Some(total) = asked.as_ref().and_then(Asked::next_total) {
        let cells = vec![
            Cell::text("next invoice"),
            Cell::text("by Stripe's preview"),
            Cell::text(total.to_string()),
        ];
        report.row(cells.into_iter().chain([Cell::Blank, Cell::Blank]).collect());
    }
    let chain = explain::standings(facts, asked.as_ref());
    for it in &chain {
        report.row(chain_cells(it));
    }
    let broken = first_broken(&chain);
    let verdict = match broken {
        Some(it) => format!(
            "the first broken link of {} is {}: {}; {}",
            meant.customer.id,
            it.link.as_str(),
            it.says,
            it.command.as_deref().unwrap_or_default()
        ),
        None if asked.is_none() => {
            format!("no link of {} is broken, as far as the store knows", meant.customer.id)
        }
        None => format!("every link of {} holds", meant.customer.id),
    };
    let outcome = broken.map(|_| Kind::Differences);
    Ok(report
        .fact("customer", Cell::text(meant.customer.id.as_str()))
        .fact("broken", Cell::maybe_text(broken.map(|it| it.link.as_str())))
        .verdict(verdict)
        .outcome(outcome))
}

/// Whom the reference means: by the store, else by Stripe, or for a request by the log of calls.
fn meant(cx: &Cx, store: &Store, args: &ExplainArgs) -> Result<Meant, Error> {
    let text = &args.reference;
    let unknown = match store.read(|r| explain::meant(r, text)) {
        Err(error) if error.code() == explain::UNKNOWN => error,
        known => return known,
    };
    if text.starts_with("req_") {
        return by_log(cx, store, text)?.ok_or(unknown);
    }
    if store.read(|r| r.ref_find(text))?.is_some() || !can_be_asked(text) {
        return Err(unknown);
    }
    if args.offline {
        return Err(unknown.hint("without --offline Stripe is asked whose it is"));
    }
    cx.with_desk(async |desk| explain::look_up(&desk, text).await)
}

/// A request by the log of calls, where one is named and has it: whatever the call names that is known here.
fn by_log(cx: &Cx, store: &Store, text: &str) -> Result<Option<Meant>, Error> {
    let log = cx.globals.log_file.as_ref().and_then(|path| std::fs::read(path).ok());
    let log = log.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let Some((says, known)) = explain::logged(&log, text) else { return Ok(None) };
    for reference in known {
        if let Ok(meant) = store.read(|r| explain::meant(r, &reference)) {
            let by = RefFound { kind: "request", customer: Some(meant.customer.row), says: Some(says) };
            return Ok(Some(Meant { by: Some(by), ..meant }));
        }
    }
    let what = format!("{text} was {says}, by the log of calls, and names no customer of this store");
    Err(Error::new(Kind::BadInput, explain::UNKNOWN, what).hint("`paygrade runs list` shows what ran then"))
}

fn chain_cells(it: &Standing) -> Vec<Cell> {
    let state = match it.holds {
        Some(true) => "ok",
        Some(false) => "broken",
        None => "not asked",
    };
    vec![
        Cell::text("link"),
        Cell::text(it.link.as_str()),
        Cell::text(&it.says),
        Cell::text(state),
        Cell::maybe_text(it.command.clone()),
    ]
}

/// What Stripe adds; where it cannot be asked, that is said and the store has to do.
fn asked(cx: &Cx, meant: &Meant, sub: Option<&str>) -> Option<Asked> {
    let asked = cx.with_desk(async |desk| explain::ask(&desk, &meant.customer, sub).await);
    match asked {
        Ok(asked) => Some(asked),
        Err(error) => {
            cx.ui.note(&format!("Stripe could not be asked: {error}"));
            None
        }
    }
}
