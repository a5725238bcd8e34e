//! `webhook`: what Stripe tells, taken in, kept and handled.

mod listen;

use std::io::Read as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Cx;
use super::interrupt::Interrupt;
use super::reconcile::several;
use crate::billing::id::CustomerId;
use crate::billing::inbox::{HANDLED, State, handler, whose};
use crate::billing::time::Timestamp;
use crate::config::settings::{KeySource as Named, Target};
use crate::error::{Changed, Error, Kind};
use crate::flow::inbox::{Ask, Door, Processed, Refused, backfill, process};
use crate::store::Reader;
use crate::store::inbox::{Arrived, InboxEvent, InboxFilter, Source};
use crate::stripe::KeySource;
use crate::stripe::inbound::{WEBHOOK_BODY_MAX, WebhookSecrets};
use crate::ui::{Cell, Report};

/// What Stripe tells: take events in, keep them, handle them
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Take events in over HTTP, until interrupted
    #[command(after_help = LISTEN_EXAMPLES)]
    Listen(listen::ListenArgs),
    /// Take one event in from a file
    Ingest(IngestArgs),
    /// Read from Stripe what happened: for machines that no webhook reaches, and for what was missed
    Backfill(BackfillArgs),
    /// Handle the events that wait
    Process(ProcessArgs),
    /// List events, newest first
    List(ListArgs),
    /// Show one event: where it stands, what it did, what it said
    Show(ShowArgs),
    /// Handle events once more; what they did already is not done twice
    Replay(ReplayArgs),
}

const LISTEN_EXAMPLES: &str = "Examples:
  STRIPE_WEBHOOK_SECRET=whsec_… paygrade webhook listen --process
  paygrade webhook listen --bind 127.0.0.1:4242 --path /stripe

Answers 2xx once an event is stored for good. Several secrets (STRIPE_WEBHOOK_SECRET, separated by commas) are valid at
once, so that one can be replaced. Signatures may be 300 seconds old or ahead. Put a server that ends TLS before it.";

/// Arguments of `webhook ingest`.
#[derive(Debug, Args)]
pub struct IngestArgs {
    /// The body, exactly as it came; - reads standard input
    file: PathBuf,
    /// The value of its Stripe-Signature header
    #[arg(long, value_name = "HEADER", required_unless_present = "fetch", conflicts_with = "fetch")]
    signature: Option<String>,
    /// Believe only the event's id, and read the event from Stripe: no signature is needed
    #[arg(long)]
    fetch: bool,
}

/// Arguments of `webhook backfill`.
#[derive(Debug, Args)]
pub struct BackfillArgs {
    /// What happened from this instant on [default: from where the last backfill ended; at first all of thirty days]
    #[arg(long, value_name = "INSTANT")]
    since: Option<String>,
    /// Then handle what waits
    #[arg(long)]
    process: bool,
}

/// Handle the events that wait
///
/// Reads from Stripe what is true now, and commits all that follows together. What fails is tried again later, twelve
/// times within about fifteen hours, and then left for somebody to look at. Exits 11 when some failed, 9 when another
/// process does this already.
#[derive(Debug, Args)]
pub struct ProcessArgs {
    /// Most events
    #[arg(long, value_name = "N")]
    max: Option<u64>,
}

/// Which events are meant.
#[derive(Debug, Clone, Default, Args)]
struct FilterArgs {
    /// Of this type; invoice.* is all of a kind
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// That happened at this instant or later
    #[arg(long, value_name = "INSTANT")]
    since: Option<String>,
    /// Of this customer
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<CustomerId>,
    /// That stand so: new, handling, failed, done, dead or ignored
    #[arg(long, value_name = "STATUS", value_parser = state)]
    status: Option<State>,
}

/// Arguments of `webhook list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    filter: FilterArgs,
    /// Most events to list
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: u32,
    /// List the types that are handled, and what each does
    #[arg(long, conflicts_with_all = ["kind", "since", "customer", "status"])]
    types: bool,
}

/// Arguments of `webhook show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The event, evt_…
    event: String,
    /// Print the body as it came, and nothing else
    #[arg(long)]
    raw: bool,
}

/// Arguments of `webhook replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Events, evt_…
    events: Vec<String>,
    #[command(flatten)]
    filter: FilterArgs,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

fn state(text: &str) -> Result<State, String> {
    State::parse(text).ok_or_else(|| {
        let words: Vec<&str> = State::ALL.iter().map(|it| it.as_str()).collect();
        format!("there are: {}", words.join(", "))
    })
}

