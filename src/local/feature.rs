//! Entitlement features, and features attached to products (Stripe: docs /api/entitlements/feature).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Call;
use super::error::ApiError;
use super::form::{Metadata, Params};
use super::list;
use super::model::{Model, Row};

/// One feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// `feat_test_…`
    pub id: String,
    /// Unique, at most 80 characters, never changes.
    pub lookup_key: String,
    /// Text for the operator.
    pub name: String,
    /// False for ever once archived.
    pub active: bool,
    /// The caller's pairs.
    pub metadata: Metadata,
}

/// A feature that a product grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductFeature {
    /// `prodft_test_…`
    pub id: String,
    /// The product.
    pub product: String,
    /// The feature.
    pub feature: String,
}

impl Row for Feature {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Row for ProductFeature {
    fn id(&self) -> &str {
        &self.id
    }
}

/// A feature as Stripe sends it.
pub fn render(feature: &Feature) -> Value {
    json!({
        "id": feature.id,
        "object": "entitlements.feature",
        "active": feature.active,
        "livemode": false,
        "lookup_key": feature.lookup_key,
        "metadata": feature.metadata,
        "name": feature.name,
    })
}

/// An attachment as Stripe sends it, with the whole feature inside.
pub fn render_attached(model: &Model, attached: &ProductFeature) -> Value {
    json!({
        "id": attached.id,
        "object": "product_feature",
        "entitlement_feature": model.features.get(&attached.feature).map(render),
        "livemode": false,
    })
}

/// `POST /v1/entitlements/features`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let lookup_key = p.required_max("lookup_key", 80)?;
    let name = p.required_max("name", 80)?;
    let metadata = p.metadata()?.merged(&Metadata::new())?;
    p.finish()?;
    if call.model.features.iter().any(|feature| feature.lookup_key == lookup_key) {
        let text = format!("A feature with lookup key `{lookup_key}` already exists.");
        return Err(ApiError::invalid(text).param("lookup_key"));
    }
    let id = call.model.mint("feat_test_61", 30);
    let feature = Feature { id, lookup_key, name, active: true, metadata };
    let shown = render(&feature);
    call.model.features.insert(feature);
    Ok(shown)
}

fn found<'a>(call: &'a Call, id: &str) -> Result<&'a Feature, ApiError> {
    call.model.features.get(id).ok_or_else(|| ApiError::not_found("feature", id, "id"))
}

/// `GET /v1/entitlements/features/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call, id).map(render)
}

/// `POST /v1/entitlements/features/:id`
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut feature = found(call, id)?.clone();
    let name = p.string("name")?;
    let active = p.bool("active")?;
    feature.metadata = p.metadata()?.merged(&feature.metadata)?;
    p.finish()?;
    if active == Some(true) && !feature.active {
        return Err(ApiError::invalid("An archived feature cannot be made active again.").param("active"));
    }
    feature.name = name.unwrap_or(feature.name);
    feature.active = active.unwrap_or(feature.active);
    let shown = render(&feature);
    call.model.features.insert(feature);
    Ok(shown)
}

/// `GET /v1/entitlements/features`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let key = p.string("lookup_key")?;
    let archived = p.bool("archived")?;
    p.finish()?;
    let wanted = |feature: &Feature| {
        key.as_ref().is_none_or(|key| feature.lookup_key == *key)
            && archived.is_none_or(|archived| feature.active != archived)
    };
    list::table(&page, &call.model.features, "feature", "/v1/entitlements/features", wanted, render)
}

fn product(call: &Call, id: &str) -> Result<(), ApiError> {
    if call.model.products.contains(id) { Ok(()) } else { Err(ApiError::not_found("product", id, "id")) }
}

