//! The catalogs that ship with paygrade: five systems in one format each.

/// One template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// What `init --template` takes.
    pub name: &'static str,
    /// What it shows, in a sentence.
    pub about: &'static str,
    /// The catalog's text.
    pub text: &'static str,
}

/// All templates.
pub const TEMPLATES: &[Template] = &[
    Template {
        name: "overage",
        about: "Tiers with included usage of three kinds, billed by the unit beyond it",
        text: include_str!("../../examples/catalogs/overage.toml"),
    },
    Template {
        name: "payg-hybrid",
        about: "Pay as you go beside unlimited flat, per-seat and custom tiers, with trials",
        text: include_str!("../../examples/catalogs/payg-hybrid.toml"),
    },
    Template {
        name: "gateway",
        about: "Monthly and yearly subscriptions with credits that reset, request limits and a trial",
        text: include_str!("../../examples/catalogs/gateway.toml"),
    },
    Template {
        name: "credits",
        about: "Credits: monthly allocations, packs, actions that cost credits, a graduated metered price",
        text: include_str!("../../examples/catalogs/credits.toml"),
    },
    Template {
        name: "seats",
        about: "Seats plus a metered quota, limits on members and retention, single sign-on",
        text: include_str!("../../examples/catalogs/seats.toml"),
    },
];

/// The template that `init` writes when none is named.
pub const TEMPLATE_DEFAULT: &str = "payg-hybrid";

/// The template of a name.
pub fn template(name: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.name == name)
}