const COLUMNS: &[&str] = &[
    "event",
    "type",
    "created",
    "received",
    "customer",
    "object",
    "state",
    "attempts",
    "next_attempt",
    "effect",
    "last_error",
];
/// Most events that one replay takes.
const REPLAY_MAX: u32 = 10_000;

pub(super) fn run(cx: &Cx, command: WebhookCommand) -> Result<Option<Report>, Error> {
    match command {
        WebhookCommand::Listen(args) => listen::run(cx, &args).map(Some),
        WebhookCommand::Ingest(args) => ingest(cx, &args).map(Some),
        WebhookCommand::Backfill(args) => run_backfill(cx, &args).map(Some),
        WebhookCommand::Process(args) => run_process(cx, &args).map(Some),
        WebhookCommand::List(args) => list(cx, &args).map(Some),
        WebhookCommand::Show(args) => show(cx, &args),
        WebhookCommand::Replay(args) => replay(cx, &args).map(Some),
    }
}

/// The secrets of our endpoints. Without one nothing is taken: a check that is skipped is no check.
fn secrets(cx: &Cx) -> Result<WebhookSecrets, Error> {
    let bad = |bad: &dyn std::fmt::Display| {
        Error::new(Kind::Config, "webhook_secret", bad.to_string()).hint(
            "an endpoint's secret is shown once, when it is made: whsec_…; several are separated by commas",
        )
    };
    let source = match &cx.settings().webhook_secret.value {
        Named::Variable(name) => {
            let value = cx.env.var(name).ok_or_else(|| {
                let text = format!("there is no webhook secret: {name} is not set");
                Error::new(Kind::Config, "no_webhook_secret", text).hint(format!(
                    "set {name} to the endpoint's whsec_…, or name a source of it in paygrade.toml (webhook_secret)"
                ))
            })?;
            return WebhookSecrets::parse(value).map_err(|error| bad(&error));
        }
        Named::File(path) => KeySource::File(path.clone()),
        Named::Command(command) => KeySource::Command(command.clone()),
        Named::Descriptor(number) => KeySource::Descriptor(*number),
    };
    WebhookSecrets::read(&source).map_err(|error| bad(&error))
}

fn is_live(cx: &Cx) -> bool {
    cx.settings().target.value == Target::Live
}

fn instant(text: Option<&str>) -> Result<Option<Timestamp>, Error> {
    let wrong = |text: &str| {
        Error::new(Kind::Usage, "bad_instant", format!("`{text}` is no instant"))
            .hint("write it like 2026-11-21T08:00:00Z, or a date for its midnight in UTC")
    };
    text.map(|text| Timestamp::parse(text).ok_or_else(|| wrong(text))).transpose()
}

