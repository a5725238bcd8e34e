//! What a price costs: amounts, bands, packages, intervals.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::decimal::Decimal;
use super::super::error::ApiError;
use super::super::form::Params;
use super::super::model::Model;

/// Intervals of recurring prices.
pub const INTERVALS: &[&str] = &["day", "week", "month", "year"];
/// Who counts the units.
pub const USAGE_TYPES: &[&str] = &["licensed", "metered"];
/// Largest amount of one unit, in minor units.
const MAX_AMOUNT: i64 = 999_999_999_999;
/// Currencies that Stripe charges in (Stripe: docs /currencies).
const CURRENCIES: &str = "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn \
    bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl \
    hrk htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk \
    mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar \
    sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd \
    xof xpf yer zar zmw";

/// All of it. Amounts are in minor units, with up to twelve decimal places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Lower case.
    pub currency: String,
    /// How units become money.
    pub scheme: Scheme,
    /// None for a one-time price.
    pub recurring: Option<Recurring>,
    /// Units are counted in packages.
    pub transform: Option<Transform>,
}

/// How units become money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scheme {
    /// Each unit costs this.
    PerUnit(Decimal),
    /// What a unit costs depends on how many there are.
    Tiered {
        /// Which way.
        mode: Mode,
        /// Rising; the last has no upper end.
        tiers: Vec<Tier>,
    },
}

/// How bands apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Each unit is priced in its own band.
    Graduated,
    /// All units are priced in the band that the last one reaches.
    Volume,
}

impl Mode {
    /// Stripe's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Graduated => "graduated",
            Mode::Volume => "volume",
        }
    }
}

/// One band.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// Last unit inside; none for the last band.
    pub up_to: Option<i64>,
    /// Price of a unit.
    pub unit: Option<Decimal>,
    /// Price of reaching the band.
    pub flat: Option<Decimal>,
}

impl Tier {
    /// As Stripe sends it.
    pub fn render(&self) -> Value {
        json!({
            "flat_amount": self.flat.and_then(Decimal::as_whole),
            "flat_amount_decimal": self.flat.map(|amount| amount.to_string()),
            "unit_amount": self.unit.and_then(Decimal::as_whole),
            "unit_amount_decimal": self.unit.map(|amount| amount.to_string()),
            "up_to": self.up_to,
        })
    }
}

/// How often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurring {
    /// `day`, `week`, `month` or `year`.
    pub interval: String,
    /// How many of them make one period.
    pub interval_count: i64,
    /// Counted by a meter instead of given as a quantity.
    pub metered: bool,
    /// The meter.
    pub meter: Option<String>,
    /// Kept, but not applied by itself (recorded of Stripe).
    pub trial_period_days: Option<i64>,
}

impl Recurring {
    /// As Stripe sends it.
    pub fn render(&self) -> Value {
        json!({
            "interval": self.interval,
            "interval_count": self.interval_count,
            "meter": self.meter,
            "trial_period_days": self.trial_period_days,
            "usage_type": if self.metered { "metered" } else { "licensed" },
        })
    }

    fn read(r: &mut Params) -> Result<Recurring, ApiError> {
        let interval =
            r.one_of("interval", INTERVALS)?.ok_or_else(|| ApiError::missing(&r.name("interval")))?;
        // At most three years (Stripe: docs /api/prices/create).
        let most = match interval {
            "day" => 1_095,
            "week" => 156,
            "month" => 36,
            _ => 3,
        };
        Ok(Recurring {
            interval: interval.to_owned(),
            interval_count: r.int_in("interval_count", 1, most)?.unwrap_or(1),
            metered: r.one_of("usage_type", USAGE_TYPES)? == Some("metered"),
            meter: r.string("meter")?,
            trial_period_days: r.int_in("trial_period_days", 0, 730)?,
        })
    }
}

/// Packages: the quantity is divided before it is priced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transform {
    /// Units in a package.
    pub divide_by: i64,
    /// A part of a package counts as a whole one; otherwise as none.
    pub round_up: bool,
}

impl Transform {
    /// As Stripe sends it.
    pub fn render(&self) -> Value {
        json!({ "divide_by": self.divide_by, "round": if self.round_up { "up" } else { "down" } })
    }
}

/// An amount given as whole minor units, or as a decimal; not as both.
fn amount(p: &mut Params, name: &str) -> Result<Option<Decimal>, ApiError> {
    let decimal_name = format!("{name}_decimal");
    if p.has(name) && p.has(&decimal_name) {
        return Err(ApiError::invalid(format!(
            "You may only specify one of these parameters: {name}, {decimal_name}."
        )));
    }
    if let Some(whole) = p.int_in(name, 0, MAX_AMOUNT)? {
        return Ok(Some(Decimal::whole(whole)));
    }
    let param = p.name(&decimal_name);
    match p.decimal(&decimal_name)? {
        Some(value) if value.is_negative() || value > Decimal::whole(MAX_AMOUNT) => {
            Err(ApiError::invalid(format!("Invalid {param}: must be between 0 and {MAX_AMOUNT}"))
                .param(param))
        }
        other => Ok(other),
    }
}

