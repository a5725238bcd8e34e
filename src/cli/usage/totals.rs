//! `usage import --totals`.

use std::path::Path;

use super::import::ImportArgs;
use crate::cli::Cx;
use crate::cli::reconcile::several;
use crate::error::{Error, Kind};
use crate::flow::totals::{Ask, Rows, Tally, totals_apply, totals_plan};
use crate::ui::{Cell, Report};

pub(super) fn run(cx: &Cx, args: &ImportArgs, delimiter: u8) -> Result<Report, Error> {
    let unfit = [
        ("--map", !args.map.is_empty()),
        ("--meters", args.meters.is_some()),
        ("--tz", args.tz.is_some()),
        ("--source", args.source.is_some()),
        ("--rejects", args.rejects.is_some()),
    ];
    if let Some((option, _)) = unfit.into_iter().find(|(_, given)| *given) {
        let text = format!("--totals does not take {option}");
        return Err(Error::new(Kind::Usage, "totals_options", text).hint(
            "a file of totals has the columns customer, meter, hour (UTC) and total, and is read twice",
        ));
    }
    let ask = Ask {
        rows: rows(cx, args)?,
        delimiter,
        customer: args.customer.clone(),
        meter: args.meter.clone(),
        allow_lower: args.allow_lower,
        grace_s: i64::from(cx.settings().grace_s.value),
    };
    let now = cx.now()?;
    if cx.globals.dry_run || !cx.store_exists() {
        let tally = totals_plan(&cx.store_reading()?, &ask, now)?;
        refuse(cx, &ask, &tally)?;
        let verdict =
            format!("would record {}; nothing was written; apply it: {}", words(&tally), cx.line_applying());
        return Ok(report(&tally).verdict(verdict));
    }
    let store = cx.store()?;
    let plan = totals_plan(&store, &ask, now)?;
    refuse(cx, &ask, &plan)?;
    let mut done = totals_apply(&store, &ask, now, &plan)?;
    done.amount = plan.amount;
    let mut report = report(&done);
    report.wrote = Some(done.raised.0 + done.lowered.0);
    let left = (done.refused_rows > 0).then_some(Kind::Refused);
    Ok(report.verdict(format!("recorded {}", words(&done))).outcome(left))
}

/// The file, or what standard input says: kept beside the store, for it is read twice.
fn rows(cx: &Cx, args: &ImportArgs) -> Result<Rows, Error> {
    if args.file.as_os_str() != "-" {
        return Ok(Rows::Path(args.file.clone()));
    }
    // Where there is no store it is not made for this, nor is its folder.
    if cx.globals.dry_run || !cx.store_exists() {
        cx.store_reading()?;
    }
    Rows::of_stdin(cx.store_path().parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}

/// Lower totals that nobody allowed end it before a row is written; what is billed is left, and said.
fn refuse(cx: &Cx, ask: &Ask, tally: &Tally) -> Result<(), Error> {
    if tally.refused_rows == 0 {
        return Ok(());
    }
    if ask.allow_lower {
        tally.refused.iter().for_each(|line| cx.ui.note(line));
        return Ok(());
    }
    let rows = several(
        tally.refused_rows,
        "total is lower than what is recorded",
        "totals are lower than what is recorded",
    );
    Err(Error::new(Kind::Refused, "lower_totals", rows)
        .details(tally.refused.clone())
        .hint("nothing was written; if the file is right, --allow-lower takes the difference back"))
}

fn words(tally: &Tally) -> String {
    let (raised, lowered) = (tally.raised, tally.lowered);
    let mut text =
        format!("{} in {}", several(raised.1, "unit more", "units more"), several(raised.0, "hour", "hours"));
    if lowered.0 > 0 {
        let hours = several(lowered.0, "hour", "hours");
        text = format!("{text}, {} fewer in {hours}", lowered.1);
    }
    if tally.refused_rows > 0 {
        text = format!("{text}, {} refused", tally.refused_rows);
    }
    text
}

fn report(tally: &Tally) -> Report {
    Report::new("usage_totals", &[])
        .fact("rows", Cell::Count(tally.rows))
        .fact("unchanged", Cell::Count(tally.same))
        .fact("raised", Cell::Count(tally.raised.0))
        .fact("units_more", Cell::Count(tally.raised.1))
        .fact("lowered", Cell::Count(tally.lowered.0))
        .fact("units_fewer", Cell::Count(tally.lowered.1))
        .fact("amount", Cell::maybe_money(tally.amount))
}