fn body(args: &IngestArgs) -> Result<Vec<u8>, Error> {
    let unreadable = |error: &std::io::Error| {
        Error::new(Kind::BadInput, "unreadable", format!("{} cannot be read", args.file.display()))
            .because(error)
            .hint("name a file that holds the body, or - for standard input")
    };
    let limit = u64::try_from(WEBHOOK_BODY_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    if args.file.as_os_str() == "-" {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    } else {
        let file = std::fs::File::open(&args.file).map_err(|error| unreadable(&error))?;
        file.take(limit).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    }
    if bytes.len() > WEBHOOK_BODY_MAX {
        let text = format!("the body is longer than {WEBHOOK_BODY_MAX} bytes");
        return Err(Error::new(Kind::BadInput, "too_large", text).hint(
            "Stripe sends no such event; by its id it can be read from Stripe: paygrade webhook backfill",
        ));
    }
    Ok(bytes)
}

fn ingest(cx: &Cx, args: &IngestArgs) -> Result<Report, Error> {
    let body = body(args)?;
    let now = cx.now()?;
    let refused = |refused: &Refused| {
        let text = format!("the event is not taken: {refused}");
        match refused {
            Refused::NoEvent(_) => Error::new(Kind::BadInput, refused.word(), text)
                .hint("give the JSON of one event, whole, as it came"),
            Refused::Forged(_) => Error::new(Kind::Refused, refused.word(), text)
                .hint("pass the body byte for byte as it came; or --fetch, which believes only its id"),
        }
    };
    if !args.fetch {
        let header = args.signature.as_deref();
        let checked = secrets(cx)?.verify(header, &body, now);
        checked.map_err(|forged| refused(&forged.into()))?;
    }
    if cx.globals.dry_run {
        let received = crate::stripe::inbound::Received::read(&body).map_err(|bad| refused(&bad.into()))?;
        let ours = if cx.store_exists() { cx.store_reading()?.info()?.account } else { None };
        let whose = whose(received.account(), received.livemode(), ours.as_deref(), is_live(cx));
        // What --fetch reads says this by itself.
        if let Some(why) = whose.why_ignored().filter(|_| !args.fetch) {
            return Err(not_ours(received.id(), why));
        }
        let verdict = format!(
            "would take {} {}; nothing was changed; apply it: {}",
            received.kind(),
            received.id(),
            cx.line_applying()
        );
        return Ok(Report::new("webhook_ingest", &[]).verdict(verdict));
    }
    let taken = if args.fetch {
        let (api, store) = (cx.api()?, cx.store()?);
        let door = Door { store: &store, live: is_live(cx) };
        cx.block_on(door.take_fetched(&api, &body, now))??
    } else {
        let store = cx.store()?;
        let door = Door { store: &store, live: is_live(cx) };
        door.take_signed(&secrets(cx)?, args.signature.as_deref(), &body, Source::File, now)?
    };
    let taken = taken.map_err(|it| refused(&it))?;
    if let Some(why) = taken.ignored {
        return Err(not_ours(&taken.event, why).changed(Changed::Recorded));
    }
    let verdict = match taken.arrived {
        Arrived::New => {
            format!("{} {} is stored; to handle it: paygrade webhook process", taken.kind, taken.event)
        }
        Arrived::Known => format!("{} {} was here already; nothing changed", taken.kind, taken.event),
        Arrived::Unhandled | Arrived::Ignored => {
            format!("{} {} is stored; nothing is done about its type", taken.kind, taken.event)
        }
    };
    let mut report = Report::new("webhook_ingest", &[])
        .fact("event", Cell::text(&taken.event))
        .fact("type", Cell::text(&taken.kind))
        .verdict(verdict);
    report.wrote = Some(i64::from(taken.arrived != Arrived::Known));
    Ok(report)
}

/// An event that this store never handles.
fn not_ours(event: &str, why: &str) -> Error {
    let text = format!("{event} is {why}: it is noted and never handled");
    Error::new(Kind::Refused, "not_ours", text).hint("point each account's webhooks at a store of its own")
}

fn run_backfill(cx: &Cx, args: &BackfillArgs) -> Result<Report, Error> {
    let since = instant(args.since.as_deref())?;
    if cx.globals.dry_run {
        let upto = match cx.store_reading() {
            Ok(store) => store.read(|r| r.inbox_backfilled_upto())?,
            Err(error) if error.code() == "store_missing" => None,
            Err(error) => return Err(error),
        };
        let from = since.or(upto).map_or_else(|| "thirty days ago".to_owned(), |at| at.to_string());
        let line = cx.line_applying();
        let verdict = format!(
            "would read what happened since {from} and store what is new; nothing was changed; apply it: {line}"
        );
        return Ok(Report::new("webhook_backfill", &[]).verdict(verdict));
    }
    let done = cx.with_desk(async |desk| backfill(&desk, since).await)?;
    if let Some(gone) = done.gone_since {
        cx.ui.note(&format!(
            "warning: Stripe keeps events for 30 days; what happened from {gone} on and before is gone: `paygrade \
             reconcile tiers` compares what is true now"
        ));
    }
    if let Some(why) = &done.thin_refused {
        cx.ui.note(&format!("warning: error reports of meters are not listed: {why}"));
    }
    if args.process {
        return run_process(cx, &ProcessArgs { max: None });
    }
    let mut report = Report::new("webhook_backfill", &[])
        .fact("since", Cell::maybe_at(done.since))
        .fact("listed", Cell::Count(done.listed))
        .fact("new", Cell::Count(done.new))
        .fact("ignored", Cell::Count(done.ignored));
    report.wrote = Some(done.new);
    let next = if done.new > 0 { "; to handle them: paygrade webhook process" } else { "" };
    let events = several(done.listed, "event", "events");
    Ok(report.verdict(format!("{events} listed, {} new{next}", done.new)))
}

fn run_process(cx: &Cx, args: &ProcessArgs) -> Result<Report, Error> {
    if cx.globals.dry_run {
        let store = cx.store_reading()?;
        let now = cx.now()?;
        let ready = store.read(|r| r.inbox_ready(now))?;
        let text = several(ready, "event", "events");
        let line = cx.line_applying();
        let verdict = format!("would handle {text}; nothing was changed; apply it: {line}");
        return Ok(Report::new("webhook_process", &[]).verdict(verdict));
    }
    let interrupt = Interrupt::listen()?;
    let ask = Ask { only: None, max: args.max };
    let done = cx.with_desk(async |desk| process(&desk, &ask, || interrupt.came()).await)?;
    processed(cx, done, &interrupt)
}

/// The report of what was handled, read back from the store.
fn processed(cx: &Cx, done: Processed, interrupt: &Interrupt) -> Result<Report, Error> {
    let mut report = Report::new("webhook_process", COLUMNS);
    let store = cx.store()?;
    let all = done.done.iter().map(|(event, _)| event);
    let wrong = done.failed.iter().chain(&done.dead).map(|(event, _)| event);
    let seqs: Vec<i64> = all.chain(wrong).map(|event| event.seq).collect();
    let (rows, next) = store.read(|r| {
        let rows = seqs.iter().map(|seq| r.inbox_get(*seq)).collect::<Result<Vec<_>, _>>()?;
        Ok::<_, Error>((rows, r.inbox_next_attempt()?))
    })?;
    for it in &rows {
        report.row(cells(it));
    }
    let count = |list: usize| i64::try_from(list).unwrap_or(i64::MAX);
    let (handled, failed, dead) = (count(done.done.len()), count(done.failed.len()), count(done.dead.len()));
    report.wrote = Some(handled);
    let mut parts = vec![match handled {
        0 => "no event handled".to_owned(),
        _ => format!("{} handled", several(handled, "event", "events")),
    }];
    if failed > 0 {
        parts.push(format!(
            "{failed} failed, tried again{}",
            next.map(|at| format!(" at {at}")).unwrap_or_default()
        ));
    }
    if dead > 0 {
        parts.push(format!("{dead} given up: paygrade webhook list --status dead"));
    }
    let mut kinds: Vec<Kind> = Vec::new();
    kinds.extend((failed + dead > 0).then_some(Kind::Partial));
    for it in &done.fallbacks {
        match &it.outcome {
            Ok(now) => parts.push(format!(
                "{} falls back to {}",
                it.customer.id,
                now.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string)
            )),
            Err(error) => {
                cx.ui.note(&format!("{} cannot fall back yet: {error}", it.customer.id));
                kinds.push(Kind::Partial);
            }
        }
    }
    if let Some(stopped) = &done.stopped {
        cx.ui.note(&format!("stopped: {stopped}"));
        cx.ui.note(stopped.hint_text().unwrap_or_default());
        parts.push("the rest waits".to_owned());
        kinds.push(stopped.kind());
    }
    kinds.extend(interrupt.kind().filter(|_| done.interrupted));
    Ok(report.verdict(parts.join(", ")).outcome(Kind::worst(kinds)))
}

