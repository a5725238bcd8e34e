//! Files that nobody would write: templates with pieces cut, doubled and replaced. Whatever comes out, there is no
//! panic, every fault has a place in the file, and what passes survives the store.

use proptest::prelude::*;

use super::*;

/// Pieces that have hurt parsers before.
const PIECES: &[&str] = &[
    "",
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    "=",
    "= =",
    "\n",
    "\r",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "#",
    ".",
    ",",
    "-1",
    "0",
    "1e400",
    "nan",
    "inf",
    "0x7fffffffffffffff",
    "99999999999999999999999999",
    "1979-05-27",
    "true",
    "\"0.000000000000001\"",
    "\"-5\"",
    "\"unlimited\"",
    "[tiers.free]",
    "[[tiers]]",
    "tiers = 3",
    "\"\\uD800\"",
    "\"\"\"",
    "ä",
];

fn cut(text: &str, at: usize) -> usize {
    let mut at = at % (text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mangled_templates_end_in_faults_or_in_a_sound_catalog(
        which in 0..TEMPLATES.len(),
        edits in prop::collection::vec((any::<u16>(), 0_usize..40, 0..PIECES.len()), 1..6),
    ) {
        let mut text = TEMPLATES[which].text.to_owned();
        for (at, length, piece) in edits {
            let from = cut(&text, usize::from(at));
            let to = cut(&text, from.saturating_add(length).min(text.len())).max(from);
            text.replace_range(from..to, PIECES[piece]);
        }
        match parse(&text, "c") {
            Ok((catalog, _)) => {
                prop_assert_eq!(Catalog::from_json(&catalog.to_json()), Ok(catalog.clone()));
                for tier in catalog.tiers.values() {
                    let prices = crate::billing::price::tier_prices(&tier.terms);
                    prop_assert!(prices.iter().all(|price| crate::billing::price::amount_exact(&price.shape, 1_000).is_some()));
                }
            }
            Err(errors) => {
                prop_assert!(!errors.problems.is_empty());
                let lines = text.lines().count() + 1;
                for problem in errors.problems {
                    prop_assert!(usize::try_from(problem.line).unwrap() <= lines, "{}", problem);
                    prop_assert!(!problem.to_string().chars().any(|c| c.is_control()), "{:?}", problem);
                }
            }
        }
    }
}
