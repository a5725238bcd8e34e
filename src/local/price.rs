//! Prices (Stripe: docs /api/prices). What a price costs never changes; only its labels do.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Call;
use super::decimal::Decimal;
use super::error::ApiError;
use super::form::{Metadata, Params};
use super::list;
use super::model::{Model, Row};
use super::product;

mod terms;

pub use terms::{Mode, Recurring, Scheme, Terms, Tier, Transform};

/// Most lookup keys in one list call (Stripe: docs /api/prices/list).
const MAX_LOOKUP_KEYS: usize = 10;

/// One price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// `price_…`
    pub id: String,
    /// Unix seconds.
    pub created: i64,
    /// Can be used for new purchases.
    pub active: bool,
    /// What it sells.
    pub product: String,
    /// What it costs.
    pub terms: Terms,
    /// The caller's name for it, unique in the account.
    pub lookup_key: Option<String>,
    /// Text for the operator.
    pub nickname: Option<String>,
    /// The caller's pairs.
    pub metadata: Metadata,
    /// `unspecified`, `inclusive` or `exclusive`.
    pub tax_behavior: String,
    /// Made from `price_data` inside another request; such prices are not listed.
    pub inline: bool,
}

impl Row for Price {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Price {
    /// Recurring and counted by a meter.
    pub fn meter(&self) -> Option<&str> {
        self.terms.recurring.as_ref().and_then(|recurring| recurring.meter.as_deref())
    }
}

/// A price as Stripe sends it, without `tiers`.
pub fn render(price: &Price) -> Value {
    let terms = &price.terms;
    let (scheme, amount, mode) = match &terms.scheme {
        Scheme::PerUnit(amount) => ("per_unit", Some(*amount), None),
        Scheme::Tiered { mode, .. } => ("tiered", None, Some(mode.as_str())),
    };
    json!({
        "id": price.id,
        "object": "price",
        "active": price.active,
        "billing_scheme": scheme,
        "created": price.created,
        "currency": terms.currency,
        "custom_unit_amount": null,
        "livemode": false,
        "lookup_key": price.lookup_key,
        "metadata": price.metadata,
        "nickname": price.nickname,
        "product": price.product,
        "recurring": terms.recurring.as_ref().map(Recurring::render),
        "tax_behavior": price.tax_behavior,
        "tiers_mode": mode,
        "transform_quantity": terms.transform.as_ref().map(Transform::render),
        "type": if terms.recurring.is_some() { "recurring" } else { "one_time" },
        "unit_amount": amount.and_then(Decimal::as_whole),
        "unit_amount_decimal": amount.map(|amount| amount.to_string()),
    })
}

/// The bands of a tiered price, which come only when expanded.
pub fn render_tiers(price: &Price) -> Option<Value> {
    let Scheme::Tiered { tiers, .. } = &price.terms.scheme else { return None };
    Some(Value::Array(tiers.iter().map(Tier::render).collect()))
}

/// The amounts by currency, which come only when expanded; a price has one currency here.
pub fn render_currencies(price: &Price) -> Value {
    let shown = render(price);
    let mut options = json!({ "custom_unit_amount": null, "tax_behavior": price.tax_behavior });
    for name in ["unit_amount", "unit_amount_decimal"] {
        options[name] = shown[name].clone();
    }
    if let Some(tiers) = render_tiers(price) {
        options["tiers"] = tiers;
    }
    json!({ price.terms.currency.as_str(): options })
}

/// The product of a new price: one that exists, or one made with it.
enum Sold {
    Existing(String),
    New { id: Option<String>, product: Box<product::Product> },
}

fn sold(p: &mut Params, now: i64) -> Result<Sold, ApiError> {
    if p.has("product") && p.has("product_data") {
        return Err(ApiError::invalid(
            "You may only specify one of these parameters: product, product_data.",
        ));
    }
    if let Some(id) = p.string("product")? {
        return Ok(Sold::Existing(id));
    }
    let made = p.group("product_data", |data| {
        let mut product = product::blank(String::new(), data.required_max("name", 5_000)?, now);
        product.active = data.bool("active")?.unwrap_or(true);
        product.metadata = data.metadata()?.merged(&Metadata::new())?;
        product.statement_descriptor = data.text("statement_descriptor", 22)?.value();
        product.tax_code = data.text("tax_code", 5_000)?.value();
        product.unit_label = data.text("unit_label", 12)?.value();
        Ok(Sold::New { id: data.string("id")?, product: Box::new(product) })
    })?;
    made.ok_or_else(|| {
        ApiError::invalid("You must specify either `product` or `product_data` when creating a price.")
    })
}

/// `POST /v1/prices`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let sold = sold(p, call.now)?;
    let terms = Terms::read(p)?;
    let active = p.bool("active")?.unwrap_or(true);
    let lookup_key = p.text("lookup_key", 200)?.value();
    let transfer = p.bool("transfer_lookup_key")?.unwrap_or(false);
    let nickname = p.text("nickname", 5_000)?.value();
    let metadata = p.metadata()?.merged(&Metadata::new())?;
    let tax_behavior = p.one_of("tax_behavior", TAX_BEHAVIOR)?.unwrap_or("unspecified");
    p.finish()?;
    terms.check(call.model)?;
    match &sold {
        Sold::Existing(id) if !call.model.products.contains(id) => {
            return Err(ApiError::no_such("product", id, "product"));
        }
        Sold::New { id: Some(id), .. } if call.model.products.contains(id) => {
            return Err(ApiError::invalid("Product already exists.").code("resource_already_exists"));
        }
        _ => {}
    }
    let holder = free_key(call.model, lookup_key.as_deref(), transfer, None)?;
    release_key(call, holder);
    let product = match sold {
        Sold::Existing(id) => id,
        Sold::New { id, product } => {
            let id = id.unwrap_or_else(|| call.model.mint("prod_", 14));
            let product = product::Product { id: id.clone(), ..*product };
            let shown = product::render(&product);
            call.model.products.insert(product);
            call.emit("product.created", &shown);
            id
        }
    };
    let price = Price {
        id: String::new(),
        created: call.now,
        active,
        product,
        terms,
        lookup_key,
        nickname,
        metadata,
        tax_behavior: tax_behavior.to_owned(),
        inline: false,
    };
    Ok(insert(call, price))
}

