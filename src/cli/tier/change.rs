//! `tier seats`, `tier cancel`, `tier resume`; and what all changes of tier share: when, and the drain before it.

use std::time::Duration;

use clap::Args;

use super::shown::{cancelled_report, outcome_report, plan_report};
use crate::billing::assign::When;
use crate::billing::id::CustomerId;
use crate::billing::time::Timestamp;
use crate::cli::Cx;
use crate::error::{Error, Kind};
use crate::flow::assign::{Plan, Seats, cancel, cancel_plan, resume, resume_plan, seats, seats_plan};
use crate::flow::{Desk, Manner};
use crate::ui::Report;

/// When, and what becomes of usage that Stripe does not have yet.
#[derive(Debug, Args)]
pub struct DayArgs {
    /// now, period-end, or a day such as 2026-12-31 [default: by the direction of the change]
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,
    #[command(flatten)]
    drain: DrainArgs,
}

/// How usage is brought to Stripe before its price goes.
#[derive(Debug, Args)]
pub struct DrainArgs {
    /// Wait so many seconds until Stripe shows the usage that is sent first
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(0..=3600))]
    drain_timeout: u64,
    /// Give up usage that is not at Stripe yet, after its money was named
    #[arg(long)]
    forfeit: bool,
}

impl DayArgs {
    pub(super) fn at(&self) -> Result<Option<When>, Error> {
        self.at.as_deref().map(when).transpose()
    }
    pub(super) fn forfeit(&self) -> bool {
        self.drain.forfeit
    }
    /// The desk with the time that its caller grants the drain.
    pub(super) fn desk<'a>(&self, desk: &Desk<'a>) -> Desk<'a> {
        self.drain.desk(desk)
    }
}

impl DrainArgs {
    fn desk<'a>(&self, desk: &Desk<'a>) -> Desk<'a> {
        let drain_max = Duration::from_secs(self.drain_timeout);
        Desk { manner: Manner { drain_max, ..desk.manner }, ..*desk }
    }
}

pub(super) fn when(text: &str) -> Result<When, Error> {
    match text {
        "now" => Ok(When::Now),
        "period-end" => Ok(When::PeriodEnd),
        text => Timestamp::parse(text).map(When::At).ok_or_else(|| {
            let what = format!("--at: `{}` is no day", text.escape_debug());
            Error::new(Kind::BadInput, "bad_day", what)
                .hint("write now, period-end, 2026-12-31 or 2026-12-31T12:00:00Z (UTC)")
        }),
    }
}

/// Names what is given up and has that said, by typing it or by `--yes`. Nothing to give up needs no yes.
pub(super) fn agree_to_forfeit(cx: &Cx, plan: &Plan) -> Result<(), Error> {
    let Some(left) = plan.unsent.as_ref().filter(|_| !cx.globals.yes) else { return Ok(()) };
    let (id, words) = (&plan.customer.id, left.words());
    let question =
        format!("{words} of {id} are not at Stripe and will not be billed there. Type the customer to go on");
    match cx.ui.confirm_typed(&question, id.as_str()) {
        Some(true) => Ok(()),
        Some(false) => {
            Err(Error::new(Kind::Refused, "not_confirmed", "nothing was changed: the answer was no"))
        }
        None => Err(Error::new(
            Kind::Refused,
            "not_confirmed",
            format!("giving up {words} of {id} waits for a yes"),
        )
        .hint("add --yes, or leave --forfeit away: then it is sent first")),
    }
}

const SEATS_EXAMPLES: &str = "Examples:
  paygrade tier seats acme 8
  paygrade tier seats acme +2 -n
  paygrade tier seats acme -1

More seats are charged at once for the rest of the period; fewer leave a credit for the next invoice. Scripts give
the number: after a run whose outcome they did not see, +2 would count from what that run made.
Exit 3: unknown customer; 5: refused by a rule; 7: Stripe said no; 8: outcome unknown, run it again.";

/// Arguments of `tier seats`.
#[derive(Debug, Args)]
#[command(after_help = SEATS_EXAMPLES)]
pub struct SeatsArgs {
    /// The customer's own id
    customer: String,
    /// How many: N, or +N or -N counted from what there is
    #[arg(value_name = "N|+N|-N", allow_hyphen_values = true)]
    seats: String,
}

