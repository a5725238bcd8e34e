//! Signatures as rows with digests from `openssl dgst -sha256 -hmac`, thousands of forgeries, and events as rows.

use super::*;

const SECRET: &str = "whsec_0123456789abcdefghij";
const OTHER: &str = "whsec_the_other_secret_of_ours";
const BODY: &[u8] = br#"{"id":"evt_1","object":"event"}"#;
/// 2026-01-01T00:00:00Z
const AT: Timestamp = Timestamp(1_767_225_600);
/// `printf '%s' '1767225600.{"id":"evt_1","object":"event"}' | openssl dgst -sha256 -hmac whsec_0123456789abcdefghij`
const DIGEST: &str = "f5df0660fca8f7e78f4f808df89d2f031ff93fe737019a14e64513e32612cc3d";
/// The same under the other secret.
const OTHER_DIGEST: &str = "7ca33b284d7a202c0eee42d5076f8eab15d5e9638a4f00d9755b741c1f4750f0";

fn secrets(text: &str) -> WebhookSecrets {
    WebhookSecrets::parse(text).unwrap()
}

#[test]
fn headers_as_stripe_writes_them_are_taken() {
    let (one, both) = (secrets(SECRET), secrets(&format!("{OTHER}, {SECRET}")));
    let zeros = "0".repeat(64);
    for (header, secrets, secret) in [
        (format!("t={},v1={DIGEST}", AT.0), &one, 0),
        // A test mode header has a v0 as well; it is not looked at.
        (format!("t={},v1={DIGEST},v0={zeros}", AT.0), &one, 0),
        (format!("t={},v0={zeros},v1={DIGEST},v2=x", AT.0), &one, 0),
        // While a secret is replaced there are two.
        (format!("t={},v1={zeros},v1={DIGEST}", AT.0), &one, 0),
        (format!("t={},v1={OTHER_DIGEST},v1={DIGEST}", AT.0), &one, 0),
        (format!("t={},v1={OTHER_DIGEST}", AT.0), &both, 0),
        (format!("t={},v1={DIGEST}", AT.0), &both, 1),
        (format!("t={},v1={DIGEST},v1={OTHER_DIGEST}", AT.0), &both, 0),
    ] {
        let got = secrets.verify(Some(&header), BODY, AT);
        assert_eq!(got, Ok(Verified { signed_at: AT, secret }), "{header}");
    }
    assert_eq!(WebhookSecret::parse(SECRET).unwrap().sign(BODY, AT), format!("t={},v1={DIGEST}", AT.0));
}

#[test]
fn other_headers_are_not() {
    let one = secrets(SECRET);
    let long = format!("t={},v1={DIGEST}{}", AT.0, ",v0=0".repeat(1_000));
    let parts = format!("t={},v1={DIGEST}{}", AT.0, ",a=b".repeat(40));
    let upper = format!("t={},v1={}", AT.0, DIGEST.to_uppercase());
    for (header, want) in [
        (None, Forged::Missing),
        (Some(""), Forged::Missing),
        (Some("t"), Forged::Malformed),
        (Some(","), Forged::Malformed),
        (Some("t=1767225600"), Forged::NoScheme),
        (Some("v1=@"), Forged::Malformed),
        (Some("t=,v1=@"), Forged::Malformed),
        (Some("t=x,v1=@"), Forged::Malformed),
        (Some("t=+1767225600,v1=@"), Forged::Malformed),
        (Some("t=01767225600,v1=@"), Forged::Malformed),
        (Some("t=-1,v1=@"), Forged::Malformed),
        (Some("t= 1767225600,v1=@"), Forged::Malformed),
        (Some("t=1767225600.0,v1=@"), Forged::Malformed),
        (Some("t=9223372036854775808,v1=@"), Forged::Malformed),
        (Some("t=9223372036854775807,v1=@"), Forged::Mismatch),
        (Some("t=-9223372036854775808,v1=@"), Forged::Malformed),
        (Some("t=1767225600,t=1767225600,v1=@"), Forged::Malformed),
        (Some("t=1767225600,v0=@"), Forged::NoScheme),
        (Some("t=1767225600,V1=@"), Forged::NoScheme),
        (Some("t=1767225600, v1=@"), Forged::NoScheme),
        (Some("t=1767225600,v1 =@"), Forged::NoScheme),
        (Some("t=1767225600,v1= @"), Forged::NoScheme),
        (Some("t=1767225600,v1=@ "), Forged::NoScheme),
        (Some("t=1767225600,v1=@00"), Forged::NoScheme),
        (Some("t=1767225600,v1=@,"), Forged::Malformed),
        (Some("t=1767225600;v1=@"), Forged::Malformed),
        (Some("t=1767225600,v1=é"), Forged::NoScheme),
        (Some(&long), Forged::Malformed),
        (Some(&parts), Forged::Malformed),
        (Some(&upper), Forged::NoScheme),
    ] {
        let header = header.map(|header| header.replace('@', DIGEST));
        assert_eq!(one.verify(header.as_deref(), BODY, AT), Err(want), "{header:?}");
    }
}