fn cells(it: &InboxEvent) -> Vec<Cell> {
    vec![
        Cell::text(&it.event),
        Cell::text(&it.kind),
        Cell::At(it.created),
        Cell::At(it.received),
        Cell::maybe_text(it.customer.clone()),
        Cell::maybe_text(it.object.clone()),
        Cell::text(it.state.as_str()),
        Cell::Count(i64::from(it.attempts)),
        Cell::maybe_at(it.next_attempt),
        Cell::maybe_text(it.effect.clone()),
        Cell::maybe_text(it.last_error.clone()),
    ]
}

fn filter(r: &Reader<'_>, args: &FilterArgs) -> Result<InboxFilter, Error> {
    let customer = args.customer.as_ref();
    let customer = customer.map(|id| crate::flow::customer::customer_required(r, id)).transpose()?;
    Ok(InboxFilter {
        kind: args.kind.clone(),
        since: instant(args.since.as_deref())?,
        customer: customer.map(|it| it.row),
        state: args.status,
    })
}

fn list(cx: &Cx, args: &ListArgs) -> Result<Report, Error> {
    if args.types {
        let mut report = Report::new("webhook_types", &["type", "effect"]);
        for it in HANDLED {
            report.row(vec![Cell::text(it.kind), Cell::text(it.effect)]);
        }
        return Ok(report.verdict(format!("{} types are handled; others are kept", HANDLED.len())));
    }
    let store = cx.store_reading()?;
    let (events, all) = store.read(|r| {
        let filter = filter(r, &args.filter)?;
        Ok::<_, Error>(r.inbox_list(&filter, args.limit)?)
    })?;
    let mut report = Report::new("webhook_list", COLUMNS);
    for it in &events {
        report.row(cells(it));
    }
    let shown = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let more = if all > shown { format!(" of {all}; --limit shows more") } else { String::new() };
    Ok(report.verdict(format!("{}{more}", several(shown, "event", "events"))))
}

