//! The account that a key belongs to.

use stripe_client_core::{RequestBuilder, StripeMethod};

use super::Api;
use super::answer::Answer;
use super::key::Mode;

/// The account, as far as we need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `acct_…`.
    pub id: String,
    /// Test or live. The account object has no such field: it is the key's.
    pub mode: Mode,
    /// Name for people, where the account has one.
    pub name: Option<String>,
    /// Two-letter country.
    pub country: Option<String>,
    /// Currency of the account, in lower case.
    pub default_currency: Option<String>,
}

#[derive(serde::Deserialize)]
struct Raw {
    id: String,
    country: Option<String>,
    default_currency: Option<String>,
    #[serde(default)]
    business_profile: Option<Profile>,
    #[serde(default)]
    settings: Option<Settings>,
}

#[derive(serde::Deserialize)]
struct Profile {
    name: Option<String>,
}

#[derive(serde::Deserialize)]
struct Settings {
    dashboard: Option<Dashboard>,
}

#[derive(serde::Deserialize)]
struct Dashboard {
    display_name: Option<String>,
}

impl Api {
    /// The account of the key (`GET /v1/account`).
    pub async fn account(&self) -> Answer<Account> {
        let raw: super::Yes<Raw> = self.read_raw("/account").await?;
        raw.try_map(|raw| {
            if !raw.id.starts_with("acct_") {
                return Err("the account's id is no acct_…".to_owned());
            }
            let profile = raw.business_profile.and_then(|profile| profile.name);
            let shown = raw.settings.and_then(|settings| settings.dashboard?.display_name);
            Ok(Account {
                id: raw.id,
                mode: self.mode(),
                name: shown.or(profile).filter(|name| !name.is_empty()),
                country: raw.country,
                default_currency: raw.default_currency,
            })
        })
    }

    /// Sends one request as given and hands back its JSON: for what no method covers, such as planting a difference
    /// in a test. The path has no `/v1`; the form is already encoded.
    pub async fn raw_post(&self, path: &str, form: &str, key: &str) -> Answer<serde_json::Value> {
        let mut request = RequestBuilder::new(StripeMethod::Post, path);
        request.body = Some(form.to_owned());
        self.send_raw(request, Some(key)).await
    }
}
