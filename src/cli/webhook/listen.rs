//! `webhook listen`: Stripe's events over HTTP.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use clap::Args;

use super::{is_live, secrets};
use crate::billing::id::Namespace;
use crate::cli::Cx;
use crate::cli::interrupt::{Interrupt, interrupted};
use crate::cli::reconcile::several;
use crate::env::{Clock, LocalClock};
use crate::error::{Error, Kind};
use crate::flow::Desk;
use crate::flow::inbox::{Ask, Door, process};
use crate::loopback::{Incoming, Limits, Outgoing, serve};
use crate::store::Store;
use crate::store::inbox::{Arrived, Source};
use crate::stripe::Api;
use crate::stripe::inbound::{WEBHOOK_BODY_MAX, WebhookSecrets};
use crate::ui::{Cell, Report, Ui};

/// Arguments of `webhook listen`.
#[derive(Debug, Args)]
pub struct ListenArgs {
    /// Address and port; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:4242", value_name = "ADDRESS")]
    bind: SocketAddr,
    /// The one path that is answered
    #[arg(long, default_value = "/webhook", value_name = "PATH", value_parser = path)]
    path: String,
    /// Let other machines post here (with --bind 0.0.0.0:4242)
    #[arg(long)]
    public: bool,
    /// Handle events as they come
    #[arg(long)]
    process: bool,
}

fn path(text: &str) -> Result<String, String> {
    let legal = text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'?');
    if legal { Ok(text.to_owned()) } else { Err("a path begins with a slash, such as /webhook".to_owned()) }
}

/// What is taken from one client: Stripe sends less, and quickly.
const LIMITS: Limits = Limits {
    header_bytes: 16 * 1024,
    body_bytes: WEBHOOK_BODY_MAX,
    header_s: 10,
    body_s: 10,
    connections: 64,
};
/// How often counts of what was refused are stored: each forged request must not cost a sync.
const COUNTS_EVERY: Duration = Duration::from_secs(60);
/// How often a listener that also handles looks for what is to be tried again.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What stands behind the door, for as long as it is open.
struct Shop {
    store: Rc<Store>,
    secrets: WebhookSecrets,
    clock: Clock,
    live: bool,
    path: String,
    ui: Ui,
    /// What it takes to handle events, where that is wanted.
    handling: Option<(Api, Namespace)>,
    came: tokio::sync::Notify,
    /// Why it cannot go on, for good: the store is not the one any more that was opened.
    over: tokio::sync::watch::Sender<Option<Error>>,
    tally: RefCell<Tally>,
}

struct Tally {
    new: i64,
    known: i64,
    unhandled: i64,
    ignored: i64,
    refused: BTreeMap<&'static str, i64>,
    /// Refused since counts were stored last.
    unsaved: BTreeMap<&'static str, i64>,
    saved: Instant,
}

fn answer(status: u16) -> Outgoing {
    Outgoing { status, ..Outgoing::default() }
}

impl Shop {
    /// Answers one request. Nothing in an answer says why: only who may know it reads our log.
    fn serve(&self, request: &Incoming) -> Outgoing {
        if request.path != self.path {
            return answer(404);
        }
        if request.method != "POST" {
            return answer(405);
        }
        match self.take(request) {
            Ok(status) => answer(status),
            Err(error) => {
                // Stripe sends it again.
                self.ui.note(&format!("an event was not stored: {error}"));
                self.look_whether_over(error);
                answer(503)
            }
        }
    }

    /// A store that was migrated or restored meanwhile takes nothing from this process any more: whoever starts it again
    /// opens the one that is there.
    fn look_whether_over(&self, error: Error) {
        if ["store_migrated", "store_replaced"].contains(&error.code()) {
            self.over.send_replace(Some(error));
        }
    }

    async fn is_over(&self) {
        // It fails only when the sender is gone, and that is ours.
        let _ = self.over.subscribe().wait_for(Option::is_some).await;
    }

