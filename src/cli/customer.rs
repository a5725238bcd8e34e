//! `customer`: who is billed.

mod prefs;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::Cx;
use crate::billing::contact::{Email, FullName};
use crate::billing::id::{CustomerId, TierKey};
use crate::error::{Error, Kind};
use crate::flow::customer::import::{FILE_BYTES_MAX, Imported, import, parse};
use crate::flow::customer::link::customer_link;
use crate::flow::customer::list::{CustomerView, customer_list, customer_view};
use crate::flow::customer::{Ask, Did, customer_add, customer_add_plan, customer_required};
use crate::ui::{Cell, Report};

/// Who is billed
#[derive(Debug, Subcommand)]
pub enum CustomerCommand {
    /// Make a customer at Stripe, or change one; the same again changes nothing
    #[command(after_help = ADD_EXAMPLES)]
    Add(AddArgs),
    /// List customers with what they are on
    List(ListArgs),
    /// Show one customer, with every tier that it was on
    Show(ShowArgs),
    /// Add the customers of a CSV file; importing it again changes nothing
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportArgs),
    /// Take over a customer that Stripe has already
    Link(LinkArgs),
    /// Say what a customer wants to be told, and where
    #[command(after_help = prefs::EXAMPLES)]
    Prefs(prefs::PrefsArgs),
}

const ADD_EXAMPLES: &str = "Examples:
  paygrade customer add acme --email billing@acme.example --name 'Acme Ltd'
  paygrade customer add acme --email billing@acme.example --payment-method pm_card_visa

ID is your own: of a user, a team or a workspace. A payment method can be given with the targets local and test only;
with live, customers give theirs to Stripe themselves.";
const IMPORT_EXAMPLES: &str = "Examples:
  paygrade customer import customers.csv
  paygrade customer import users.csv --map id=user_id,email=mail -n

The file has a header with id, email and, if you like, name. Every bad row is named; nothing is written then.";

/// Arguments of `customer add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// Your own id of the customer
    id: String,
    /// Address that invoices go to; needed for a new customer
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Name for people
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Attach this payment method and charge it by default (targets local and test)
    #[arg(long, value_name = "PM")]
    payment_method: Option<String>,
}

/// Arguments of `customer list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only those on this tier
    #[arg(long, value_name = "TIER")]
    tier: Option<String>,
}

/// Arguments of `customer show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The customer's own id
    id: String,
}

/// Arguments of `customer import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// CSV file, or - for standard input
    file: PathBuf,
    /// Our columns (id, email, name) and the file's: ours=theirs[,...]
    #[arg(long, value_name = "OURS=THEIRS", value_delimiter = ',')]
    map: Vec<String>,
}

/// Arguments of `customer link`.
#[derive(Debug, Args)]
pub struct LinkArgs {
    /// Your own id of the customer
    id: String,
    /// Stripe's id of the customer, cus_...
    cus: String,
}

/// Columns of `customer list`.
pub(super) const LIST_COLUMNS: &[&str] = &[
    "customer",
    "cus",
    "email",
    "tier",
    "revision",
    "status",
    "interval",
    "seats",
    "period_start",
    "period_end",
    "cancel_at",
    "pending_change",
    "mrr",
    "credits",
    "last_usage",
];
const HISTORY_COLUMNS: &[&str] = &["tier", "revision", "interval", "seats", "sub", "from", "to"];

pub(super) fn run(cx: &Cx, command: CustomerCommand) -> Result<Report, Error> {
    match command {
        CustomerCommand::Add(args) => add(cx, args),
        CustomerCommand::List(args) => list(cx, &args),
        CustomerCommand::Show(args) => show(cx, &args),
        CustomerCommand::Import(args) => import_file(cx, &args),
        CustomerCommand::Link(args) => link(cx, &args),
        CustomerCommand::Prefs(args) => prefs::run(cx, &args),
    }
}

/// Card data never passes through here, but in test mode Stripe has names for test cards.
fn refuse_live_method(cx: &Cx, given: bool) -> Result<(), Error> {
    if given && cx.target() == "live" {
        let text = "a payment method can be given with the targets local and test only";
        return Err(Error::new(Kind::Refused, "payment_method_live", text)
            .hint("in live mode customers give theirs to Stripe themselves"));
    }
    Ok(())
}

