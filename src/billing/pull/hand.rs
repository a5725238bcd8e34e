//! Products that somebody made by hand: taken for tiers and packs, with the marks that make them ours.

use super::{Made, Mark, Pull};
use crate::billing::found::{ChargedFound, PriceFound, ProductFound, ShapeFound};
use crate::billing::id::{PackKey, TierKey};
use crate::billing::price::PriceShape;
use crate::billing::wanted::{MARK_KEY, PRODUCT_MARK, Sold};

/// Ranks of hand-made tiers come in steps, so that there is room between them.
const RANK_STEP: i64 = 10;
/// Longest key of a tier or pack that is made of a name.
const KEY_LENGTH_MAX: usize = 32;

impl<'a> Pull<'a> {
    /// A product without anybody's mark.
    pub(super) fn by_hand(&mut self, product: &ProductFound, adopt: bool) {
        let prices = self.usable_prices(product);
        let shown = format!("{} ({})", product.id, product.name);
        if prices.is_empty() {
            self.note("", format!("{shown} is not ours and has no price that a catalog can say"));
            return;
        }
        if !adopt {
            self.note("", format!("{shown} is not ours: `paygrade catalog pull --adopt` takes it in"));
            return;
        }
        let recurs = prices.iter().any(|(key, _)| key != "once");
        let sold = match recurs {
            true => self.free_tier_key(&product.name).map(Sold::Tier),
            false => self.free_pack_key(&product.name).map(Sold::Pack),
        };
        let Some(sold) = sold else {
            self.note("", format!("{shown} has a name that makes no key"));
            return;
        };
        let mut kept = super::Prices::new();
        for (key, price) in prices {
            if recurs == (key == "once") || kept.contains_key(&key) {
                self.note(
                    &place(&sold),
                    format!("{} ({key}) is left alone: one of its kind is taken", price.id),
                );
                continue;
            }
            kept.insert(key, price);
        }
        let namespace = self.out.catalog.namespace.clone();
        let mut mark = |of, id: &str, key: &str| {
            self.out.marks.push(Mark { of, id: id.to_owned(), mark: sold.mark(&namespace, key) });
        };
        mark(Made::Product, &product.id, PRODUCT_MARK);
        kept.iter().for_each(|(key, price)| mark(Made::Price, &price.id, key));
        self.note(&place(&sold), format!("made by hand: {shown}"));
        match &sold {
            Sold::Pack(pack) => self.pack(product, pack, &kept),
            Sold::Tier(tier) => {
                let highest = self.out.catalog.tiers.values().map(|it| it.rank).max();
                self.tier(product, tier, &kept);
                if let Some(tier) = self.out.catalog.tiers.get_mut(tier) {
                    tier.rank = highest.map_or(0, |rank| rank + RANK_STEP);
                }
            }
        }
    }

    /// Its prices that a catalog can say, the oldest first, with the keys that they would have.
    fn usable_prices(&self, product: &ProductFound) -> Vec<(String, &'a PriceFound)> {
        let own = self.snapshot.prices.iter().filter(|it| it.active && it.product == product.id);
        let own = own.filter(|it| it.content.currency == self.out.catalog.currency.code());
        let own = own.filter(|it| !it.metadata.contains_key(MARK_KEY));
        let mut prices: Vec<_> = own.filter_map(|price| Some((self.key_of(price)?, price))).collect();
        prices.sort_by_key(|(_, price)| (price.created, price.id.clone()));
        prices
    }

    fn key_of(&self, price: &PriceFound) -> Option<String> {
        let ShapeFound::Known(shape) = &price.content.shape else { return None };
        let is_amount = matches!(shape, PriceShape::PerUnit(price) if price.whole_minor().is_some());
        match &price.content.charged {
            ChargedFound::Once => is_amount.then(|| "once".to_owned()),
            ChargedFound::InAdvance { interval, count: 1 } => {
                (is_amount && matches!(interval.as_str(), "month" | "year")).then(|| interval.clone())
            }
            ChargedFound::Metered { interval, count: 1, meter } if interval == "month" => {
                let meter = self.snapshot.meters.iter().find(|it| it.id == *meter)?;
                Some(format!("usage.{}", slug(&meter.event_name)?))
            }
            _ => None,
        }
    }

    fn free_tier_key(&self, name: &str) -> Option<TierKey> {
        let taken = |key: &TierKey| self.out.catalog.tiers.contains_key(key);
        numbered(name).filter_map(|key| TierKey::parse(&key).ok()).find(|key| !taken(key))
    }

    fn free_pack_key(&self, name: &str) -> Option<PackKey> {
        let taken = |key: &PackKey| self.out.catalog.packs.contains_key(key);
        numbered(name).filter_map(|key| PackKey::parse(&key).ok()).find(|key| !taken(key))
    }
}

fn place(sold: &Sold) -> String {
    match sold {
        Sold::Tier(tier) => format!("tiers.{tier}"),
        Sold::Pack(pack) => format!("packs.{pack}"),
    }
}

/// A name as a key: `Pro Plan (2024)` is `pro_plan_2024`. `None` where no letter is left to begin with.
fn slug(name: &str) -> Option<String> {
    let mut key = String::new();
    for c in name.chars().map(|c| c.to_ascii_lowercase()) {
        match c {
            'a'..='z' => key.push(c),
            '0'..='9' if !key.is_empty() => key.push(c),
            _ if !key.is_empty() && !key.ends_with('_') => key.push('_'),
            _ => {}
        }
    }
    key.truncate(KEY_LENGTH_MAX);
    let key = key.trim_end_matches('_').to_owned();
    (!key.is_empty()).then_some(key)
}

/// A name's key, then the same with 2, 3, … after it.
fn numbered(name: &str) -> impl Iterator<Item = String> {
    let slug = slug(name);
    let first = slug.clone();
    let more = (2..1_000).map_while(move |number| slug.as_ref().map(|slug| format!("{slug}_{number}")));
    first.into_iter().chain(more)
}
