//! Mail, by `lettre`: over TLS, but for a server on this machine.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{SmtpTransport, Transport};

use super::{Letter, Reply};
use crate::env::secret::Secret;

/// Longest wait for each answer of the server.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A mail server, and who writes.
#[derive(Debug, Clone)]
pub struct Mailer {
    /// Host name, as its certificate has it.
    pub host: String,
    /// Port, where it is not the usual one.
    pub port: Option<u16>,
    /// How the connection is secured.
    pub security: Security,
    /// Who logs in.
    pub login: Option<(String, Secret)>,
    /// Sender.
    pub from: String,
    /// Where mail for operators goes.
    pub to: Option<String>,
}

/// How a connection is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Implicit,
    /// TLS after STARTTLS; without it nothing is sent.
    Starttls,
    /// None: a server on this machine.
    None,
}

/// Sends one mail. The library blocks, so it has a thread of its own.
pub(super) async fn send(mailer: &Mailer, letter: &Letter) -> Reply {
    let (mailer, letter) = (mailer.clone(), letter.clone());
    match tokio::task::spawn_blocking(move || send_blocking(&mailer, &letter)).await {
        Ok(reply) => reply,
        Err(error) => Reply::Unknown(format!("the mail's thread ended: {error}")),
    }
}

fn send_blocking(mailer: &Mailer, letter: &Letter) -> Reply {
    let made = message(mailer, letter).and_then(|message| Ok((message, transport(mailer)?)));
    let (message, transport) = match made {
        Ok(made) => made,
        Err(why) => return Reply::NotSent(why),
    };
    // Whether the server can be reached, and lets us in, is certain before anything is handed over.
    match transport.test_connection() {
        Ok(true) => {}
        Ok(false) => return Reply::NotSent("the mail server does not answer".to_owned()),
        Err(error) => return Reply::NotSent(chain(&error)),
    }
    match transport.send(&message) {
        Ok(answer) if answer.is_positive() => Reply::Sent,
        Ok(answer) => Reply::NotSent(format!("the mail server answered {}", answer.code())),
        Err(error) if error.is_transient() || error.is_permanent() || error.is_client() => {
            Reply::NotSent(chain(&error))
        }
        Err(error) => Reply::Unknown(chain(&error)),
    }
}

fn message(mailer: &Mailer, letter: &Letter) -> Result<Message, String> {
    let mailbox = |text: &str| text.parse::<Mailbox>().map_err(|error| format!("`{text}`: {error}"));
    let to = letter.address.as_deref().ok_or("there is no address to write to")?;
    // The same at each attempt: a server that has it already may drop the second one.
    let host = mailer.from.rsplit_once('@').map_or("paygrade.invalid", |(_, host)| host);
    let id: String = letter
        .key
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '.' })
        .collect();
    let seconds = u64::try_from(letter.at.0).unwrap_or(0);
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    Message::builder()
        .from(mailbox(&mailer.from)?)
        .to(mailbox(to)?)
        .subject(letter.subject.clone())
        .message_id(Some(format!("<paygrade.{id}@{host}>")))
        .date(UNIX_EPOCH + Duration::from_secs(seconds))
        .header(ContentType::TEXT_PLAIN)
        .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
        .body(format!("{}\n", letter.text))
        .map_err(|error| error.to_string())
}

fn transport(mailer: &Mailer) -> Result<SmtpTransport, String> {
    // An error here means that a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let host = mailer.host.as_str();
    let builder = match mailer.security {
        Security::Implicit => SmtpTransport::relay(host),
        Security::Starttls => SmtpTransport::starttls_relay(host),
        Security::None if matches!(host, "127.0.0.1" | "localhost" | "::1") => {
            Ok(SmtpTransport::builder_dangerous(host))
        }
        Security::None => return Err("mail leaves this machine over TLS only".to_owned()),
    };
    let mut builder = builder.map_err(|error| chain(&error))?.timeout(Some(TIMEOUT));
    if let Some(port) = mailer.port {
        builder = builder.port(port);
    }
    if let Some((user, password)) = &mailer.login {
        builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
    }
    Ok(builder.build())
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(inner) = next {
        let said = inner.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        next = inner.source();
    }
    text
}