/// `POST /v1/products/:id/features`
pub fn attach(call: &mut Call, p: &mut Params, product_id: &str) -> Result<Value, ApiError> {
    let feature = p.required("entitlement_feature")?;
    p.finish()?;
    product(call, product_id)?;
    match call.model.features.get(&feature) {
        None => return Err(ApiError::no_such("feature", &feature, "entitlement_feature")),
        Some(found) if !found.active => {
            return Err(
                ApiError::invalid("An archived feature cannot be attached.").param("entitlement_feature")
            );
        }
        Some(_) => {}
    }
    let same = |attached: &ProductFeature| attached.product == product_id && attached.feature == feature;
    if call.model.product_features.iter().any(same) {
        let text = format!("The feature `{feature}` is already attached to this product.");
        return Err(ApiError::invalid(text).param("entitlement_feature"));
    }
    let id = call.model.mint("prodft_test_61", 28);
    let attached = ProductFeature { id, product: product_id.to_owned(), feature };
    let shown = render_attached(call.model, &attached);
    call.model.product_features.insert(attached);
    Ok(shown)
}

/// `GET /v1/products/:id/features/:id`
pub fn retrieve_attached(
    call: &mut Call,
    p: &mut Params,
    product_id: &str,
    id: &str,
) -> Result<Value, ApiError> {
    p.finish()?;
    product(call, product_id)?;
    attached(call, product_id, id).map(|attached| render_attached(call.model, attached))
}

fn attached<'a>(call: &'a Call, product_id: &str, id: &str) -> Result<&'a ProductFeature, ApiError> {
    let found = call.model.product_features.get(id).filter(|attached| attached.product == product_id);
    found.ok_or_else(|| ApiError::not_found("product feature", id, "id"))
}

/// `GET /v1/products/:id/features`
pub fn list_attached(call: &mut Call, p: &mut Params, product_id: &str) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    p.finish()?;
    product(call, product_id)?;
    let url = format!("/v1/products/{product_id}/features");
    let model = &*call.model;
    let wanted = |attached: &ProductFeature| attached.product == product_id;
    let render = |attached: &ProductFeature| render_attached(model, attached);
    list::table(&page, &model.product_features, "product feature", &url, wanted, render)
}

/// `DELETE /v1/products/:id/features/:id`
pub fn detach(call: &mut Call, p: &mut Params, product_id: &str, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    product(call, product_id)?;
    attached(call, product_id, id)?;
    call.model.product_features.remove(id);
    Ok(json!({ "id": id, "object": "product_feature", "deleted": true }))
}

/// An entitlement: a feature of what a customer's subscriptions contain.
fn render_active(customer: &str, feature: &Feature) -> Value {
    let tail = |id: &str| id.rsplit('_').next().unwrap_or_default().to_owned();
    json!({
        "id": format!("ent_test_{}{}", tail(customer), tail(&feature.id)),
        "object": "entitlements.active_entitlement",
        "feature": feature.id,
        "livemode": false,
        "lookup_key": feature.lookup_key,
    })
}

/// `GET /v1/entitlements/active_entitlements`: what the products of a customer's live subscriptions grant.
pub fn list_active(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let customer = p.required("customer")?;
    p.finish()?;
    let model = &*call.model;
    if !super::usage::customer_known(model, &customer) {
        return Err(ApiError::no_such("customer", &customer, "customer"));
    }
    let live = model.biller.subscriptions.iter().filter(|it| it.customer == customer && it.status.grants());
    let prices = live.flat_map(|it| &it.items).filter_map(|item| model.prices.get(&item.price));
    let products: BTreeSet<&str> = prices.map(|price| price.product.as_str()).collect();
    let granted: BTreeSet<&str> = model
        .product_features
        .iter()
        .filter(|it| products.contains(it.product.as_str()))
        .map(|it| it.feature.as_str())
        .collect();
    let rows = model.features.iter().rev().filter(|it| granted.contains(it.id.as_str()));
    let rows: Vec<(String, Value)> = rows
        .map(|it| render_active(&customer, it))
        .map(|it| (it["id"].as_str().unwrap_or_default().to_owned(), it))
        .collect();
    let url = "/v1/entitlements/active_entitlements";
    page.cut(&rows, |row| &row.0, "active entitlement", url, |row| row.1.clone())
}
