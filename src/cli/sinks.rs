//! From what the settings say to sinks that can be sent to: secrets are read, nothing is sent.

use super::Cx;
use crate::config::notify::{SinkSetting, Smtp, Tls, Url, Way as Said, is_safe};
use crate::config::settings::KeySource;
use crate::env::secret::{Secret, SecretSource};
use crate::error::{Error, Kind};
use crate::notify::{Address, Mailer, Security, Sink, Way};

/// Every sink of the settings; with a name, that one only.
pub(super) fn open(cx: &Cx, only: Option<&str>) -> Result<Vec<Sink>, Error> {
    let all = &cx.settings().sinks;
    if let Some(name) = only
        && !all.iter().any(|it| it.name == name)
    {
        let near = crate::billing::spelling::nearest(name, all.iter().map(|it| it.name.as_str()));
        let error = Error::new(Kind::BadInput, "unknown_sink", format!("the settings have no sink `{name}`"));
        return Err(match near {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("sinks stand in paygrade.toml as [notify.NAME]"),
        });
    }
    all.iter().filter(|it| only.is_none_or(|name| it.name == name)).map(|it| sink(cx, it)).collect()
}

fn sink(cx: &Cx, it: &SinkSetting) -> Result<Sink, Error> {
    let way = match &it.way {
        Said::Stdout => Way::Stdout,
        Said::Slack(url) => Way::Slack(address(cx, &format!("notify.{}.url", it.name), url)?),
        Said::Webhook(url, key) => {
            let address = address(cx, &format!("notify.{}.url", it.name), url)?;
            let of_key = |key| secret(cx, &format!("notify.{}.secret", it.name), key);
            Way::Webhook(address, key.as_ref().map(of_key).transpose()?)
        }
        Said::Smtp(smtp) => Way::Smtp(mailer(cx, &it.name, smtp)?),
    };
    Ok(Sink { name: it.name.clone(), takes: it.takes.clone(), way })
}

fn mailer(cx: &Cx, name: &str, it: &Smtp) -> Result<Mailer, Error> {
    let of_login = |(user, password): &(String, KeySource)| {
        Ok::<_, Error>((user.clone(), secret(cx, &format!("notify.{name}.password"), password)?))
    };
    Ok(Mailer {
        host: it.host.clone(),
        port: it.port,
        security: match it.tls {
            Tls::Implicit => Security::Implicit,
            Tls::Starttls => Security::Starttls,
            Tls::None => Security::None,
        },
        login: it.login.as_ref().map(of_login).transpose()?,
        from: it.from.clone(),
        to: it.to.clone(),
    })
}

/// An address from the settings, or from where they say that it is.
pub(super) fn address(cx: &Cx, what: &str, url: &Url) -> Result<Address, Error> {
    let found = match url {
        Url::Plain(text) => Secret::parse(text).map_err(|bad| unusable(what, &bad))?,
        Url::Secret(source) => secret(cx, what, source)?,
    };
    if !is_safe(found.expose()) {
        let text = format!("{what} is not an https address (http is taken on this machine only)");
        return Err(Error::new(Kind::Config, "sink_address", text));
    }
    Ok(Address::new(found))
}

fn secret(cx: &Cx, what: &str, source: &KeySource) -> Result<Secret, Error> {
    let read = match source {
        KeySource::Variable(name) => {
            let value = cx.env.var(name).ok_or_else(|| {
                Error::new(Kind::Config, "no_secret", format!("{what}: {name} is not set"))
                    .hint(format!("set {name}, or name another source in paygrade.toml"))
            })?;
            Secret::parse(value)
        }
        KeySource::File(path) => Secret::read(&SecretSource::File(path.clone())),
        KeySource::Command(command) => Secret::read(&SecretSource::Command(command.clone())),
        KeySource::Descriptor(number) => Secret::read(&SecretSource::Descriptor(*number)),
    };
    read.map_err(|bad| unusable(what, &bad))
}

fn unusable(what: &str, bad: &crate::env::secret::BadSecret) -> Error {
    Error::new(Kind::Config, "bad_secret", format!("{what} cannot be used: {bad}"))
        .hint("correct its source in paygrade.toml")
}
