//! Billing meters and entitlement features as parts of the catalog.

use std::collections::{BTreeMap, HashMap};

use stripe_billing::billing_meter::{
    CreateBillingMeter, CreateBillingMeterCustomerMapping, CreateBillingMeterCustomerMappingType,
    CreateBillingMeterDefaultAggregation, CreateBillingMeterDefaultAggregationFormula,
    CreateBillingMeterValueSettings, ListBillingMeter, ReactivateBillingMeter, UpdateBillingMeter,
};
use stripe_billing::{BillingMeter, BillingMeterStatus};
use stripe_client_core::StripeRequest;
use stripe_misc::entitlements_feature::{
    CreateEntitlementsFeature, ListEntitlementsFeature, UpdateEntitlementsFeature,
};

use super::Api;
use super::answer::Answer;
use super::call::PAGE_SIZE;
use super::meter::{CUSTOMER_KEY, VALUE_KEY};
use crate::billing::found::{FeatureFound, MeterFound};

fn meter_found(meter: BillingMeter) -> MeterFound {
    MeterFound {
        id: meter.id.to_string(),
        event_name: meter.event_name,
        display_name: meter.display_name,
        active: meter.status == BillingMeterStatus::Active,
        formula: meter.default_aggregation.formula.to_string(),
        customer_key: meter.customer_mapping.event_payload_key,
        value_key: meter.value_settings.event_payload_key,
        event_time_window: meter.event_time_window.map(|window| window.to_string()),
    }
}

fn feature_found(feature: stripe_shared::EntitlementsFeature) -> FeatureFound {
    FeatureFound {
        id: feature.id.to_string(),
        lookup_key: feature.lookup_key,
        name: feature.name,
        active: feature.active,
        metadata: feature.metadata.into_iter().collect(),
    }
}

fn hashed(map: &BTreeMap<String, String>) -> HashMap<String, String> {
    map.clone().into_iter().collect()
}

impl Api {
    /// Makes a meter that sums the values of events with this name.
    pub async fn meter_create(&self, event_name: &str, display_name: &str, key: &str) -> Answer<MeterFound> {
        let formula = CreateBillingMeterDefaultAggregationFormula::Sum;
        let request = CreateBillingMeter::new(
            CreateBillingMeterDefaultAggregation::new(formula),
            display_name,
            event_name,
        )
        .customer_mapping(CreateBillingMeterCustomerMapping::new(
            CUSTOMER_KEY,
            CreateBillingMeterCustomerMappingType::ById,
        ))
        .value_settings(CreateBillingMeterValueSettings::new(VALUE_KEY));
        let made = self.write(&request, key).await?.map(meter_found);
        if made.value.event_name != event_name {
            let why = format!("asked for a meter of {event_name}, got one of {}", made.value.event_name);
            return Err(made.contradiction(why));
        }
        Ok(made)
    }
    /// Renames a meter: the only change that Stripe allows.
    pub async fn meter_update(&self, id: &str, display_name: &str, key: &str) -> Answer<MeterFound> {
        Ok(self.write(&UpdateBillingMeter::new(id).display_name(display_name), key).await?.map(meter_found))
    }
    /// Makes a deactivated meter take events again.
    pub async fn meter_reactivate(&self, id: &str, key: &str) -> Answer<MeterFound> {
        Ok(self.write(&ReactivateBillingMeter::new(id), key).await?.map(meter_found))
    }
    /// All meters of the account, active or not.
    pub async fn meter_list(&self) -> Answer<Vec<MeterFound>> {
        let request = ListBillingMeter::new().limit(PAGE_SIZE);
        let answer = self.list::<BillingMeter>(request.build()).await?;
        Ok(answer.map(|meters| meters.into_iter().map(meter_found).collect()))
    }

    /// Makes an entitlement feature.
    pub async fn feature_create(
        &self,
        lookup_key: &str,
        name: &str,
        metadata: &BTreeMap<String, String>,
        key: &str,
    ) -> Answer<FeatureFound> {
        let request = CreateEntitlementsFeature::new(lookup_key, name).metadata(hashed(metadata));
        Ok(self.write(&request, key).await?.map(feature_found))
    }
    /// Renames an entitlement feature and merges metadata into it.
    pub async fn feature_update(
        &self,
        id: &str,
        name: &str,
        metadata: &BTreeMap<String, String>,
        key: &str,
    ) -> Answer<FeatureFound> {
        let request = UpdateEntitlementsFeature::new(id).name(name).metadata(hashed(metadata));
        Ok(self.write(&request, key).await?.map(feature_found))
    }
    /// All entitlement features of the account, archived ones as Stripe gives them.
    pub async fn feature_list(&self) -> Answer<Vec<FeatureFound>> {
        let request = ListEntitlementsFeature::new().limit(PAGE_SIZE);
        let answer = self.list::<stripe_shared::EntitlementsFeature>(request.build()).await?;
        Ok(answer.map(|features| features.into_iter().map(feature_found).collect()))
    }
}
