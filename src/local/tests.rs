//! Stories against the pure handler.

use serde_json::{Value, json};

use super::*;

mod billing;
mod catalog;
mod faults;
mod hostile;
mod meter_v2;
mod protocol;
mod shapes;
mod test_clocks;
mod thin;
mod usage;
mod webhooks;

/// 2026-01-01T00:00:00Z
pub const NOW: i64 = 1_767_225_600;

/// A model and an instant, with short calls.
pub struct World {
    pub model: Model,
    pub now: i64,
}

impl World {
    pub fn new() -> World {
        let mut model = Model::new("acct_1LocalTest0000", 7, NOW);
        // Usage counts for customers that exist; this one stands for any of them.
        model.biller.customers.insert(biller::customer::Customer::blank("cus_a".to_owned(), NOW));
        World { model, now: NOW }
    }

    pub fn send(&mut self, request: &Request) -> Response {
        handle(&mut self.model, request, self.now)
    }

    pub fn call(&mut self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let response = self.send(&Request::new(method, path).form(body));
        (response.status, response.json())
    }

    /// A call that must succeed.
    pub fn ok(&mut self, method: &str, path: &str, body: &str) -> Value {
        let (status, value) = self.call(method, path, body);
        assert_eq!(status, 200, "{method} {path} {body}: {value:#}");
        value
    }

    /// A call that must be refused: status, code, param, message.
    pub fn refused(&mut self, method: &str, path: &str, body: &str) -> (u16, String, String, String) {
        let (status, value) = self.call(method, path, body);
        assert!(status >= 400, "{method} {path} {body}: {value:#}");
        let text = |name: &str| value["error"][name].as_str().unwrap_or("").to_owned();
        (status, text("code"), text("param"), text("message"))
    }

    /// Types of all events, oldest first.
    pub fn events(&mut self) -> Vec<String> {
        self.model.events.iter().map(|event| event.kind.clone()).collect()
    }
}
