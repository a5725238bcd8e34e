//! Ctrl-C and SIGTERM as a flag, for commands that can end at a clean point.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::sync_channel;

use crate::error::{Error, Kind};

const NONE: u8 = 0;
const INTERRUPT: u8 = 1;
const TERMINATE: u8 = 2;

/// Whether somebody has asked this process to end.
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<AtomicU8>);

impl Interrupt {
    /// Begins to listen. From then on a signal no longer ends the process: whoever listens must look.
    pub fn listen() -> Result<Interrupt, Error> {
        let flag = Interrupt(Arc::new(AtomicU8::new(NONE)));
        let told = flag.clone();
        let (ready, is_ready) = sync_channel(1);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            match runtime {
                Ok(runtime) => runtime.block_on(told.wait(&ready)),
                Err(error) => drop(ready.send(Err(error))),
            }
        });
        let failed = |error: &dyn std::error::Error| {
            Error::new(Kind::Config, "signals", "signals cannot be listened to").because(error)
        };
        match is_ready.recv() {
            Ok(Ok(())) => Ok(flag),
            Ok(Err(error)) => Err(failed(&error)),
            Err(error) => Err(failed(&error)),
        }
    }

    #[cfg(unix)]
    async fn wait(self, ready: &std::sync::mpsc::SyncSender<std::io::Result<()>>) {
        use tokio::signal::unix::{SignalKind, signal};
        let both = signal(SignalKind::interrupt()).and_then(|it| Ok((it, signal(SignalKind::terminate())?)));
        match both {
            Ok((mut interrupt, mut terminate)) => {
                let _ = ready.send(Ok(()));
                let which = tokio::select! {
                    _ = interrupt.recv() => INTERRUPT,
                    _ = terminate.recv() => TERMINATE,
                };
                self.0.store(which, Ordering::Relaxed);
            }
            Err(error) => drop(ready.send(Err(error))),
        }
    }

    #[cfg(not(unix))]
    async fn wait(self, ready: &std::sync::mpsc::SyncSender<std::io::Result<()>>) {
        let _ = ready.send(Ok(()));
        if tokio::signal::ctrl_c().await.is_ok() {
            self.0.store(INTERRUPT, Ordering::Relaxed);
        }
    }

    /// The kind that the exit code is for, once a signal has come.
    pub fn kind(&self) -> Option<Kind> {
        match self.0.load(Ordering::Relaxed) {
            INTERRUPT => Some(Kind::Interrupted),
            TERMINATE => Some(Kind::Terminated),
            _ => None,
        }
    }

    /// Whether a signal has come.
    pub fn came(&self) -> bool {
        self.kind().is_some()
    }
}

/// How often a flow that waits looks whether a signal has come.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(50);

/// Ends when somebody has asked this process to end, with the kind that the exit code is for.
pub async fn interrupted(interrupt: &Interrupt) -> Kind {
    loop {
        if let Some(kind) = interrupt.kind() {
            return kind;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