    fn take(&self, request: &Incoming) -> Result<u16, Error> {
        let now = self.clock.now()?;
        let mut headers = request.headers.iter().filter(|(name, _)| name == "stripe-signature");
        let header = headers.next().map(|(_, value)| value.as_str());
        if headers.next().is_some() {
            self.refuse("bad_header", "there are two Stripe-Signature headers");
            return Ok(400);
        }
        let door = Door { store: &self.store, live: self.live };
        let taken = match door.take_signed(&self.secrets, header, &request.body, Source::Endpoint, now)? {
            Ok(taken) => taken,
            Err(refused) => {
                self.refuse(refused.word(), &refused.to_string());
                return Ok(400);
            }
        };
        let mut tally = self.tally.borrow_mut();
        match taken.arrived {
            Arrived::New => tally.new += 1,
            Arrived::Known => tally.known += 1,
            Arrived::Unhandled => tally.unhandled += 1,
            Arrived::Ignored => tally.ignored += 1,
        }
        let why = taken.ignored.map(|why| format!(", {why}: ignored")).unwrap_or_default();
        self.ui.trace(&format!("{} {}{why}", taken.kind, taken.event));
        if taken.arrived == Arrived::New {
            self.came.notify_one();
        }
        Ok(200)
    }

    fn refuse(&self, word: &'static str, why: &str) {
        self.ui.trace(&format!("refused: {why}"));
        let mut tally = self.tally.borrow_mut();
        *tally.refused.entry(word).or_default() += 1;
        *tally.unsaved.entry(word).or_default() += 1;
        let due = tally.saved.elapsed() >= COUNTS_EVERY;
        drop(tally);
        if due && let Err(error) = self.save_counts() {
            self.ui.note(&format!("counts of refused requests were not stored: {error}"));
        }
    }

    fn save_counts(&self) -> Result<(), Error> {
        let mut tally = self.tally.borrow_mut();
        tally.saved = Instant::now();
        if tally.unsaved.is_empty() {
            return Ok(());
        }
        let counts = tally.unsaved.clone();
        self.store.write(self.clock.now()?, |w| {
            counts.iter().try_for_each(|(word, count)| w.inbox_refused(word, *count))
        })?;
        tally.unsaved.clear();
        Ok(())
    }
}

pub(super) fn run(cx: &Cx, args: &ListenArgs) -> Result<Report, Error> {
    let secrets = secrets(cx)?;
    if !args.bind.ip().is_loopback() {
        if !args.public {
            let text = format!("{} can be reached by other machines", args.bind);
            return Err(Error::new(Kind::Usage, "not_loopback", text)
                .hint("say --public if that is wanted, and put a server that ends TLS before it"));
        }
        cx.ui.note("warning: other machines can reach this, without TLS; only signatures guard it");
    }
    if cx.globals.dry_run {
        let verdict = format!(
            "would listen on http://{}{} with {}; nothing was changed; apply it: {}",
            args.bind,
            args.path,
            several(i64::try_from(secrets.count()).unwrap_or(0), "secret", "secrets"),
            cx.line_applying()
        );
        return Ok(Report::new("webhook_listen", &[]).verdict(verdict));
    }
    let shop = Rc::new(shop(cx, args, secrets)?);
    let interrupt = Interrupt::listen()?;
    let work = open(cx, args, &shop, &interrupt);
    cx.block_on(tokio::task::LocalSet::new().run_until(work))??;
    if let Some(error) = shop.over.send_replace(None) {
        return Err(error);
    }
    shop.save_counts()?;
    Ok(report(&shop.tally.borrow()))
}

fn shop(cx: &Cx, args: &ListenArgs, secrets: WebhookSecrets) -> Result<Shop, Error> {
    Ok(Shop {
        store: cx.store()?,
        secrets,
        clock: match cx.clock() {
            Clock::System => Clock::System,
            Clock::Local(_) => Clock::Local(LocalClock::new(&cx.local_clock_path())),
        },
        live: is_live(cx),
        path: args.path.clone(),
        ui: cx.ui,
        // Whatever is needed to handle events is there before the first one comes.
        handling: args.process.then(|| Ok::<_, Error>((cx.api()?, cx.namespace()?))).transpose()?,
        came: tokio::sync::Notify::new(),
        over: tokio::sync::watch::Sender::new(None),
        tally: RefCell::new(Tally {
            new: 0,
            known: 0,
            unhandled: 0,
            ignored: 0,
            refused: BTreeMap::new(),
            unsaved: BTreeMap::new(),
            saved: Instant::now(),
        }),
    })
}