/// Gives a price its id, stores and announces it.
pub fn insert(call: &mut Call, mut price: Price) -> Value {
    price.id = call.model.mint("price_1", 23);
    let shown = render(&price);
    call.model.prices.insert(price);
    call.emit("price.created", &shown);
    shown
}

const TAX_BEHAVIOR: &[&str] = &["exclusive", "inclusive", "unspecified"];

/// The price that must give up the key first; a refusal when it is not to be transferred. An inactive holder
/// counts too (recorded of Stripe).
fn free_key(
    model: &Model,
    key: Option<&str>,
    transfer: bool,
    own: Option<&str>,
) -> Result<Option<String>, ApiError> {
    let Some(key) = key else { return Ok(None) };
    let holder = model.prices.iter().find(|price| price.lookup_key.as_deref() == Some(key));
    match holder.map(|price| price.id.as_str()).filter(|id| Some(*id) != own) {
        None => Ok(None),
        Some(id) if transfer => Ok(Some(id.to_owned())),
        Some(id) => {
            Err(ApiError::invalid(format!("A price (`{id}`) already uses that lookup key."))
                .param("lookup_key"))
        }
    }
}

fn release_key(call: &mut Call, holder: Option<String>) {
    let Some(price) = holder.and_then(|id| call.model.prices.get_mut(&id)) else { return };
    let before = render(price);
    price.lookup_key = None;
    let after = render(price);
    call.emit_update("price.updated", &before, &after);
}

