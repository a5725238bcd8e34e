use super::*;
use crate::billing::alert::Severity;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

fn takes() -> Takes {
    Takes { operator: true, customer: true, at_least: Severity::Info, kinds: None }
}
fn letter() -> Letter {
    Letter {
        key: "alert:1:meter.tokens:5:100:080:operator".to_owned(),
        audience: "operator",
        customer: Some("acme".to_owned()),
        kind: "cap".to_owned(),
        severity: "warning",
        subject: "acme: 80 % of tokens".to_owned(),
        text: "acme has used 80 of 100 <tokens> & more".to_owned(),
        facts: r#"{"used":80}"#.to_owned(),
        at: Timestamp::parse("2026-11-21T08:00:00Z").unwrap(),
        address: Some("ops@example.com".to_owned()),
    }
}
fn now() -> Timestamp {
    Timestamp(1_795_248_000)
}
fn sink(way: Way) -> Sink {
    Sink { name: "s".to_owned(), takes: takes(), way }
}
fn send(sink: &Sink, letter: &Letter) -> Reply {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(sink.send(letter, now()))
}
fn address(port: u16, path: &str) -> Address {
    Address::new(Secret::parse(&format!("http://127.0.0.1:{port}{path}")).unwrap())
}

/// Answers one request so, and gives what it was: head and body.
fn http_once(status: &'static str) -> (u16, JoinHandle<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let (head, body) = read_request(&stream);
        if !status.is_empty() {
            let text = format!(
                "HTTP/1.1 {status}\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\n\r\n"
            );
            (&stream).write_all(text.as_bytes()).unwrap();
        }
        (head, body)
    });
    (port, served)
}

fn read_request(stream: &TcpStream) -> (String, String) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim_end().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}

#[test]
fn slack_gets_a_text_with_its_control_characters_escaped() {
    let (port, served) = http_once("200 OK");
    assert_eq!(send(&sink(Way::Slack(address(port, "/services/T"))), &letter()), Reply::Sent);
    let (head, body) = served.join().unwrap();
    assert!(head.starts_with("POST /services/T HTTP/1.1"), "{head}");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let text = "[warning] acme: 80 % of tokens\nacme has used 80 of 100 &lt;tokens&gt; &amp; more";
    assert_eq!(body, serde_json::json!({ "text": text }));
}

#[test]
fn a_webhook_is_signed_over_time_and_body() {
    let (port, served) = http_once("204 No Content");
    let secret = Secret::parse("topsecret").unwrap();
    let way = Way::Webhook(address(port, "/n"), Some(secret.clone()));
    assert_eq!(send(&sink(way), &letter()), Reply::Sent);
    let (head, body) = served.join().unwrap();
    let header = |name: &str| {
        let found = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned())
    };
    assert_eq!(header("paygrade-signature"), Some(http::signature(&secret, &body, now())));
    assert_eq!(header("idempotency-key"), Some(letter().key));
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["id"], letter().key);
    assert_eq!(body["facts"], serde_json::json!({ "used": 80 }));
    assert_eq!(body["at"], "2026-11-21T08:00:00Z");
    // `printf '%s' '1795248000.{}' | openssl dgst -sha256 -hmac topsecret`
    assert_eq!(
        http::signature(&secret, "{}", now()),
        "t=1795248000,v1=0568de2872cb8d3e92666676edfa5756eff8e5518375abfd4e1e81a70c17804b"
    );
}

#[test]
fn an_answer_is_certain_and_silence_is_not() {
    for (status, want) in [
        ("500 Internal Server Error", "not"),
        ("410 Gone", "not"),
        ("302 Found", "not"),
        ("200 OK", "sent"),
        ("", "unknown"),
    ] {
        let (port, served) = http_once(status);
        let got = match send(&sink(Way::Slack(address(port, "/SECRETPATH"))), &letter()) {
            Reply::Sent => "sent".to_owned(),
            Reply::NotSent(why) => format!("not {why}"),
            Reply::Unknown(why) => format!("unknown {why}"),
        };
        served.join().unwrap();
        assert!(got.starts_with(want), "{status}: {got}");
        assert!(!got.contains("SECRETPATH"), "the address is a secret: {got}");
    }
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(matches!(send(&sink(Way::Slack(address(free, "/"))), &letter()), Reply::NotSent(_)));
}