fn event_required(r: &Reader<'_>, event: &str) -> Result<InboxEvent, Error> {
    r.inbox_find(event)?.ok_or_else(|| {
        Error::new(Kind::BadInput, "unknown_event", format!("there is no event `{event}` here"))
            .hint("`paygrade webhook list` shows them; `paygrade webhook backfill` reads what was missed")
    })
}

/// An event that was named to be handled again: one that never is handled is refused, not passed over.
fn replayable(r: &Reader<'_>, event: &str) -> Result<InboxEvent, Error> {
    let it = event_required(r, event)?;
    if it.state == State::Ignored {
        return Err(not_ours(&it.event, it.effect.as_deref().unwrap_or("not ours")));
    }
    if handler(&it.kind).is_none() {
        let text = format!("nothing is done about {}: {} cannot be handled", it.kind, it.event);
        return Err(Error::new(Kind::Refused, "not_handled", text)
            .hint("`paygrade webhook list --types` shows what is handled"));
    }
    Ok(it)
}

fn show(cx: &Cx, args: &ShowArgs) -> Result<Option<Report>, Error> {
    let store = cx.store_reading()?;
    let (it, body) = store.read(|r| {
        let it = event_required(r, &args.event)?;
        let body = r.inbox_body(it.seq)?;
        Ok::<_, Error>((it, body))
    })?;
    if args.raw {
        let Some(body) = body else {
            return Err(Error::new(
                Kind::BadInput,
                "no_body",
                format!("the body of {} is not kept", it.event),
            )
            .hint("bodies are kept for 90 days after their event was handled"));
        };
        cx.print_raw(&body)?;
        return Ok(None);
    }
    let does = HANDLED.iter().find(|known| known.kind == it.kind).map(|known| known.effect);
    let mut report = Report::new("webhook_show", COLUMNS);
    report.row(cells(&it));
    let report = report
        .fact("source", Cell::text(&it.source))
        .fact("cus", Cell::maybe_text(it.cus.clone()))
        .fact("handled", Cell::maybe_at(it.handled_at))
        .fact("does", Cell::maybe_text(does))
        .fact("body_bytes", Cell::maybe_count(body.and_then(|body| i64::try_from(body.len()).ok())));
    let verdict = match it.state {
        State::Dead => format!("given up; to try again: paygrade webhook replay {}", it.event),
        State::New | State::Handling | State::Failed => {
            "waits; to handle it: paygrade webhook process".to_owned()
        }
        State::Done | State::Ignored => it.effect.clone().unwrap_or_default(),
    };
    Ok(Some(report.verdict(verdict)))
}

fn replay(cx: &Cx, args: &ReplayArgs) -> Result<Report, Error> {
    let FilterArgs { kind, since, customer, status } = &args.filter;
    let filtered = kind.is_some() || since.is_some() || customer.is_some() || status.is_some();
    if args.events.is_empty() != filtered {
        return Err(Error::new(
            Kind::Usage,
            "which_events",
            "name events, or choose them by --type, --since, --customer, --status",
        )
        .hint("paygrade webhook replay --status dead"));
    }
    if let Some(reason) = &args.reason {
        cx.because(reason);
    }
    let choose = |r: &Reader<'_>| {
        let chosen: Vec<InboxEvent> = if filtered {
            r.inbox_list(&filter(r, &args.filter)?, REPLAY_MAX)?.0
        } else {
            args.events.iter().map(|event| replayable(r, event)).collect::<Result<_, _>>()?
        };
        let chosen =
            chosen.into_iter().filter(|it| it.state != State::Ignored && handler(&it.kind).is_some());
        Ok::<Vec<InboxEvent>, Error>(chosen.collect())
    };
    if cx.globals.dry_run {
        let chosen = cx.store_reading()?.read(choose)?;
        let mut report = Report::new("webhook_replay", COLUMNS);
        for it in &chosen {
            report.row(cells(it));
        }
        let text = several(i64::try_from(chosen.len()).unwrap_or(i64::MAX), "event", "events");
        let line = cx.line_applying();
        return Ok(
            report.verdict(format!("would handle {text} again; nothing was changed; apply it: {line}"))
        );
    }
    let store = cx.store()?;
    let mut seqs: Vec<i64> = store.read(choose)?.iter().map(|it| it.seq).collect();
    seqs.sort_unstable();
    let interrupt = Interrupt::listen()?;
    // Before anything is put back: without Stripe nothing can be handled.
    cx.api()?;
    store.write(cx.now()?, |w| w.inbox_replay(&seqs))?;
    let ask = Ask { only: Some(seqs), max: None };
    let done = cx.with_desk(async |desk| process(&desk, &ask, || interrupt.came()).await)?;
    processed(cx, done, &interrupt)
}
