//! Progress, drawn on a terminal only.

use indicatif::{ProgressBar, ProgressStyle};

use super::Style;

/// A bar that may be invisible.
#[derive(Debug)]
pub struct Progress(Option<ProgressBar>);

impl Progress {
    pub(super) fn new(style: Style, what: &str, total: Option<u64>) -> Progress {
        if !style.terminal.error || style.quiet {
            return Progress(None);
        }
        let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        shape(&bar, total.is_some());
        bar.set_message(what.to_owned());
        Progress(Some(bar))
    }
    /// Moves to a position of a total that may be an estimate. Another `what` begins anew.
    pub fn set_of(&self, what: &str, position: u64, total: Option<u64>) {
        let Some(bar) = &self.0 else { return };
        if bar.message() != what {
            bar.set_message(what.to_owned());
            bar.reset();
        }
        if bar.length().is_some() != total.is_some() {
            shape(bar, total.is_some());
        }
        if let Some(total) = total {
            bar.set_length(total.max(position));
        }
        bar.set_position(position);
    }
    /// Moves to a position.
    pub fn set(&self, position: u64) {
        if let Some(bar) = &self.0 {
            bar.set_position(position);
        }
    }
}

/// With an end there is a bar and the time until then.
fn shape(bar: &ProgressBar, ends: bool) {
    let shape =
        if ends { "{msg} {bar:30} {pos}/{len} {per_sec} {eta}" } else { "{msg} {spinner} {pos} {per_sec}" };
    if let Ok(shape) = ProgressStyle::with_template(shape) {
        bar.set_style(shape);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
