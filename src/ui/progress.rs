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
        let shape = if total.is_some() {
            "{msg} {bar:30} {pos}/{len} {per_sec} {eta}"
        } else {
            "{msg} {spinner} {pos} {per_sec}"
        };
        if let Ok(shape) = ProgressStyle::with_template(shape) {
            bar.set_style(shape);
        }
        bar.set_message(what.to_owned());
        Progress(Some(bar))
    }
    /// Moves to a position.
    pub fn set(&self, position: u64) {
        if let Some(bar) = &self.0 {
            bar.set_position(position);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
