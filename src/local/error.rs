//! Errors as they stand on Stripe's wire (Stripe: docs /api/errors).

use serde_json::{Map, Value, json};

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// `invalid_request_error`, `card_error`, `idempotency_error` or `api_error`.
    pub kind: &'static str,
    /// Machine-readable code; many of Stripe's refusals have none.
    pub code: Option<String>,
    /// The parameter, in bracket notation.
    pub param: Option<String>,
    /// What a person reads.
    pub message: String,
    /// What few errors have; boxed because results are passed by value everywhere.
    pub extra: Box<Extra>,
}

/// Further parts of an error.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extra {
    /// Further headers, e.g. `Stripe-Should-Retry`.
    pub headers: Vec<(&'static str, String)>,
    /// Further fields of the error object, e.g. `decline_code`.
    pub fields: Map<String, Value>,
}

impl ApiError {
    /// 400 `invalid_request_error` without a code.
    pub fn invalid(message: impl Into<String>) -> ApiError {
        ApiError {
            status: 400,
            kind: "invalid_request_error",
            code: None,
            param: None,
            message: message.into(),
            extra: Box::default(),
        }
    }

    /// Another status.
    pub fn status(mut self, status: u16) -> ApiError {
        self.status = status;
        self
    }

    /// Another type.
    pub fn kind(mut self, kind: &'static str) -> ApiError {
        self.kind = kind;
        self
    }

    /// With a code.
    pub fn code(mut self, code: impl Into<String>) -> ApiError {
        self.code = Some(code.into());
        self
    }

    /// With the parameter at fault.
    pub fn param(mut self, param: impl Into<String>) -> ApiError {
        self.param = Some(param.into());
        self
    }

    /// With a further header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> ApiError {
        self.extra.headers.push((name, value.into()));
        self
    }

    /// With a further field of the error object.
    pub fn field(mut self, name: &str, value: Value) -> ApiError {
        self.extra.fields.insert(name.to_owned(), value);
        self
    }

    /// 404 for an id in the path (Stripe: recorded "No such price: 'x'").
    pub fn not_found(what: &str, id: &str, param: &str) -> ApiError {
        ApiError::no_such(what, id, param).status(404)
    }

    /// 400 for an id in a parameter.
    pub fn no_such(what: &str, id: &str, param: &str) -> ApiError {
        ApiError::invalid(format!("No such {what}: '{id}'")).code("resource_missing").param(param)
    }

    /// A required parameter is not there.
    pub fn missing(param: &str) -> ApiError {
        ApiError::invalid(format!("Missing required param: {param}.")).code("parameter_missing").param(param)
    }

    /// A parameter nobody reads.
    pub fn unknown(param: &str) -> ApiError {
        ApiError::invalid(format!("Received unknown parameter: {param}"))
            .code("parameter_unknown")
            .param(param)
    }

    /// True when the request failed before it was executed, so that its Idempotency-Key stays free
    /// (Stripe: docs /api/idempotent_requests).
    pub fn before_execution(&self) -> bool {
        matches!(self.status, 401 | 403 | 409 | 429)
            || self.kind == "idempotency_error"
            || self.code.as_deref().is_some_and(|code| code.starts_with("parameter_"))
    }

    /// The body: `{"error": {…}}`.
    pub fn body(&self, account: &str, request_id: &str) -> Value {
        let mut error = self.extra.fields.clone();
        error.insert("type".into(), json!(self.kind));
        error.insert("message".into(), json!(self.message));
        if let Some(code) = &self.code {
            error.insert("code".into(), json!(code));
            let page = code.replace('_', "-");
            error.insert("doc_url".into(), json!(format!("https://stripe.com/docs/error-codes/{page}")));
        }
        if let Some(param) = &self.param {
            error.insert("param".into(), json!(param));
        }
        error.insert(
            "request_log_url".into(),
            json!(format!("https://dashboard.stripe.com/{account}/test/workbench/logs?object={request_id}")),
        );
        json!({ "error": error })
    }
}
