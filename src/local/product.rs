//! Products (Stripe: docs /api/products).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Call;
use super::error::ApiError;
use super::form::{Change, Metadata, Params};
use super::list;
use super::model::Row;
use super::price;

/// One product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Chosen by the caller, or `prod_…`.
    pub id: String,
    /// Unix seconds.
    pub created: i64,
    /// Unix seconds of the last change.
    pub updated: i64,
    /// Can be sold.
    pub active: bool,
    /// Shown to customers.
    pub name: String,
    /// Longer text.
    pub description: Option<String>,
    /// Id of the default price.
    pub default_price: Option<String>,
    /// URLs.
    pub images: Vec<String>,
    /// Names of features on the price table.
    pub marketing_features: Vec<String>,
    /// The caller's pairs.
    pub metadata: Metadata,
    /// Goods that are shipped.
    pub shippable: Option<bool>,
    /// On card statements.
    pub statement_descriptor: Option<String>,
    /// `txcd_…`
    pub tax_code: Option<String>,
    /// What one unit is called.
    pub unit_label: Option<String>,
    /// Page of the product.
    pub url: Option<String>,
}

impl Row for Product {
    fn id(&self) -> &str {
        &self.id
    }
}

/// A product as Stripe sends it.
pub fn render(product: &Product) -> Value {
    let features: Vec<Value> =
        product.marketing_features.iter().map(|name| json!({ "name": name })).collect();
    json!({
        "id": product.id,
        "object": "product",
        "active": product.active,
        "created": product.created,
        "default_price": product.default_price,
        "description": product.description,
        "images": product.images,
        "livemode": false,
        "marketing_features": features,
        "metadata": product.metadata,
        "name": product.name,
        "package_dimensions": null,
        "shippable": product.shippable,
        "statement_descriptor": product.statement_descriptor,
        "tax_code": product.tax_code,
        "tax_details": null,
        "type": "service",
        "unit_label": product.unit_label,
        "updated": product.updated,
        "url": product.url,
    })
}

/// Fields that can be given at creation and changed later.
struct Fields {
    active: Option<bool>,
    description: Change<String>,
    images: Option<Vec<String>>,
    marketing_features: Option<Vec<String>>,
    shippable: Option<bool>,
    statement_descriptor: Change<String>,
    tax_code: Change<String>,
    unit_label: Change<String>,
    url: Change<String>,
}

impl Fields {
    fn read(p: &mut Params) -> Result<Fields, ApiError> {
        let fields = Fields {
            active: p.bool("active")?,
            description: p.text("description", 40_000)?,
            images: p.strings("images")?,
            marketing_features: p.list("marketing_features", |item| item.required_max("name", 80))?,
            shippable: p.bool("shippable")?,
            statement_descriptor: p.text("statement_descriptor", 22)?,
            tax_code: p.text("tax_code", 5_000)?,
            unit_label: p.text("unit_label", 12)?,
            url: p.text("url", 5_000)?,
        };
        let too_many =
            |list: &Option<Vec<String>>, most: usize| list.as_ref().is_some_and(|list| list.len() > most);
        if too_many(&fields.images, 8) {
            return Err(ApiError::invalid("Invalid array: images may hold at most 8 items.").param("images"));
        }
        if too_many(&fields.marketing_features, 15) {
            return Err(ApiError::invalid("Invalid array: marketing_features may hold at most 15 items.")
                .param("marketing_features"));
        }
        Ok(fields)
    }

    fn apply(self, product: &mut Product) {
        product.active = self.active.unwrap_or(product.active);
        self.description.apply(&mut product.description);
        product.images = self.images.unwrap_or_else(|| std::mem::take(&mut product.images));
        product.marketing_features =
            self.marketing_features.unwrap_or_else(|| std::mem::take(&mut product.marketing_features));
        product.shippable = self.shippable.or(product.shippable);
        self.statement_descriptor.apply(&mut product.statement_descriptor);
        self.tax_code.apply(&mut product.tax_code);
        self.unit_label.apply(&mut product.unit_label);
        self.url.apply(&mut product.url);
    }
}

/// A product with nothing but a name.
pub fn blank(id: String, name: String, now: i64) -> Product {
    Product {
        id,
        created: now,
        updated: now,
        active: true,
        name,
        description: None,
        default_price: None,
        images: Vec::new(),
        marketing_features: Vec::new(),
        metadata: Metadata::new(),
        shippable: None,
        statement_descriptor: None,
        tax_code: None,
        unit_label: None,
        url: None,
    }
}

