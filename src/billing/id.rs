//! Typed names: parsed once at the door, trusted afterwards.

use std::fmt;

/// Why a text is not a legal name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a legal {what}: {rule}")]
pub struct BadName {
    /// The text as it was given, cut to a printable length.
    pub text: String,
    /// What kind of name was expected ("tier", "customer", …).
    pub what: &'static str,
    /// The rule that it breaks, for people.
    pub rule: &'static str,
}

/// Longest catalog key. Keys end up in Stripe lookup keys (200 characters at most) together with others.
pub const KEY_LENGTH_MAX: usize = 40;
/// Longest id of a customer, user or caller's usage event.
pub const OWN_ID_LENGTH_MAX: usize = 200;

fn bad(text: &str, what: &'static str, rule: &'static str) -> BadName {
    BadName { text: text.chars().take(60).flat_map(char::escape_debug).collect(), what, rule }
}

fn key_is_legal(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= KEY_LENGTH_MAX
        && bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-')
}

macro_rules! catalog_key {
    ($(#[$meta:meta])* $name:ident, $what:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Parses a key: a letter, then letters, digits, `_` or `-`, all lower case, 40 characters at most.
            pub fn parse(text: &str) -> Result<Self, BadName> {
                if key_is_legal(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(bad(text, $what, "use a-z, 0-9, _ and -, starting with a letter, 40 characters at most"))
                }
            }
            /// The key as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl std::str::FromStr for $name {
            type Err = BadName;
            fn from_str(text: &str) -> Result<Self, BadName> {
                Self::parse(text)
            }
        }
    };
}

catalog_key!(
    /// Key of a tier in the catalog, such as `pro`.
    TierKey, "tier key"
);
catalog_key!(
    /// Key of a meter in the catalog, such as `tokens`.
    MeterKey, "meter key"
);
catalog_key!(
    /// Key of a feature in the catalog, such as `sso`.
    FeatureKey, "feature key"
);
catalog_key!(
    /// Key of an action with a price in credits, such as `ai_analysis`.
    ActionKey, "action key"
);
catalog_key!(
    /// Key of a pack of credits in the catalog, such as `small`.
    PackKey, "pack key"
);
catalog_key!(
    /// Key of a numeric limit of a tier, such as `members`.
    LimitKey, "limit key"
);
catalog_key!(
    /// The catalog's namespace: marks every object in Stripe as ours.
    Namespace, "namespace"
);

/// The operator's own id of a customer: a user, team or workspace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(String);

impl CustomerId {
    /// Parses an own id: 1 to 200 visible characters without white space, not looking like one of Stripe's ids.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let legal = !text.is_empty()
            && text.len() <= OWN_ID_LENGTH_MAX
            && text.chars().all(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(c));
        if !legal {
            return Err(bad(text, "customer id", "1 to 200 visible characters without spaces"));
        }
        if text.starts_with('-') || text.starts_with("cus_") {
            return Err(bad(
                text,
                "customer id",
                "your own id is wanted here: it may not start with `-` or `cus_`",
            ));
        }
        Ok(Self(text.to_owned()))
    }
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Characters that change how text is shown without being seen: marks of direction and zero-width ones.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{00ad}')
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::str::FromStr for CustomerId {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        Self::parse(text)
    }
}

/// A tier's revision: the tier and a digest of its terms, `pro@3f2a…`. A revision never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision {
    /// The tier.
    pub tier: TierKey,
    /// First 12 hexadecimal digits of the SHA-256 of the terms' canonical JSON.
    pub digest: String,
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.tier, self.digest)
    }
}

impl std::str::FromStr for Revision {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        let rule = "a revision is written tier@digest, such as pro@3f2a9c01d4e5";
        let (tier, digest) = text.split_once('@').ok_or_else(|| bad(text, "revision", rule))?;
        if digest.is_empty() || !digest.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(bad(text, "revision", rule));
        }
        Ok(Self { tier: TierKey::parse(tier)?, digest: digest.to_ascii_lowercase() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_lower_case_and_bounded() {
        for (text, legal) in [
            ("pro", true),
            ("ai_analysis", true),
            ("a-1", true),
            ("", false),
            ("1a", false),
            ("Pro", false),
            ("pro plan", false),
            ("prö", false),
            ("a:b", false),
            (&"a".repeat(40), true),
            (&"a".repeat(41), false),
        ] {
            assert_eq!(TierKey::parse(text).is_ok(), legal, "{text:?}");
        }
    }

    #[test]
    fn customer_ids_are_the_operators_own() {
        for (text, legal) in [
            ("acme", true),
            ("org/42:team@x", true),
            ("日本", true),
            ("", false),
            ("a b", false),
            ("a\u{0}b", false),
            ("a\u{202e}b", false),
            ("cus_123", false),
            ("--help", false),
        ] {
            assert_eq!(CustomerId::parse(text).is_ok(), legal, "{text:?}");
        }
    }
}