#[test]
fn a_ping_says_when_it_failed() {
    for (url, want) in [
        ("https://hc.example/u", "https://hc.example/u/fail"),
        ("https://hc.example/u/?a=b", "https://hc.example/u/fail?a=b"),
    ] {
        assert_eq!(http::with_fail(url), want);
    }
    let (port, served) = http_once("200 OK");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(ping(&address(port, "/p"), true)), Reply::Sent);
    assert!(served.join().unwrap().0.starts_with("GET /p/fail "));
}

/// A mail server of one mailbox. `refuse`: what it answers to this command; `hang_up`: at this command.
fn smtp(refuse: &'static str, hang_up: &'static str) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = std::thread::spawn(move || {
        let mut mails = Vec::new();
        // One connection to see whether it is there, one for the mail.
        for _ in 0..2 {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(&stream);
            let say = |text: &str| (&stream).write_all(format!("{text}\r\n").as_bytes()).is_ok();
            say("220 here");
            let mut line = String::new();
            while reader.read_line(&mut line).unwrap_or(0) > 0 {
                let word = line.split_whitespace().next().unwrap_or_default().to_uppercase();
                line.clear();
                if word == refuse {
                    say("550 no");
                    continue;
                }
                if word == hang_up {
                    break;
                }
                match word.as_str() {
                    "EHLO" => say("250-here\r\n250 8BITMIME"),
                    "QUIT" => {
                        say("221 bye");
                        break;
                    }
                    "DATA" => {
                        say("354 go on");
                        let mut mail = String::new();
                        while !mail.ends_with("\r\n.\r\n") && reader.read_line(&mut mail).unwrap_or(0) > 0 {}
                        mails.push(mail);
                        if hang_up == "." {
                            break;
                        }
                        say("250 taken")
                    }
                    _ => say("250 ok"),
                };
            }
        }
        mails
    });
    (port, served)
}

fn mailer(port: u16) -> Mailer {
    Mailer {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        security: Security::None,
        login: None,
        from: "billing@acme.example".to_owned(),
        to: Some("ops@example.com".to_owned()),
    }
}

#[test]
fn a_mail_has_sender_subject_and_an_id_that_stays() {
    let (port, served) = smtp("", "");
    assert_eq!(send(&sink(Way::Smtp(mailer(port))), &letter()), Reply::Sent);
    let mails = served.join().unwrap();
    let mail = &mails[0];
    for part in [
        "From: billing@acme.example\r\n",
        "To: ops@example.com\r\n",
        "Subject: acme: 80 % of tokens\r\n",
        "Message-ID: <paygrade.alert.1.meter.tokens.5.100.080.operator@acme.example>\r\n",
        "Date: Sat, 21 Nov 2026 08:00:00 +0000\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "\r\n\r\nacme has used 80 of 100 <tokens> & more\r\n",
    ] {
        assert!(mail.contains(part), "{part}\n{mail}");
    }
}

#[test]
fn a_mail_that_was_handed_over_without_an_answer_is_unknown() {
    for (refuse, hang_up, want) in
        [("RCPT", "", "not"), ("DATA", "", "not"), ("", ".", "unknown"), ("", "", "sent")]
    {
        let (port, served) = smtp(refuse, hang_up);
        let got = match send(&sink(Way::Smtp(mailer(port))), &letter()) {
            Reply::Sent => "sent".to_owned(),
            Reply::NotSent(why) => format!("not {why}"),
            Reply::Unknown(why) => format!("unknown {why}"),
        };
        assert!(got.starts_with(want), "{refuse} {hang_up}: {got}");
        served.join().unwrap();
    }
}

#[test]
fn mail_leaves_this_machine_over_tls_only() {
    let far = Mailer { host: "mail.example".to_owned(), ..mailer(25) };
    assert!(matches!(send(&sink(Way::Smtp(far)), &letter()), Reply::NotSent(why) if why.contains("TLS")));
    // A server that offers no STARTTLS gets nothing.
    let (port, served) = smtp("", "");
    let strict = Mailer { security: Security::Starttls, host: "localhost".to_owned(), ..mailer(port) };
    assert!(matches!(send(&sink(Way::Smtp(strict)), &letter()), Reply::NotSent(_)));
    let _ = TcpStream::connect(("127.0.0.1", port));
    assert_eq!(served.join().unwrap(), Vec::<String>::new());
}

#[test]
fn nothing_shows_a_secret() {
    let way = Way::Webhook(address(1, "/SECRET"), Some(Secret::parse("SECRET").unwrap()));
    let login = Some(("u".to_owned(), Secret::parse("SECRET").unwrap()));
    let mail = Way::Smtp(Mailer { login, ..mailer(1) });
    assert!(!format!("{:?}{:?}", sink(way), sink(mail)).contains("SECRET"));
}