fn add(cx: &Cx, args: AddArgs) -> Result<Report, Error> {
    let ask = Ask {
        id: CustomerId::parse(&args.id)?,
        email: args.email.as_deref().map(Email::parse).transpose()?,
        name: args.name.as_deref().map(FullName::parse).transpose()?,
        payment_method: args.payment_method,
    };
    refuse_live_method(cx, ask.payment_method.is_some())?;
    if cx.globals.dry_run {
        let did = planned(cx, &ask)?;
        let verdict = match did {
            Did::Nothing => format!("customer {} is so already: nothing to do", ask.id),
            Did::Updated => format!("would update customer {}; {}", ask.id, shown_only(cx)),
            _ => format!(
                "would make customer {} at Stripe, or link the one that is there; {}",
                ask.id,
                shown_only(cx)
            ),
        };
        let report = Report::new("customer_add", &[]).fact("customer", Cell::text(ask.id.as_str()));
        return Ok(report.fact("state", Cell::text("shown")).verdict(verdict));
    }
    let outcome = cx.with_desk(async |desk| customer_add(&desk, &ask).await)?;
    let cus = outcome.customer.cus.clone().unwrap_or_default();
    let verdict = match outcome.did {
        Did::Nothing => format!("customer {} is {cus} already: nothing changed", ask.id),
        Did::Created => format!("created customer {}: {cus}", ask.id),
        Did::Found => format!("found customer {} at Stripe: {cus}", ask.id),
        Did::Updated => format!("updated customer {}: {cus}", ask.id),
    };
    let report = Report::new("customer_add", &[])
        .fact("customer", Cell::text(ask.id.as_str()))
        .fact("cus", Cell::text(cus))
        .fact("email", Cell::maybe_text(outcome.customer.email.clone()))
        .fact("name", Cell::maybe_text(outcome.customer.name.clone()))
        .fact("payment_method", Cell::maybe_text(outcome.attached.clone()))
        .fact("state", Cell::text(outcome.did.as_str()));
    let mut report = report.verdict(verdict);
    report.wrote = Some(i64::from(outcome.did != Did::Nothing));
    Ok(report)
}

/// What adding would do. Without a store nothing is known yet, and looking does not make one.
fn planned(cx: &Cx, ask: &Ask) -> Result<Did, Error> {
    if cx.store_exists() {
        return cx.store_reading()?.read(|r| customer_add_plan(r, ask));
    }
    if ask.email.is_none() {
        return Err(Error::new(
            Kind::BadInput,
            "email_missing",
            format!("customer {} has no e-mail address yet", ask.id),
        )
        .hint(format!("Stripe needs one: paygrade customer add {} --email ADDRESS", ask.id)));
    }
    Ok(Did::Created)
}

/// How a dry run ends.
fn shown_only(cx: &Cx) -> String {
    format!("nothing was changed; apply it: {}", cx.line_applying())
}

fn list(cx: &Cx, args: &ListArgs) -> Result<Report, Error> {
    let tier = args.tier.as_deref().map(TierKey::parse).transpose()?;
    let now = cx.now()?;
    let views = cx.store_reading()?.read(|r| {
        if let Some(tier) = &tier {
            // A misspelt tier has no customers either: say so.
            crate::flow::tier::tier_show(r, tier.as_str())?;
        }
        customer_list(r, tier.as_ref(), now)
    })?;
    let mut report = Report::new("customer_list", LIST_COLUMNS).money(&["mrr"]);
    for view in &views {
        report.row(customer_cells(view));
    }
    let on = tier.map(|tier| format!(" on {tier}")).unwrap_or_default();
    Ok(report.verdict(format!("{}{on}", counted(views.len(), "customer"))))
}

/// The cells of [`LIST_COLUMNS`].
pub(super) fn customer_cells(view: &CustomerView) -> Vec<Cell> {
    let assignment = view.assignment.as_ref();
    let subscription = view.subscription.as_ref();
    vec![
        Cell::text(view.customer.id.as_str()),
        Cell::maybe_text(view.customer.cus.clone()),
        Cell::maybe_text(view.customer.email.clone()),
        Cell::maybe_text(assignment.map(|it| it.revision.tier.as_str())),
        Cell::maybe_text(assignment.map(|it| it.revision.to_string())),
        Cell::maybe_text(view.status()),
        Cell::maybe_text(
            assignment.and_then(|it| it.interval).map(crate::billing::catalog::Interval::as_str),
        ),
        Cell::maybe_count(assignment.and_then(|it| it.seats).map(i64::from)),
        Cell::maybe_at(view.period.map(|period| period.start)),
        Cell::maybe_at(view.period.map(|period| period.end)),
        Cell::maybe_at(subscription.and_then(|it| it.cancel_at)),
        Cell::maybe_text(view.pending_words()),
        Cell::maybe_money(view.mrr),
        Cell::Count(view.credits.0),
        view.last_usage.map_or(Cell::Blank, Cell::AtMicros),
    ]
}