/// `POST /v1/products`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let name = p.required_max("name", 5_000)?;
    let id = p.string("id")?;
    let kind = p.one_of("type", &["service", "good"])?;
    let fields = Fields::read(p)?;
    let metadata = p.metadata()?.merged(&Metadata::new())?;
    let default_price = p.group("default_price_data", default_price)?;
    p.finish()?;
    if kind == Some("good") {
        return Err(ApiError::invalid("Products of type `good` are not supported.").param("type"));
    }
    if let Some(price) = &default_price {
        price.terms.check(call.model)?;
    }
    if let Some(id) = &id {
        check_id(id)?;
        if call.model.products.contains(id) {
            return Err(ApiError::invalid("Product already exists.")
                .code("resource_already_exists")
                .param("id"));
        }
    }
    let id = id.unwrap_or_else(|| call.model.mint("prod_", 14));
    let mut product = Product { metadata, ..blank(id.clone(), name, call.now) };
    fields.apply(&mut product);
    let shown = render(&product);
    call.model.products.insert(product);
    call.emit("product.created", &shown);
    let Some(price) = default_price else { return Ok(shown) };
    let made = price::insert(call, price::Price { product: id.clone(), created: call.now, ..price });
    let Some(product) = call.model.products.get_mut(&id) else { return Ok(shown) };
    product.default_price = made["id"].as_str().map(str::to_owned);
    Ok(render(product))
}

/// The price made together with a product.
fn default_price(p: &mut Params) -> Result<price::Price, ApiError> {
    Ok(price::Price {
        id: String::new(),
        created: 0,
        active: true,
        product: String::new(),
        terms: price::Terms::read(p)?,
        lookup_key: None,
        nickname: None,
        metadata: p.metadata()?.merged(&Metadata::new())?,
        tax_behavior: p
            .one_of("tax_behavior", &["exclusive", "inclusive", "unspecified"])?
            .unwrap_or("unspecified")
            .to_owned(),
        inline: false,
    })
}

fn check_id(id: &str) -> Result<(), ApiError> {
    let good = id.len() <= 5_000 && !id.bytes().any(|byte| byte.is_ascii_whitespace() || byte == b'/');
    if good { Ok(()) } else { Err(ApiError::invalid(format!("Invalid product id: '{id}'")).param("id")) }
}

/// The product, or 404.
fn found<'a>(call: &'a Call, id: &str) -> Result<&'a Product, ApiError> {
    call.model.products.get(id).ok_or_else(|| ApiError::not_found("product", id, "id"))
}

/// `GET /v1/products/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call, id).map(render)
}

/// `POST /v1/products/:id`
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut product = found(call, id)?.clone();
    let before = render(&product);
    let name = p.string("name")?;
    let fields = Fields::read(p)?;
    product.metadata = p.metadata()?.merged(&product.metadata)?;
    let default_price = p.text("default_price", 5_000)?;
    p.finish()?;
    if let Change::Set(price) = &default_price {
        match call.model.prices.get(price) {
            Some(found) if found.product == id && found.active => {}
            Some(found) if found.product == id => {
                return Err(ApiError::invalid(format!(
                    "The price `{price}` is inactive and cannot be a default price."
                ))
                .param("default_price"));
            }
            _ => return Err(ApiError::no_such("price", price, "default_price")),
        }
    }
    default_price.apply(&mut product.default_price);
    product.name = name.unwrap_or(product.name);
    fields.apply(&mut product);
    let after = render(&product);
    if call.emit_update("product.updated", &before, &after) {
        product.updated = call.now;
    }
    let shown = render(&product);
    call.model.products.insert(product);
    Ok(shown)
}

/// `GET /v1/products`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let active = p.bool("active")?;
    let shippable = p.bool("shippable")?;
    let url = p.string("url")?;
    let created = list::range(p, "created")?;
    let ids = p.strings("ids")?;
    p.finish()?;
    let wanted = |product: &Product| {
        active.is_none_or(|active| product.active == active)
            && shippable.is_none_or(|shippable| product.shippable == Some(shippable))
            && url.as_ref().is_none_or(|url| product.url.as_ref() == Some(url))
            && created.holds(product.created)
            && ids.as_ref().is_none_or(|ids| ids.contains(&product.id))
    };
    list::table(&page, &call.model.products, "product", "/v1/products", wanted, render)
}

/// `DELETE /v1/products/:id`
pub fn delete(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let shown = render(found(call, id)?);
    if call.model.prices.iter().any(|price| price.product == id) {
        return Err(ApiError::invalid(
            "This product cannot be deleted because it has one or more user-created prices.",
        ));
    }
    call.model.products.remove(id);
    let attached: Vec<String> =
        call.model.product_features.iter().filter(|f| f.product == id).map(|f| f.id.clone()).collect();
    for feature in &attached {
        call.model.product_features.remove(feature);
    }
    call.emit("product.deleted", &shown);
    Ok(json!({ "id": id, "object": "product", "deleted": true }))
}