const CANCEL_EXAMPLES: &str = "Examples:
  paygrade tier cancel acme
  paygrade tier cancel acme --at now
  paygrade tier cancel acme --at 2026-12-31 -n

The usage so far is sent first, and a last invoice bills it. Nothing of a period that was paid for is
credited; of a period that begins before a later day, only its part until then is billed. When
the subscription has ended, the customer falls back to what its tier says. `paygrade tier resume` takes it back until
then. Exit 75: Stripe does not show the usage yet, nothing was changed.";

/// Arguments of `tier cancel`.
#[derive(Debug, Args)]
#[command(after_help = CANCEL_EXAMPLES)]
pub struct CancelArgs {
    /// The customer's own id
    customer: String,
    /// now, period-end, or a day such as 2026-12-31
    #[arg(long, value_name = "WHEN", default_value = "period-end")]
    at: String,
    #[command(flatten)]
    drain: DrainArgs,
}

const RESUME_EXAMPLES: &str = "Examples:
  paygrade tier resume acme
  paygrade tier resume acme -n

Undoes what waits for its day: a cancellation, or another tier.";

/// Arguments of `tier resume`.
#[derive(Debug, Args)]
#[command(after_help = RESUME_EXAMPLES)]
pub struct ResumeArgs {
    /// The customer's own id
    customer: String,
}

/// Reads `8`, `+2`, `-1`.
fn parse_seats(text: &str) -> Result<Seats, Error> {
    let (digits, make): (&str, fn(u32) -> Seats) = match text.split_at_checked(1) {
        Some(("+", rest)) => (rest, Seats::More),
        Some(("-", rest)) => (rest, Seats::Fewer),
        _ => (text, Seats::To),
    };
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|number| is_plain && *number > 0);
    number.map(make).ok_or_else(|| {
        let what = format!("`{}` is no number of seats", text.escape_debug());
        Error::new(Kind::BadInput, "bad_seats", what).hint("write 8, +2 or -1")
    })
}

pub(super) fn run_seats(cx: &Cx, args: &SeatsArgs) -> Result<Report, Error> {
    let (id, wish) = (CustomerId::parse(&args.customer)?, parse_seats(&args.seats)?);
    super::store_required(cx, &id)?;
    if cx.globals.dry_run {
        let plan = cx.with_desk(async |desk| seats_plan(&desk, &id, wish).await)?;
        return Ok(plan_report(cx, "tier_seats", &plan, false));
    }
    let outcome = cx.with_desk(async |desk| seats(&desk, &id, wish).await)?;
    Ok(outcome_report("tier_seats", &outcome))
}

pub(super) fn run_cancel(cx: &Cx, args: &CancelArgs) -> Result<Report, Error> {
    let (id, at) = (CustomerId::parse(&args.customer)?, Some(when(&args.at)?));
    let forfeit = args.drain.forfeit;
    super::store_required(cx, &id)?;
    if cx.globals.dry_run || forfeit {
        let plan = cx.with_desk(async |desk| cancel_plan(&desk, &id, at, forfeit).await)?;
        if cx.globals.dry_run {
            return Ok(plan_report(cx, "tier_cancel", &plan, forfeit));
        }
        agree_to_forfeit(cx, &plan)?;
    }
    let ended = cx.with_desk(async |desk| cancel(&args.drain.desk(&desk), &id, at, forfeit).await)?;
    Ok(cancelled_report(&ended))
}

pub(super) fn run_resume(cx: &Cx, args: &ResumeArgs) -> Result<Report, Error> {
    let id = CustomerId::parse(&args.customer)?;
    super::store_required(cx, &id)?;
    if cx.globals.dry_run {
        let plan = cx.with_desk(async |desk| resume_plan(&desk, &id).await)?;
        return Ok(plan_report(cx, "tier_resume", &plan, false));
    }
    let outcome = cx.with_desk(async |desk| resume(&desk, &id).await)?;
    Ok(outcome_report("tier_resume", &outcome))
}