/// Listens until somebody asks it to end.
async fn open(cx: &Cx, args: &ListenArgs, shop: &Rc<Shop>, interrupt: &Interrupt) -> Result<(), Error> {
    let listener =
        tokio::net::TcpListener::bind(args.bind).await.map_err(|error| cannot_bind(args, &error))?;
    let address = listener.local_addr().map_err(|error| cannot_bind(args, &error))?;
    cx.ui.note(&format!("listening on http://{address}{}; Ctrl-C stops it", args.path));
    let behind = Rc::clone(shop);
    let handler = move |request: Incoming| {
        let answer = behind.serve(&request);
        async move { answer }
    };
    let ending = Rc::clone(shop);
    let stop = async move {
        tokio::select! {
            _kind = interrupted(interrupt) => {}
            () = ending.is_over() => {}
        }
    };
    let serving = serve(listener, LIMITS, handler, stop);
    let Some((api, namespace)) = &shop.handling else {
        serving.await;
        return Ok(());
    };
    let desk = |now| Desk {
        store: &shop.store,
        api,
        now,
        namespace,
        clock: cx.clock(),
        random: cx.env.random(),
        manner: cx.manner(),
    };
    tokio::join!(serving, handle(shop, desk, interrupt));
    Ok(())
}

/// Handles what came, as it comes, and what is to be tried again.
async fn handle<'a>(
    shop: &'a Shop,
    desk: impl Fn(crate::billing::time::Timestamp) -> Desk<'a>,
    interrupt: &Interrupt,
) {
    while !interrupt.came() && shop.over.borrow().is_none() {
        let done = match shop.clock.now() {
            Ok(now) => process(&desk(now), &Ask::default(), || interrupt.came()).await,
            Err(error) => Err(error.into()),
        };
        match done {
            Ok(done) => {
                for (event, error) in done.failed.iter().chain(&done.dead) {
                    shop.ui.note(&format!("{} {} failed: {error}", event.kind, event.event));
                }
                for (event, effect) in &done.done {
                    shop.ui.trace(&format!("{} {}: {effect}", event.kind, event.event));
                }
                if let Some(stopped) = done.stopped {
                    shop.ui.note(&format!("events wait: {stopped}"));
                }
            }
            // Another process handles them.
            Err(error) if error.kind() == Kind::Busy => {}
            Err(error) => {
                shop.ui.note(&format!("events wait: {error}"));
                shop.look_whether_over(error);
            }
        }
        tokio::select! {
            () = shop.came.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _kind = interrupted(interrupt) => {}
            () = shop.is_over() => {}
        }
    }
}

fn cannot_bind(args: &ListenArgs, error: &std::io::Error) -> Error {
    Error::new(Kind::Config, "bind", format!("{} cannot be listened on", args.bind))
        .because(error)
        .hint("another process may have it: choose another port with --bind")
}

fn report(tally: &Tally) -> Report {
    let refused: i64 = tally.refused.values().sum();
    let mut report = Report::new("webhook_listen", &[])
        .fact("new", Cell::Count(tally.new))
        .fact("known", Cell::Count(tally.known))
        .fact("not_handled", Cell::Count(tally.unhandled))
        .fact("ignored", Cell::Count(tally.ignored));
    for (word, count) in &tally.refused {
        report.facts.push(("refused", Cell::text(format!("{word} {count}"))));
    }
    report.wrote = Some(tally.new + tally.unhandled + tally.ignored);
    let taken = tally.new + tally.known + tally.unhandled;
    report.verdict(format!(
        "stopped: {} taken, {} ignored, {refused} refused",
        several(taken, "event", "events"),
        tally.ignored
    ))
}