fn show(cx: &Cx, args: &ShowArgs) -> Result<Report, Error> {
    let id = CustomerId::parse(&args.id)?;
    let now = cx.now()?;
    let (view, history) = cx.store_reading()?.read(|r| {
        let customer = customer_required(r, &id)?;
        let history = r.assignments_of(customer.row)?;
        Ok::<_, Error>((customer_view(r, customer, now)?, history))
    })?;
    let mut report = Report::new("customer_show", HISTORY_COLUMNS);
    for it in &history {
        report.row(vec![
            Cell::text(it.revision.tier.as_str()),
            Cell::text(it.revision.to_string()),
            Cell::maybe_text(it.interval.map(crate::billing::catalog::Interval::as_str)),
            Cell::maybe_count(it.seats.map(i64::from)),
            Cell::maybe_text(it.sub.clone()),
            Cell::At(it.from_at),
            Cell::maybe_at(it.to_at),
        ]);
    }
    report.facts = LIST_COLUMNS.iter().copied().zip(customer_cells(&view)).collect();
    let subscription = view.subscription.as_ref();
    let report = report
        .fact("name", Cell::maybe_text(view.customer.name.clone()))
        .fact("sub", Cell::maybe_text(subscription.map(|it| it.sub.as_str())))
        .fact("collection", Cell::maybe_text(subscription.map(|it| it.collection.as_str())))
        .fact("trial_end", Cell::maybe_at(subscription.and_then(|it| it.trial_end)))
        .fact("latest_invoice", Cell::maybe_text(subscription.and_then(|it| it.latest_invoice.clone())))
        .fact("known_since", Cell::At(view.customer.created_at));
    let verdict = match (&view.customer.cus, &view.assignment) {
        (None, _) => format!("{id} is not at Stripe yet; finish it: paygrade customer add {id}"),
        (Some(_), None) => format!("{id} is on no tier; put it on one: paygrade tier assign {id} TIER"),
        (Some(_), Some(assignment)) => {
            format!("{id} is on {} ({})", assignment.revision.tier, view.status().unwrap_or_default())
        }
    };
    Ok(report.verdict(verdict))
}

fn import_file(cx: &Cx, args: &ImportArgs) -> Result<Report, Error> {
    let map = args
        .map
        .iter()
        .map(|pair| match pair.split_once('=') {
            Some((ours, theirs)) => Ok((ours.trim().to_owned(), theirs.trim().to_owned())),
            None => Err(Error::new(Kind::Usage, "bad_map", format!("--map: `{pair}` is not ours=theirs"))
                .hint("write --map id=user_id,email=mail")),
        })
        .collect::<Result<BTreeMap<_, _>, _>>()?;
    let asks = parse(&read_file(&args.file)?, &map)?;
    let mut report = Report::new("customer_import", &[]);
    let told = if cx.globals.dry_run {
        let mut told = Imported::default();
        for ask in &asks {
            match planned(cx, ask)? {
                Did::Nothing => told.unchanged += 1,
                Did::Updated => told.updated += 1,
                Did::Created | Did::Found => told.created += 1,
            }
        }
        report.verdict = format!(
            "would make {} (or link those that are there), update {}, leave {}; {}",
            told.created,
            told.updated,
            told.unchanged,
            shown_only(cx)
        );
        told
    } else {
        let total = u64::try_from(asks.len()).ok();
        let progress = cx.ui.progress("customers", total);
        let told = cx.with_desk(async |desk| import(&desk, &asks, |done| progress.set(done)).await)?;
        report.verdict = format!(
            "{}: {} created, {} found, {} updated, {} unchanged",
            counted(asks.len(), "customer"),
            told.created,
            told.found,
            told.updated,
            told.unchanged
        );
        report.wrote = i64::try_from(told.created + told.found + told.updated).ok();
        told
    };
    let count = |number: u64| Cell::maybe_count(i64::try_from(number).ok());
    Ok(report
        .fact("created", count(told.created))
        .fact("found", count(told.found))
        .fact("updated", count(told.updated))
        .fact("unchanged", count(told.unchanged)))
}

fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |error: std::io::Error| {
        Error::new(Kind::BadInput, "unreadable_file", format!("{} cannot be read", path.display()))
            .because(&error)
            .hint("check the path and its permissions")
    };
    let mut bytes = Vec::new();
    let limit = FILE_BYTES_MAX + 1;
    if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        std::fs::File::open(path).map_err(failed)?.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    }
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > FILE_BYTES_MAX {
        let text = format!("{} is larger than {} MiB", path.display(), FILE_BYTES_MAX >> 20);
        return Err(Error::new(Kind::BadInput, "file_too_large", text).hint("split it"));
    }
    Ok(bytes)
}

fn link(cx: &Cx, args: &LinkArgs) -> Result<Report, Error> {
    let id = CustomerId::parse(&args.id)?;
    if cx.globals.dry_run {
        let report = Report::new("customer_link", &[]).fact("customer", Cell::text(id.as_str()));
        let verdict =
            format!("would link customer {id} to {} if it is nobody else's; {}", args.cus, shown_only(cx));
        return Ok(report.fact("cus", Cell::text(&args.cus)).verdict(verdict));
    }
    let linked = cx.with_desk(async |desk| customer_link(&desk, &id, &args.cus).await)?;
    let verdict = match linked.changed {
        true => format!("customer {id} is {} from now on", args.cus),
        false => format!("customer {id} is {} already: nothing changed", args.cus),
    };
    let mut report = Report::new("customer_link", &[])
        .fact("customer", Cell::text(id.as_str()))
        .fact("cus", Cell::text(&args.cus))
        .fact("email", Cell::maybe_text(linked.customer.email))
        .fact("name", Cell::maybe_text(linked.customer.name))
        .verdict(verdict);
    report.wrote = Some(i64::from(linked.changed));
    Ok(report)
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