fn found<'a>(call: &'a Call, id: &str) -> Result<&'a Price, ApiError> {
    call.model.prices.get(id).ok_or_else(|| ApiError::not_found("price", id, "price"))
}

/// `GET /v1/prices/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call, id).map(render)
}

/// `POST /v1/prices/:id`
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut price = found(call, id)?.clone();
    let before = render(&price);
    let active = p.bool("active")?;
    p.text("nickname", 5_000)?.apply(&mut price.nickname);
    let key = p.text("lookup_key", 200)?;
    let transfer = p.bool("transfer_lookup_key")?.unwrap_or(false);
    price.metadata = p.metadata()?.merged(&price.metadata)?;
    let tax_behavior = p.one_of("tax_behavior", TAX_BEHAVIOR)?;
    p.finish()?;
    key.apply(&mut price.lookup_key);
    if let Some(wanted) = tax_behavior.filter(|wanted| *wanted != price.tax_behavior) {
        if price.tax_behavior != "unspecified" {
            return Err(ApiError::invalid(
                "The `tax_behavior` of a price cannot be changed once it has been set.",
            )
            .param("tax_behavior"));
        }
        price.tax_behavior = wanted.to_owned();
    }
    let default_of =
        call.model.products.get(&price.product).and_then(|product| product.default_price.as_deref());
    if active == Some(false) && price.active && default_of == Some(id) {
        return Err(ApiError::invalid(
            "This price cannot be archived because it is the default price of its product.",
        )
        .param("active"));
    }
    price.active = active.unwrap_or(price.active);
    let holder = free_key(call.model, price.lookup_key.as_deref(), transfer, Some(id))?;
    release_key(call, holder);
    let after = render(&price);
    call.model.prices.insert(price);
    call.emit_update("price.updated", &before, &after);
    Ok(after)
}

/// `GET /v1/prices`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let active = p.bool("active")?;
    let created = list::range(p, "created")?;
    let currency = p.string("currency")?;
    let keys = p.strings("lookup_keys")?;
    let product = p.string("product")?;
    let kind = p.one_of("type", &["one_time", "recurring"])?;
    let recurring = p.group("recurring", |r| {
        let interval = r.one_of("interval", terms::INTERVALS)?;
        Ok((interval, r.one_of("usage_type", terms::USAGE_TYPES)?, r.string("meter")?))
    })?;
    p.finish()?;
    if keys.as_ref().is_some_and(|keys| keys.len() > MAX_LOOKUP_KEYS) {
        let text = format!("You may pass at most {MAX_LOOKUP_KEYS} lookup keys.");
        return Err(ApiError::invalid(text).param("lookup_keys"));
    }
    if let Some(id) = product.as_deref().filter(|id| !call.model.products.contains(id)) {
        return Err(ApiError::no_such("product", id, "product"));
    }
    let (interval, usage_type, meter) = recurring.unwrap_or_default();
    let wanted = |price: &Price| {
        let terms = price.terms.recurring.as_ref();
        !price.inline
            && active.is_none_or(|active| price.active == active)
            && created.holds(price.created)
            && currency.as_ref().is_none_or(|currency| price.terms.currency == *currency)
            && keys
                .as_ref()
                .is_none_or(|keys| price.lookup_key.as_ref().is_some_and(|key| keys.contains(key)))
            && product.as_ref().is_none_or(|product| price.product == *product)
            && kind.is_none_or(|kind| (kind == "recurring") == terms.is_some())
            && interval.is_none_or(|interval| terms.is_some_and(|t| t.interval == interval))
            && usage_type.is_none_or(|usage| terms.is_some_and(|t| t.metered == (usage == "metered")))
            && meter.as_ref().is_none_or(|meter| price.meter() == Some(meter))
    };
    list::table(&page, &call.model.prices, "price", "/v1/prices", wanted, render)
}
