//! A small HTTP server shell on the loopback interface, and a client for the same machine.
//!
//! It bounds what comes in (header, body, time, connections) and can answer badly on purpose: hang up, cut an
//! answer short, send it slowly. What a request means is the handler's business.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming as HyperBody, SizeHint};
use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

mod client;
#[cfg(test)]
mod tests;

pub use client::{Answer, call};

/// Time between the last byte of a cut answer and the end of its connection.
const CUT_PAUSE: Duration = Duration::from_millis(5);

/// How long a stopped server waits for answers that are on their way.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

/// What is taken from one client.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most bytes of request line and headers.
    pub header_bytes: usize,
    /// Most bytes of body.
    pub body_bytes: usize,
    /// Time for request line and headers, in seconds; also how long an idle connection is kept.
    pub header_s: u64,
    /// Time for the body, in seconds.
    pub body_s: u64,
    /// Most connections at a time; more wait.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            header_bytes: 64 * 1024,
            body_bytes: 1024 * 1024,
            header_s: 30,
            body_s: 10,
            connections: 256,
        }
    }
}

/// A request that was read whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Incoming {
    /// Upper case.
    pub method: String,
    /// Path without query.
    pub path: String,
    /// Query without the question mark.
    pub query: String,
    /// Lower-case names; values that are no text are left out.
    pub headers: Vec<(String, String)>,
    /// Body as it came.
    pub body: Vec<u8>,
}

impl Incoming {
    /// The value of a header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// How an answer goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Manner {
    /// As it is.
    #[default]
    Whole,
    /// Close the connection without a byte.
    HangUp,
    /// Announce the whole length, send this many bytes, close.
    Cut(usize),
    /// One byte at a time, with this pause in milliseconds.
    Slow(u64),
}

/// An answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// HTTP status.
    pub status: u16,
    /// Headers; names and values that HTTP does not allow are left out.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// How it goes out.
    pub manner: Manner,
}

/// Serves until `stop` is done; then lets what is being answered finish, for a short while. Runs inside a `LocalSet`.
pub async fn serve<H, F>(listener: TcpListener, limits: Limits, handler: H, stop: impl Future<Output = ()>)
where
    H: Fn(Incoming) -> F + 'static,
    F: Future<Output = Outgoing> + 'static,
{
    let handler = Rc::new(handler);
    let seats = Arc::new(Semaphore::new(limits.connections.max(1)));
    let mut stop = std::pin::pin!(stop);
    let mut tasks = tokio::task::JoinSet::new();
    let (close, closing) = watch::channel(false);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &seats) => accepted,
        };
        while tasks.try_join_next().is_some() {}
        let Ok((stream, seat)) = accepted else {
            // No file descriptor is left, most likely: let others end first.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let handler = Rc::clone(&handler);
        let mut closing = closing.clone();
        tasks.spawn_local(async move {
            let service = hyper::service::service_fn(move |request| {
                let handler = Rc::clone(&handler);
                async move { exchange(request, limits, &*handler).await }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(limits.header_s))
                .max_buf_size(limits.header_bytes.max(8 * 1024))
                .auto_date_header(false)
                .serve_connection(TokioIo::new(stream), service);
            let mut connection = std::pin::pin!(connection);
            // A connection that ends badly ends; there is nobody to tell.
            tokio::select! {
                _ended = connection.as_mut() => {}
                _ = closing.changed() => {
                    connection.as_mut().graceful_shutdown();
                    let _ended = connection.await;
                }
            }
            drop(seat);
        });
    }
    drop(listener);
    close.send_replace(true);
    let rest = async { while tasks.join_next().await.is_some() {} };
    let _in_time = tokio::time::timeout(CLOSE_WAIT, rest).await;
}

async fn accept(
    listener: &TcpListener,
    seats: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let seat = Arc::clone(seats).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, seat))
}

/// Reads a request, lets the handler answer, and dresses the answer. `Err` closes the connection.
async fn exchange<H, F>(
    request: Request<HyperBody>,
    limits: Limits,
    handler: &H,
) -> io::Result<Response<OutBody>>
where
    H: Fn(Incoming) -> F,
    F: Future<Output = Outgoing>,
{
    let (parts, body) = request.into_parts();
    let limited = Limited::new(body, limits.body_bytes).collect();
    let body = match tokio::time::timeout(Duration::from_secs(limits.body_s), limited).await {
        Ok(Ok(collected)) => collected.to_bytes().to_vec(),
        Ok(Err(error)) if error.downcast_ref::<http_body_util::LengthLimitError>().is_some() => {
            return dress(plain(413, "The request body is too large.\n"));
        }
        Ok(Err(_)) => return Err(io::Error::other("the body could not be read")),
        Err(_) => return dress(plain(408, "The request body did not come in time.\n")),
    };
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let headers =
        parts.headers.iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?)));
    dress(
        handler(Incoming {
            method: parts.method.as_str().to_ascii_uppercase(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: headers.collect(),
            body,
        })
        .await,
    )
}

fn plain(status: u16, text: &str) -> Outgoing {
    Outgoing {
        status,
        headers: vec![("connection".to_owned(), "close".to_owned())],
        body: text.as_bytes().to_vec(),
        manner: Manner::Whole,
    }
}

fn dress(answer: Outgoing) -> io::Result<Response<OutBody>> {
    if answer.manner == Manner::HangUp {
        return Err(io::Error::other("asked to hang up"));
    }
    let length = answer.body.len();
    let mut body = Bytes::from(answer.body);
    let (cut, pause_ms) = match answer.manner {
        Manner::Cut(bytes) if bytes < length => {
            body.truncate(bytes);
            (true, None)
        }
        Manner::Slow(ms) => (false, Some(ms)),
        _ => (false, None),
    };
    let mut response = Response::new(OutBody { rest: body, cut, pause_ms, pause: None });
    *response.status_mut() = StatusCode::from_u16(answer.status).map_err(io::Error::other)?;
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()))
        {
            response.headers_mut().append(name, value);
        }
    }
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    Ok(response)
}

/// A body that can be cut or slow.
struct OutBody {
    rest: Bytes,
    cut: bool,
    pause_ms: Option<u64>,
    pause: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Body for OutBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(pause) = &mut self.pause {
            std::task::ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        if self.rest.is_empty() {
            return Poll::Ready(self.cut.then(|| Err(io::Error::other("asked to cut the answer"))));
        }
        if self.cut {
            // What is sent must leave the machine before the connection breaks.
            self.pause = Some(Box::pin(tokio::time::sleep(CUT_PAUSE)));
        }
        let next = match self.pause_ms {
            None => std::mem::take(&mut self.rest),
            Some(ms) => {
                self.pause = Some(Box::pin(tokio::time::sleep(Duration::from_millis(ms))));
                self.rest.split_to(1)
            }
        };
        Poll::Ready(Some(Ok(Frame::data(next))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