#[test]
fn the_clock_may_differ_by_300_seconds_both_ways() {
    let one = secrets(SECRET);
    let header = format!("t={},v1={DIGEST}", AT.0);
    for (by_s, taken) in [(0, true), (300, true), (-300, true), (301, false), (-301, false), (86_400, false)]
    {
        let got = one.verify(Some(&header), BODY, AT.plus(by_s));
        assert_eq!(got.is_ok(), taken, "{by_s}");
        assert!(taken || got == Err(Forged::Stale { by_s }));
    }
    for far in [Timestamp(i64::MIN), Timestamp(i64::MAX)] {
        assert!(matches!(one.verify(Some(&header), BODY, far), Err(Forged::Stale { .. })));
    }
    let forged = format!("t={},v1={OTHER_DIGEST}", AT.0);
    assert_eq!(
        one.verify(Some(&forged), BODY, AT.plus(900)),
        Err(Forged::Mismatch),
        "no clock for strangers"
    );
}

#[test]
fn a_body_may_be_empty_or_any_bytes_but_not_endless() {
    let one = secrets(SECRET);
    let secret = WebhookSecret::parse(SECRET).unwrap();
    for body in [&b""[..], b"\xff\xfe\0", b"\r\n", &vec![b' '; WEBHOOK_BODY_MAX]] {
        assert!(one.verify(Some(&secret.sign(body, AT)), body, AT).is_ok(), "{} bytes", body.len());
    }
    let large = vec![b' '; WEBHOOK_BODY_MAX + 1];
    assert_eq!(one.verify(Some(&secret.sign(&large, AT)), &large, AT), Err(Forged::TooLarge));
}

