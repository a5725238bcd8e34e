//! Metrics as text, in a file that is there whole or not at all.
//!
//! Names are for ever: a dashboard hangs on them. Amounts are in minor units of the currency beside them.

use std::fmt::Write as _;
use std::path::Path;

use crate::cli::Cx;
use crate::cli::export::{WholeFile, refuse_own_files};
use crate::error::{Error, Kind};
use crate::flow::metrics::{Metric, metrics};
use crate::store::Store;

/// Writes the metrics of a store.
pub(super) fn write(cx: &Cx, store: &Store, path: &Path) -> Result<(), Error> {
    refuse_own_files(cx, path)?;
    let grace_s = i64::from(cx.settings().grace_s.value);
    let now = cx.now()?;
    let found = store.read(|r| metrics(r, now, grace_s))?;
    let text = exposition(&found);
    let failed = |error: std::io::Error| {
        let text = format!("{} cannot be written", path.display());
        Error::new(Kind::Store, "metrics_file", text).because(&error)
    };
    let mut file = WholeFile::create(path).map_err(failed)?;
    file.out().write_all(text.as_bytes()).map_err(failed)?;
    file.readable_by_all().map_err(failed)?;
    file.commit().map_err(failed)
}

/// The text format (Prometheus: docs, exposition formats): help and type once for each name, then its samples.
fn exposition(metrics: &[Metric]) -> String {
    let mut text = String::new();
    let mut last = "";
    for it in metrics {
        if it.name != last {
            let _ = writeln!(text, "# HELP {} {}\n# TYPE {} gauge", it.name, it.help, it.name);
            last = it.name;
        }
        let labels: Vec<String> =
            it.labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(text, "{}{labels} {}", it.name, it.value);
    }
    text
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_comes_once_and_labels_are_escaped() {
        let metric = |value: &str, number| Metric {
            name: "paygrade_x",
            help: "Xs.",
            labels: vec![("a", value.to_owned())],
            value: number,
        };
        let bare = Metric { name: "paygrade_y", help: "Y.", labels: Vec::new(), value: -1 };
        let text = exposition(&[metric("one", 1), metric("q\"\\\n", 2), bare]);
        assert_eq!(
            text,
            "# HELP paygrade_x Xs.\n# TYPE paygrade_x gauge\npaygrade_x{a=\"one\"} 1\n\
             paygrade_x{a=\"q\\\"\\\\\\n\"} 2\n# HELP paygrade_y Y.\n# TYPE paygrade_y gauge\npaygrade_y -1\n"
        );
    }
}
