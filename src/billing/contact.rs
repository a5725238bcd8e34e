//! How a customer is reached: the e-mail address that Stripe sends invoices to, and a name for people.

use super::id::{BadName, is_invisible};

/// Most bytes of an address (Stripe: API reference, customer email).
const EMAIL_LENGTH_MAX: usize = 512;
/// Most characters of a name (Stripe: API reference, customer name).
const NAME_LENGTH_MAX: usize = 256;

fn bad(text: &str, what: &'static str, rule: &'static str) -> BadName {
    BadName { text: text.chars().take(60).flat_map(char::escape_debug).collect(), what, rule }
}

fn is_plain(text: &str) -> bool {
    text.chars().all(|c| !c.is_control() && !is_invisible(c))
}

/// An e-mail address: something, one `@`, a domain. Whether it takes mail, only mail can tell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// Parses an address.
    pub fn parse(text: &str) -> Result<Email, BadName> {
        let rule = "an address is written name@example.com";
        let (name, domain) = text.split_once('@').ok_or_else(|| bad(text, "e-mail address", rule))?;
        let legal = text.len() <= EMAIL_LENGTH_MAX
            && is_plain(text)
            && !text.chars().any(char::is_whitespace)
            && !name.is_empty()
            && !domain.contains('@')
            && domain.split('.').all(|label| !label.is_empty());
        if legal { Ok(Email(text.to_owned())) } else { Err(bad(text, "e-mail address", rule)) }
    }
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A name for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FullName(String);

impl FullName {
    /// Parses a name: 1 to 256 visible characters; white space around it is dropped.
    pub fn parse(text: &str) -> Result<FullName, BadName> {
        let text = text.trim();
        let legal = !text.is_empty() && text.chars().count() <= NAME_LENGTH_MAX && is_plain(text);
        if legal {
            Ok(FullName(text.to_owned()))
        } else {
            Err(bad(text, "name", "1 to 256 characters, none of them invisible"))
        }
    }
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names() {
        for (text, legal) in [
            ("a@example.com", true),
            ("a.b+c@mail.example.com", true),
            ("ops@localhost", true),
            ("jürgen@exämple.de", true),
            ("", false),
            ("a", false),
            ("@example.com", false),
            ("a@", false),
            ("a@b@c", false),
            ("a b@example.com", false),
            ("a@example..com", false),
            ("a@.com", false),
            ("a\n@example.com", false),
            ("a\u{202e}@example.com", false),
            (&format!("{}@example.com", "a".repeat(600)), false),
        ] {
            assert_eq!(Email::parse(text).is_ok(), legal, "{text:?}");
        }
        for (text, want) in [
            ("Acme Ltd", Some("Acme Ltd")),
            ("  Acme  ", Some("Acme")),
            ("", None),
            ("   ", None),
            ("a\u{0}b", None),
            (&"x".repeat(256), Some(&*"x".repeat(256))),
            (&"x".repeat(257), None),
        ] {
            assert_eq!(FullName::parse(text).ok().as_ref().map(FullName::as_str), want, "{text:?}");
        }
    }
}