fn tiers(p: &mut Params) -> Result<Option<Vec<Tier>>, ApiError> {
    p.list("tiers", |tier| {
        let up_to = tier.required("up_to")?;
        let up_to = match up_to.as_str() {
            "inf" => None,
            text => Some(text.parse::<i64>().ok().filter(|n| *n > 0).ok_or_else(|| {
                ApiError::invalid(format!("Invalid integer: {text}"))
                    .code("parameter_invalid_integer")
                    .param(tier.name("up_to"))
            })?),
        };
        let (unit, flat) = (amount(tier, "unit_amount")?, amount(tier, "flat_amount")?);
        if unit.is_none() && flat.is_none() {
            return Err(ApiError::invalid("Each tier must have `unit_amount` or `flat_amount` set.")
                .param(tier.name("unit_amount")));
        }
        Ok(Tier { up_to, unit, flat })
    })
}

impl Terms {
    /// Reads and checks everything that does not depend on the model.
    pub fn read(p: &mut Params) -> Result<Terms, ApiError> {
        let currency = p.required("currency")?.to_ascii_lowercase();
        if !CURRENCIES.split(' ').any(|known| known == currency) {
            return Err(ApiError::invalid(format!(
                "Invalid currency: {currency}. Stripe currently supports these currencies: {}",
                CURRENCIES.replace(' ', ", ")
            ))
            .param(p.name("currency")));
        }
        let per_unit = amount(p, "unit_amount")?;
        let tiered = p.one_of("billing_scheme", &["per_unit", "tiered"])? == Some("tiered");
        let mode = p.one_of("tiers_mode", &["graduated", "volume"])?;
        let tiers = tiers(p)?;
        let recurring = p.group("recurring", Recurring::read)?;
        let transform = p.group("transform_quantity", |t| {
            let divide_by =
                t.int_in("divide_by", 1, i64::MAX)?.ok_or_else(|| ApiError::missing(&t.name("divide_by")))?;
            let round =
                t.one_of("round", &["up", "down"])?.ok_or_else(|| ApiError::missing(&t.name("round")))?;
            Ok(Transform { divide_by, round_up: round == "up" })
        })?;
        let scheme = match (tiered, tiers) {
            (true, tiers) => {
                if recurring.is_none() {
                    return Err(ApiError::invalid(
                        "Prices with `type=one_time` are not supported with tiered billing.",
                    ));
                }
                if per_unit.is_some() {
                    return Err(ApiError::invalid(
                        "`unit_amount` cannot be set when `billing_scheme=tiered`.",
                    )
                    .param("unit_amount"));
                }
                if transform.is_some() {
                    return Err(ApiError::invalid("`transform_quantity` cannot be combined with `tiers`.")
                        .param("transform_quantity"));
                }
                let mode = mode.ok_or_else(|| ApiError::missing("tiers_mode"))?;
                let tiers = tiers.filter(|t| !t.is_empty()).ok_or_else(|| ApiError::missing("tiers"))?;
                check_tiers(&tiers)?;
                let mode = if mode == "volume" { Mode::Volume } else { Mode::Graduated };
                Scheme::Tiered { mode, tiers }
            }
            (false, Some(_)) => {
                return Err(
                    ApiError::invalid("`tiers` can only be set when `billing_scheme=tiered`.").param("tiers")
                );
            }
            (false, None) if mode.is_some() => {
                return Err(ApiError::invalid("`tiers_mode` can only be set when `billing_scheme=tiered`.")
                    .param("tiers_mode"));
            }
            (false, None) => Scheme::PerUnit(per_unit.ok_or_else(|| {
                ApiError::invalid(
                    "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.",
                )
            })?),
        };
        Ok(Terms { currency, scheme, recurring, transform })
    }

    /// Checks what depends on the model: the meter.
    pub fn check(&self, model: &Model) -> Result<(), ApiError> {
        let Some(recurring) = &self.recurring else { return Ok(()) };
        match (recurring.metered, &recurring.meter) {
            (true, None) => Err(ApiError::invalid(
                "Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters.",
            )),
            (false, Some(_)) => Err(ApiError::invalid(
                "`recurring[meter]` can only be set when `recurring[usage_type]=metered`.",
            )
            .param("recurring[meter]")),
            (false, None) => Ok(()),
            (true, Some(id)) => match model.meters.get(id) {
                None => Err(ApiError::no_such("meter", id, "recurring[meter]")),
                Some(meter) if !meter.is_active() => Err(ApiError::invalid(format!(
                    "The meter `{id}` is inactive and cannot back a new price."
                ))
                .param("recurring[meter]")),
                Some(_) => Ok(()),
            },
        }
    }
}

/// Bands rise, and only the last one is open.
fn check_tiers(tiers: &[Tier]) -> Result<(), ApiError> {
    let bad = |text: &str| Err(ApiError::invalid(text).param("tiers"));
    let mut below = 0;
    for (index, tier) in tiers.iter().enumerate() {
        match (tier.up_to, index + 1 == tiers.len()) {
            (None, false) => return bad("Only the last tier can have `up_to` set to `inf`."),
            (Some(_), true) => return bad("The last tier must have `up_to` set to `inf`."),
            (Some(up_to), false) if up_to <= below => return bad("Tiers must be ordered by rising `up_to`."),
            (Some(up_to), false) => below = up_to,
            (None, true) => {}
        }
    }
    Ok(())
}