/// One way to forge or spoil a delivery: what came is `header` and `body` at `now`.
fn forge(way: u64, rng: &mut fastrand::Rng, body: &[u8]) -> (String, Vec<u8>, Timestamp) {
    let ours = WebhookSecret::parse(SECRET).unwrap();
    let stranger = WebhookSecret::parse(&format!("whsec_{:020}", rng.u64(..))).unwrap();
    let mut body = body.to_vec();
    let good = ours.sign(&body, AT);
    let digest = good.rsplit('=').next().unwrap().to_owned();
    let flip = |text: &str, place: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
        String::from_utf8(bytes).unwrap()
    };
    let header = match way {
        // One bit of the body.
        0 => {
            let place = rng.usize(..body.len());
            body[place] ^= 1 << rng.u8(..8);
            good
        }
        1 => format!("t={},v1={}", AT.0, flip(&digest, rng.usize(..64))),
        2 => stranger.sign(&body, AT),
        3 => ours.sign(&body, AT.plus(-301 - rng.i64(..1_000_000))),
        4 => ours.sign(&body, AT.plus(301 + rng.i64(..1_000_000))),
        5 => good.replace("v1=", "v0="),
        6 => good[..rng.usize(..good.len())].to_owned(),
        // Another time around the same digest.
        7 => format!("t={},v1={digest}", AT.0 + 1 + rng.i64(..300)),
        8 => format!("t={},{good}", AT.0 - rng.i64(..300)),
        9 => format!("{good},t={}", AT.0),
        10 => good.replace(',', ", "),
        11 => {
            body.truncate(rng.usize(..body.len()));
            good
        }
        12 => {
            body.extend([b' ', b'\n'].iter().take(1 + rng.usize(..2)));
            good
        }
        13 => format!("t={},v1={}", AT.0, digest.to_uppercase().replace(char::is_numeric, "A")),
        14 => format!("t={},v1={},v1={}", AT.0, flip(&digest, 0), flip(&digest, 63)),
        15 => {
            // The digest of the body alone, without its time.
            let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
            mac.update(&body);
            let hex: String = mac.finalize().into_bytes().iter().map(|it| format!("{it:02x}")).collect();
            format!("t={},v1={hex}", AT.0)
        }
        16 => {
            // Without the prefix of the secret in the key.
            let mut mac = Hmac::<Sha256>::new_from_slice(&SECRET.as_bytes()[6..]).unwrap();
            mac.update(format!("{}.", AT.0).as_bytes());
            mac.update(&body);
            let hex: String = mac.finalize().into_bytes().iter().map(|it| format!("{it:02x}")).collect();
            format!("t={},v1={hex}", AT.0)
        }
        _ => (0..rng.usize(..200)).map(|_| rng.char('\u{1}'..'\u{2ff}')).collect(),
    };
    (header, body, AT)
}

#[test]
fn no_forgery_is_taken_and_no_delivery_refused() {
    let mut rng = fastrand::Rng::with_seed(20_260_101);
    let ours = secrets(&format!("{SECRET},{OTHER}"));
    let (mut forged, mut kept) = (0, 0);
    for round in 0..5_400 {
        let body: Vec<u8> = (0..1 + rng.usize(..400)).map(|_| rng.u8(..)).collect();
        let (header, bytes, now) = forge(round % 18, &mut rng, &body);
        assert!(ours.verify(Some(&header), &bytes, now).is_err(), "way {}: {header}", round % 18);
        forged += 1;
        let signer = WebhookSecret::parse(if rng.bool() { SECRET } else { OTHER }).unwrap();
        let late = rng.i64(-300..=300);
        assert!(ours.verify(Some(&signer.sign(&body, AT)), &body, AT.plus(late)).is_ok());
        kept += 1;
    }
    assert!(forged >= 2_000 && kept >= 2_000);
}

#[test]
fn secrets_have_a_known_shape_and_never_show_themselves() {
    for (text, want) in [
        (SECRET, Ok(1)),
        ("whsec_0123456789abcdef,whsec_+/=-_ABCDEFGH", Ok(2)),
        (" whsec_0123456789abcdef , whsec_0123456789abcdeg\n", Ok(2)),
        ("", Err(BadSecret::Empty)),
        (",", Err(BadSecret::Empty)),
        ("whsec_0123456789abcdef,", Err(BadSecret::Empty)),
        ("sk_test_0123456789abcdef", Err(BadSecret::Shape)),
        ("whsec_", Err(BadSecret::Shape)),
        ("WHSEC_0123456789abcdef", Err(BadSecret::Shape)),
        ("whsec_01234 56789abcdef", Err(BadSecret::Characters)),
        ("whsec_0123456789abcdéf", Err(BadSecret::Characters)),
    ] {
        let got = WebhookSecrets::parse(text);
        assert_eq!(got.as_ref().map(WebhookSecrets::count).map_err(Clone::clone), want, "{text:?}");
        assert!(!format!("{got:?}").contains("0123456789"));
    }
}

const INVOICE: &str = r#"{"id":"evt_1","object":"event","api_version":"2026-09-30.endive","created":1767225600,
    "data":{"object":{"id":"in_1","object":"invoice","customer":"cus_1","amount":12.50},"previous_attributes":{"status":"draft"}},
    "livemode":false,"pending_webhooks":1,"request":{"id":"req_1","idempotency_key":"k"},"type":"invoice.paid","account":"acct_2"}"#;

