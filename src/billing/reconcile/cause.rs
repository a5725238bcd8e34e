//! Why Stripe's sum differs from ours: one word for each finding about usage.

/// Why a place differs. Together with the class it says what mends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Recorded, and no attempt was made in time.
    NotSent,
    /// Attempted a moment ago without a definite answer: the next push decides it.
    InFlight,
    /// Stripe said no: by its answer, or afterwards by an error report that names the delivery.
    Rejected,
    /// Not sent before its invoice was final.
    Late,
    /// Not sent before Stripe takes it no more: older than 35 days.
    TooLate,
    /// Accepted, settled, and not in Stripe's sum.
    Lost,
    /// Counted more than once.
    SentTwice,
    /// Somebody else sends under this meter's event name.
    ForeignSender,
    /// What one customer lacks was counted for another.
    WrongCustomer,
    /// Stripe held it before this store sent anything, and our usage was not set off against it.
    HeldBefore,
    /// Sent, and then its span changed: other terms, another price or no price hold there now.
    SpanChanged,
    /// A delivery's value is not the sum of the events that it covers.
    ValueDiffers,
    /// The invoices charge something else than what Stripe's meter counted.
    Invoice,
    /// Stripe counted it when its invoice was final: no later one has it.
    AfterInvoice,
    /// The subscription ended without a bill: what Stripe had counted is charged by none.
    Canceled,
    /// Too early to say.
    Unsettled,
    /// Whether Stripe took a delivery is not known; or several explanations fit a difference, or none does.
    Unknown,
}

impl Cause {
    /// All causes.
    pub const ALL: [Cause; 17] = [
        Cause::NotSent,
        Cause::InFlight,
        Cause::Rejected,
        Cause::Late,
        Cause::TooLate,
        Cause::Lost,
        Cause::SentTwice,
        Cause::ForeignSender,
        Cause::WrongCustomer,
        Cause::HeldBefore,
        Cause::SpanChanged,
        Cause::ValueDiffers,
        Cause::Invoice,
        Cause::AfterInvoice,
        Cause::Canceled,
        Cause::Unsettled,
        Cause::Unknown,
    ];
    /// The word in the store and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::NotSent => "not_sent",
            Cause::InFlight => "in_flight",
            Cause::Rejected => "rejected",
            Cause::Late => "late",
            Cause::TooLate => "too_late",
            Cause::Lost => "lost",
            Cause::SentTwice => "sent_twice",
            Cause::ForeignSender => "foreign_sender",
            Cause::WrongCustomer => "wrong_customer",
            Cause::HeldBefore => "held_before",
            Cause::SpanChanged => "span_changed",
            Cause::ValueDiffers => "value_differs",
            Cause::Invoice => "invoice",
            Cause::AfterInvoice => "after_invoice",
            Cause::Canceled => "canceled",
            Cause::Unsettled => "unsettled",
            Cause::Unknown => "unknown",
        }
    }
    /// Whether it is about the bill, and not about what Stripe's meter counts.
    pub fn is_of_bill(self) -> bool {
        matches!(self, Cause::Invoice | Cause::AfterInvoice | Cause::Canceled)
    }
    /// Reads the word; those of earlier versions too.
    pub fn parse(text: &str) -> Option<Cause> {
        match text {
            "not_counted" => Some(Cause::Lost),
            "not_ours" => Some(Cause::ForeignSender),
            "outcome_unknown" => Some(Cause::Unknown),
            _ => Cause::ALL.into_iter().find(|it| it.as_str() == text),
        }
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
