//! The nearest right spelling of a wrong name, for every message that refuses one.

/// Longest word that is compared; nobody types a longer name by hand.
const WORD_LENGTH_MAX: usize = 60;

/// The known word that is nearest to `word`, if one is near enough to be what was meant: at most a third of its
/// letters differ, or one is the beginning of the other.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = word.chars().take(WORD_LENGTH_MAX).flat_map(char::to_lowercase).collect();
    let rated = known.into_iter().filter_map(|candidate| {
        let letters: Vec<char> =
            candidate.chars().take(WORD_LENGTH_MAX).flat_map(char::to_lowercase).collect();
        let allowed = typed.len().max(letters.len()).div_ceil(3);
        let begins = typed.len() >= 3
            && letters.len() >= 3
            && (letters.starts_with(&typed) || typed.starts_with(&letters));
        let distance = distance(&typed, &letters);
        (distance <= allowed || begins).then_some((distance, candidate))
    });
    rated.min().map(|(_, candidate)| candidate)
}

/// Fewest insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, typed) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, wanted) in to.iter().enumerate() {
            let replaced = last[j] + usize::from(typed != wanted);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *typed == to[j - 1] && from[i - 1] == *wanted {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_found_and_a_far_one_is_not() {
        let known = ["free", "pro", "team", "enterprise", "trial_days", "usage"];
        for (word, want) in [
            ("Pro", Some("pro")),
            ("por", Some("pro")),
            ("prp", Some("pro")),
            ("teem", Some("team")),
            ("enterprize", Some("enterprise")),
            ("ent", Some("enterprise")),
            ("trail_days", Some("trial_days")),
            ("trialdays", Some("trial_days")),
            ("useage", Some("usage")),
            ("gold", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(word, known), want, "{word:?}");
        }
        assert_eq!(nearest("pro", []), None);
        assert_eq!(nearest(&"x".repeat(100_000), known), None);
    }
}