#[test]
fn a_snapshot_event_is_read() {
    let Ok(Received::Snapshot(event)) = Received::read(INVOICE.as_bytes()) else { panic!("{INVOICE}") };
    assert_eq!((event.id.as_str(), event.kind.as_str()), ("evt_1", "invoice.paid"));
    assert_eq!((event.created, event.livemode), (AT, false));
    assert_eq!((event.object_id(), event.object_kind()), (Some("in_1"), Some("invoice")));
    assert_eq!((event.customer(), event.account.as_deref()), (Some("cus_1"), Some("acct_2")));
    assert_eq!((event.request.as_deref(), event.request_key.as_deref()), (Some("req_1"), Some("k")));
    assert_eq!(event.previous.as_ref().unwrap()["status"], "draft");
    assert_eq!(event.object["amount"].to_string(), "12.50", "numbers keep their digits");
    let bare = r#"{"id":"evt_2","object":"event","created":1,"data":{"object":{"object":"balance"}},"livemode":true,"type":"a.b","request":null}"#;
    let Ok(Received::Snapshot(event)) = Received::read(bare.as_bytes()) else { panic!("{bare}") };
    assert_eq!((event.object_id(), event.customer(), event.previous.is_none()), (None, None, true));
    assert_eq!((event.request.is_none(), event.livemode), (true, true));
}

#[test]
fn a_thin_event_is_read() {
    let notice = r#"{"id":"evt_test_1","object":"v2.core.event","type":"v1.billing.meter.error_report_triggered","livemode":false,
        "created":"2026-01-01T00:00:00.000Z","context":null,"related_object":{"id":"mtr_1","type":"billing.meter","url":"/v1/billing/meters/mtr_1"}}"#;
    let Ok(Received::Thin(event)) = Received::read(notice.as_bytes()) else { panic!("{notice}") };
    assert_eq!((event.created, event.data.is_none(), event.context.is_none()), (AT, true, true));
    assert_eq!(
        event.related.as_ref().map(|it| (it.id.as_str(), it.kind.as_str())),
        Some(("mtr_1", "billing.meter"))
    );
    let none = r#"{"id":"evt_1","object":"v2.core.event","type":"v1.billing.meter.no_meter_found","livemode":false,"created":"2026-01-01T00:00:00Z","related_object":null}"#;
    let Ok(Received::Thin(event)) = Received::read(none.as_bytes()) else { panic!("{none}") };
    assert!(event.related.is_none());
}

#[test]
fn other_bodies_are_no_events() {
    let without = |from: &str, to: &str| INVOICE.replacen(from, to, 1);
    for (body, want) in [
        (String::new(), "Json"),
        ("{".to_owned(), "Json"),
        ("null".to_owned(), "Object"),
        ("[]".to_owned(), "Object"),
        ("{\"object\":\"invoice\"}".to_owned(), "Object"),
        (without("\"id\":\"evt_1\",", ""), "id"),
        (without("evt_1", "in_1"), "id"),
        (without("evt_1", "evt_ 1"), "id"),
        (without("evt_1", &format!("evt_{}", "1".repeat(300))), "id"),
        (without("\"livemode\":false,", ""), "livemode"),
        (without("\"livemode\":false", "\"livemode\":\"false\""), "livemode"),
        (without("\"invoice.paid\"", "7"), "type"),
        (without("1767225600", "\"x\""), "created"),
        (without("1767225600", "1.5"), "created"),
        (without("\"data\":{\"object\"", "\"data\":{\"o\""), "data.object"),
        (without("\"data\"", "\"d\""), "data"),
    ] {
        let got = match Received::read(body.as_bytes()) {
            Err(BadEvent::Json(_)) => "Json",
            Err(BadEvent::Object) => "Object",
            Err(BadEvent::Field(name)) => name,
            Ok(_) => "taken",
        };
        assert_eq!(got, want, "{body}");
    }
}
