//! `customer prefs`: what a customer wants to be told, and where.

use std::collections::BTreeSet;

use clap::Args;

use crate::billing::contact::Email;
use crate::billing::id::CustomerId;
use crate::cli::Cx;
use crate::error::Error;
use crate::flow::customer::prefs::{Change, change, planned};
use crate::ui::{Cell, Report};

/// Arguments of `customer prefs`.
#[derive(Debug, Args)]
pub struct PrefsArgs {
    /// The customer's own id
    id: String,
    /// Nothing of this kind any more (repeat it for several)
    #[arg(long, value_name = "KIND", value_parser = customer_kind)]
    mute: Vec<String>,
    /// Of this kind again
    #[arg(long, value_name = "KIND", value_parser = customer_kind)]
    unmute: Vec<String>,
    /// Nothing else than these kinds
    #[arg(long, value_name = "KIND[,...]", value_parser = customer_kind, value_delimiter = ',')]
    only: Vec<String>,
    /// Where mail goes, instead of the billing address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Everything again, at the billing address
    #[arg(long)]
    reset: bool,
}

pub(super) const EXAMPLES: &str = "Examples:
  paygrade customer prefs acme
  paygrade customer prefs acme --mute receipt --email billing@acme.example
  paygrade customer prefs acme --only payment_failed,trial_ending

Kinds: receipt, payment_failed, payment_action, upcoming_charge, trial_ending, card_removed, subscription_ended, cap,
spend_cap, forecast, low_credits, out_of_credits, credits_added, refund.";

fn customer_kind(text: &str) -> Result<String, String> {
    let kinds = crate::billing::notice::KINDS;
    if kinds.contains(&text) { Ok(text.to_owned()) } else { Err(format!("there are: {}", kinds.join(", "))) }
}

pub(super) fn run(cx: &Cx, args: &PrefsArgs) -> Result<Report, Error> {
    let id = CustomerId::parse(&args.id)?;
    let set = |kinds: &[String]| kinds.iter().cloned().collect::<BTreeSet<String>>();
    let wish = Change {
        reset: args.reset,
        mute: set(&args.mute),
        unmute: set(&args.unmute),
        only: (!args.only.is_empty()).then(|| set(&args.only)),
        email: args.email.as_deref().map(Email::parse).transpose()?,
    };
    let looks = wish.is_empty() || cx.globals.dry_run;
    let (old, new) = if looks {
        cx.store_reading()?.read(|r| planned(r, &id, &wish))?
    } else {
        cx.store_reading()?;
        change(&*cx.store()?, cx.now()?, &id, &wish)?
    };
    let list = |kinds: &BTreeSet<String>| Cell::List(kinds.iter().cloned().collect());
    let report = Report::new("customer_prefs", &[])
        .fact("customer", Cell::text(id.as_str()))
        .fact("only", new.only.as_ref().map_or(Cell::Blank, list))
        .fact("muted", list(&new.muted))
        .fact("email", Cell::maybe_text(new.email.clone()));
    let verdict = match (wish.is_empty(), old == new, cx.globals.dry_run) {
        (true, ..) if new == Default::default() => format!("{id} is told everything, at its billing address"),
        (true, ..) => format!("{id} has chosen what it is told"),
        (false, true, _) => format!("{id} has chosen so already: nothing changed"),
        (false, false, true) => {
            format!("would change what {id} is told; nothing was changed; apply it: {}", cx.line_applying())
        }
        (false, false, false) => format!("changed what {id} is told"),
    };
    let mut report = report.verdict(verdict);
    report.wrote = Some(i64::from(!looks && old != new));
    Ok(report)
}
