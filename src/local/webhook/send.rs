//! Deliveries on the wire: one request each, to this machine only. The answer's status is all that counts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::queue::Parcel;

/// Longest wait for an answer (Stripe publishes no figure).
const WAIT: Duration = Duration::from_secs(10);
/// Most bytes of an answer's head.
const HEAD_MAX: usize = 64 * 1024;

/// Where a URL leads on this machine, and the rest of it.
fn target(url: &str) -> Option<(SocketAddr, String, String)> {
    let rest = url.strip_prefix("http://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()?),
        _ => (host, 80),
    };
    let address = match name {
        "127.0.0.1" | "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
        "[::1]" => IpAddr::V6(Ipv6Addr::LOCALHOST),
        _ => return None,
    };
    let path = path.split('#').next().unwrap_or_default();
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Some((SocketAddr::new(address, port), host.to_owned(), path))
}

/// Sends one parcel and gives the answer's status, or why there was none.
pub async fn post(parcel: &Parcel) -> Result<u16, String> {
    let Some((address, host, path)) = target(&parcel.url) else {
        return Err("not on this machine".to_owned());
    };
    match tokio::time::timeout(WAIT, exchange(address, &host, &path, parcel)).await {
        Ok(Ok(status)) => Ok(status),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", WAIT.as_secs())),
    }
}

async fn exchange(address: SocketAddr, host: &str, path: &str, parcel: &Parcel) -> std::io::Result<u16> {
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAccept: */*; q=0.5, application/xml\r\n\
         Cache-Control: no-cache\r\nContent-Type: application/json; charset=utf-8\r\n\
         User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\nStripe-Signature: {}\r\n\
         Content-Length: {}\r\n\r\n",
        parcel.signature,
        parcel.body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    // A receiver may answer and close before it has read everything.
    let written = stream.write_all(parcel.body.as_bytes()).await;
    let mut answer = Vec::new();
    let mut bytes = [0; 4_096];
    while answer.len() < HEAD_MAX && !answer.windows(4).any(|it| it == b"\r\n\r\n") {
        match stream.read(&mut bytes).await? {
            0 => break,
            count => answer.extend_from_slice(&bytes[..count]),
        }
    }
    let first = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let status = std::str::from_utf8(first).ok().and_then(|line| {
        let (version, rest) = line.split_once(' ')?;
        let status = rest.get(..3)?.parse::<u16>().ok()?;
        version.starts_with("HTTP/1.").then_some(status)
    });
    match (status, written) {
        (Some(status), _) => Ok(status),
        (None, Err(error)) => Err(error),
        (None, Ok(())) => Err(std::io::Error::other("the answer is not HTTP, or was cut")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lead_to_a_port_of_this_machine() {
        for (url, address, path) in [
            ("http://127.0.0.1:4242/hook?x=1#y", "127.0.0.1:4242", "/hook?x=1"),
            ("http://localhost", "127.0.0.1:80", "/"),
            ("http://localhost:8080?a=b", "127.0.0.1:8080", "/?a=b"),
            ("http://[::1]:9/", "[::1]:9", "/"),
            ("http://[::1]/z", "[::1]:80", "/z"),
        ] {
            let (got, _, rest) = target(url).unwrap();
            assert_eq!((got.to_string().as_str(), rest.as_str()), (address, path), "{url}");
        }
        for url in
            ["http://example.com/", "https://127.0.0.1/", "http://127.0.0.1:99999/", "http://u@127.0.0.1/"]
        {
            assert!(target(url).is_none(), "{url}");
        }
    }
}
