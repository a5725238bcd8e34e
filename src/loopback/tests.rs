use std::io::{Read, Write};

use super::*;

/// Runs a server on its own thread while the test talks to it.
fn with_server(limits: Limits, test: impl FnOnce(u16)) {
    let (ready, port) = std::sync::mpsc::channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            ready.send(listener.local_addr().unwrap().port()).unwrap();
            serve(listener, limits, echo, async {
                let _ = stopped.await;
            })
            .await;
        });
    });
    test(port.recv().unwrap());
    drop(stop);
    thread.join().unwrap();
}

async fn echo(request: Incoming) -> Outgoing {
    if request.path == "/late" {
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let manner = match request.path.as_str() {
        "/hang" => Manner::HangUp,
        "/cut" => Manner::Cut(3),
        "/slow" => Manner::Slow(1),
        _ => Manner::Whole,
    };
    let body = format!(
        "{} {} {} {}",
        request.method,
        request.path,
        request.query,
        String::from_utf8_lossy(&request.body)
    );
    Outgoing { status: 200, headers: vec![("x-test".into(), "1".into())], body: body.into_bytes(), manner }
}

fn ask(port: u16, method: &str, path: &str, body: &str) -> io::Result<Answer> {
    call(port, method, path, &[], body, Duration::from_secs(5))
}

fn raw(port: u16, text: &[u8]) -> String {
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let _ = stream.write_all(text);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn answers_go_out_as_asked() {
    with_server(Limits::default(), |port| {
        assert_eq!(
            ask(port, "POST", "/a?b=c", "d").unwrap(),
            Answer { status: 200, body: "POST /a b=c d".into() }
        );
        assert_eq!(ask(port, "GET", "/slow", "").unwrap().body, "GET /slow  ");
        assert!(ask(port, "GET", "/hang", "").is_err());
        assert!(ask(port, "GET", "/cut", "").is_err(), "an answer that was cut is no answer");
        let cut = raw(port, b"GET /cut HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(cut.contains("content-length: 10") && cut.ends_with("\r\n\r\nGET"), "{cut}");
        assert_eq!(raw(port, b"GET /hang HTTP/1.1\r\nHost: x\r\n\r\n"), "");
    });
}

#[test]
fn what_is_too_big_or_too_late_is_refused() {
    let limits =
        Limits { body_bytes: 100, body_s: 1, header_s: 1, header_bytes: 8 * 1024, ..Limits::default() };
    with_server(limits, |port| {
        assert_eq!(ask(port, "POST", "/", &"x".repeat(100)).unwrap().status, 200);
        assert!(
            raw(
                port,
                format!("POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n{}", "x".repeat(101)).as_bytes()
            )
            .starts_with("HTTP/1.1 413")
        );
        assert!(raw(port, b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc").starts_with("HTTP/1.1 408"));
        let long = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(100_000));
        assert!(!raw(port, long.as_bytes()).starts_with("HTTP/1.1 200"));
        assert!(!raw(port, b"GET / HT").starts_with("HTTP/1.1 200"), "half a request is dropped in time");
        assert!(!raw(port, b"\x00\xff\xfe garbage\r\n\r\n").starts_with("HTTP/1.1 200"));
        assert_eq!(ask(port, "GET", "/", "").unwrap().status, 200, "others are still served");
    });
}

#[test]
fn connections_beyond_the_cap_wait() {
    let limits = Limits { connections: 1, header_s: 1, ..Limits::default() };
    with_server(limits, |port| {
        let _idle = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        assert_eq!(ask(port, "GET", "/", "").unwrap().status, 200, "served once the idle one was dropped");
    });
}

#[test]
fn a_stopped_server_finishes_what_it_began() {
    let mut late = None;
    with_server(Limits::default(), |port| {
        // An idle connection must not keep it from stopping.
        let _idle = raw_open(port);
        late = Some(std::thread::spawn(move || ask(port, "GET", "/late", "")));
        std::thread::sleep(Duration::from_millis(100));
    });
    assert_eq!(late.unwrap().join().unwrap().unwrap().body, "GET /late  ");
}

fn raw_open(port: u16) -> std::net::TcpStream {
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut some = [0; 16];
    stream.read_exact(&mut some).unwrap();
    stream
}
