//! Exports beside SQL: whatever is written is what the store holds, in every format, packed or not, grouped or not.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::world::World;

const CATALOG: &str = r#"
schema = 1
namespace = "acme"
currency = "usd"
[meters.calls]
name = "Calls"
event = "calls"
unit = "call"
[meters.mails]
name = "Mails"
event = "mails"
unit = "mail"
[meters.tokens]
name = "Tokens"
event = "tokens"
unit = "token"
[tiers.free]
name = "Free"
rank = 0
usage.mails = { included = 700, beyond = "block" }
usage.tokens = { beyond = "credits", credits_per = { units = 50, credits = 2 } }
[tiers.pro]
name = "Pro"
rank = 1
prices = [{ interval = "month", amount = "29.00" }]
usage.calls = { included = 1000, beyond = "bill", price = "0.01" }
usage.mails = { unlimited = true }
"#;

const LATER: &str = "2026-12-28T12:00:00Z";

/// Three customers and three thousand events.
fn world() -> World {
    world_of(3_000)
}

/// Three customers and so many events over a month and a half, some delivered, some with ids of their own.
fn world_of(events: u64) -> World {
    let mut world = World::new();
    world.file("catalog.toml", CATALOG);
    world.demand(0, "seed --yes");
    world.demand(
        0,
        "customer add acme --email billing@acme.example --name Acme --payment-method pm_card_visa",
    );
    world.demand(0, "customer add beta --email b@beta.example");
    world.demand(0, "customer add =gamma --email g@gamma.example");
    world.demand(0, "tier assign acme pro --yes");
    world.demand(0, "tier assign beta free --yes");
    world.demand(0, "credits grant beta 5 --reason welcome");
    let mut csv = String::from("id,time,quantity,customer,meter,action,user\n");
    let mut random: u64 = 42;
    let mut draw = |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    for row in 0..events {
        // From 2026-11-21T09:00:00Z on, up to 36 days.
        let micros = 1_795_251_600_000_000 + row * (3_110_400_000_000 / events) + draw(1_000) * 1_000;
        let id = match draw(3) {
            0 => format!("\"job, {row}\""),
            _ => format!("{:08x}-0000-4000-8000-{row:012x}", draw(1 << 30)),
        };
        let customer = ["acme", "beta", "=gamma"][draw(3) as usize];
        let meter = ["calls", "mails", "tokens"][draw(3) as usize];
        let action = ["", "search", "say \"\"hi\"\""][draw(3) as usize];
        let user = if draw(2) == 0 { String::new() } else { format!("u{}", draw(40)) };
        writeln!(csv, "{id},{micros},{},{customer},{meter},\"{action}\",{user}", 1 + draw(9)).unwrap();
    }
    world.file("usage.csv", &csv);
    world.now(Some(LATER));
    world.demand(0, "local advance");
    world.demand(0, "usage import usage.csv");
    // The first period's were too late for its invoice: 4 says so. The others are delivered.
    world.run("meter push");
    world
}

fn store(world: &World) -> rusqlite::Connection {
    rusqlite::Connection::open(world.path().join(".paygrade/local.db")).unwrap()
}

/// Rows of a query as text: nothing for NULL, true and false for the columns that say so.
fn queried(world: &World, sql: &str, flags: &[&str]) -> Vec<BTreeMap<String, String>> {
    let conn = store(world);
    let mut statement = conn.prepare(sql).unwrap();
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([]).unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let cell = |(at, name): (usize, &String)| {
            let value = match row.get_ref(at).unwrap() {
                rusqlite::types::ValueRef::Null => String::new(),
                rusqlite::types::ValueRef::Integer(number) if flags.contains(&name.as_str()) => {
                    (number == 1).to_string()
                }
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                other => other.as_str().unwrap().to_owned(),
            };
            (name.clone(), value)
        };
        found.push(names.iter().enumerate().map(cell).collect());
    }
    found
}

fn csv_rows(text: &[u8]) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text);
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |row: csv::StringRecord| names.iter().cloned().zip(row.iter().map(str::to_owned)).collect();
    reader.records().map(|it| row(it.unwrap())).collect()
}

fn json_rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let cell = |(name, value): (&String, &Value)| {
        let text = match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        (name.clone(), text)
    };
    let row = |line: &str| {
        let object: Value = serde_json::from_str(line).unwrap();
        object.as_object().unwrap().iter().map(cell).collect()
    };
    text.lines().map(row).collect()
}

/// CSV disarms what a spreadsheet would run; elsewhere it is as it was.
fn armed(mut rows: Vec<BTreeMap<String, String>>) -> Vec<BTreeMap<String, String>> {
    for value in rows.iter_mut().flat_map(BTreeMap::values_mut) {
        if let Some(plain) = value.strip_prefix("'=") {
            *value = format!("={plain}");
        }
    }
    rows
}

/// An import stores events in the order of their ids; lines are told by their number.
fn in_order(column: &str, mut rows: Vec<BTreeMap<String, String>>) -> Vec<BTreeMap<String, String>> {
    rows.sort_by_key(|row| number(row, column));
    rows
}

#[test]
fn an_export_says_what_the_store_says() {
    let world = world();
    for (what, view, order) in [
        ("usage", "v_usage", "line"),
        ("deliveries", "v_deliveries", "delivery"),
        ("ledger", "v_ledger", "entry"),
    ] {
        let wanted = queried(&world, &format!("SELECT * FROM {view} ORDER BY {order}"), &["over_quota"]);
        assert!(!wanted.is_empty(), "{what} has rows");
        let csv = world.demand(0, &format!("export {what} -q -o csv")).out;
        assert_eq!(in_order(order, armed(csv_rows(csv.as_bytes()))), wanted, "{what} as CSV");
        let ndjson = world.demand(0, &format!("export {what} -q -o ndjson")).out;
        assert_eq!(in_order(order, json_rows(&ndjson)), wanted, "{what} as NDJSON");
        let json: Value =
            serde_json::from_str(&world.demand(0, &format!("export {what} -q -o json")).out).unwrap();
        let rows: Vec<String> = json["rows"].as_array().unwrap().iter().map(Value::to_string).collect();
        assert_eq!(in_order(order, json_rows(&rows.join("\n"))), wanted, "{what} as JSON");
    }
    let delivered = queried(&world, "SELECT COUNT(delivery) AS n FROM v_usage", &[]);
    assert!(delivered[0]["n"].parse::<i64>().unwrap() > 50, "some events are in deliveries: {delivered:?}");
    let totals = queried(&world, "SELECT COUNT(*) AS n, SUM(quantity) AS units FROM usage_event", &[]);
    let said = world.demand(0, "export usage --out usage-out.csv").err;
    assert_eq!(said.trim(), format!("{} usage events, {} units", totals[0]["n"], totals[0]["units"]));
}

/// Columns that were asked for say what they say among all of them, whichever others are there, and in their order.
#[test]
fn chosen_columns_say_what_all_of_them_say() {
    let world = world();
    let id =
        queried(&world, "SELECT event FROM v_usage WHERE customer = 'acme' AND event NOT LIKE 'job%'", &[]);
    world.demand(0, &format!("usage void {} --reason twice --yes", id[0]["event"]));
    let all = world.demand(0, "export usage -q -o csv").out;
    let columns: Vec<&str> = all.lines().next().unwrap().split(',').collect();
    let rows = csv_rows(all.as_bytes());
    let mut chosen: Vec<Vec<&str>> = columns.iter().map(|column| vec![*column]).collect();
    chosen.push(columns.iter().rev().copied().collect());
    chosen.push(vec!["event", "customer", "meter", "quantity", "at", "action"]);
    chosen.push(vec!["meter", "customer", "over_quota", "user", "span", "action", "voided_by"]);
    for columns in chosen {
        let asked = format!("export usage -q -o csv --columns {}", columns.join(","));
        let csv = world.demand(0, &asked).out;
        assert_eq!(csv.lines().next().unwrap(), columns.join(","));
        let wanted: Vec<BTreeMap<String, String>> = rows
            .iter()
            .map(|row| columns.iter().map(|column| ((*column).to_owned(), row[*column].clone())).collect())
            .collect();
        assert!(csv_rows(csv.as_bytes()) == wanted, "{columns:?}");
    }
    let voided = rows.iter().filter(|row| !row["voided_by"].is_empty()).count();
    assert_eq!(voided, 1);
}

/// So many that several readers share the work: each event once, in the order of recording, in every format.
#[test]
fn a_large_export_says_what_the_store_says() {
    let world = world_of(60_000);
    let wanted = queried(&world, "SELECT * FROM v_usage ORDER BY line", &["over_quota"]);
    let recorded = queried(&world, "SELECT line FROM usage_event ORDER BY seq", &[]);
    let lines = |rows: &[BTreeMap<String, String>]| -> Vec<i64> {
        rows.iter().map(|row| number(row, "line")).collect()
    };
    let demand = |rows: Vec<BTreeMap<String, String>>, form: &str| {
        assert!(lines(&rows) == lines(&recorded), "the order of {form}");
        assert!(in_order("line", rows) == wanted, "the rows of {form}");
    };
    demand(armed(csv_rows(world.demand(0, "export usage -q -o csv").out.as_bytes())), "CSV");
    demand(json_rows(&world.demand(0, "export usage -q -o ndjson").out), "NDJSON");
    let json = world.demand(0, "export usage -q -o json").out;
    let json: Value = serde_json::from_str(&json).unwrap();
    let rows: Vec<String> = json["rows"].as_array().unwrap().iter().map(Value::to_string).collect();
    demand(json_rows(&rows.join("\n")), "JSON");
}

/// A part of the usage is the same part of the rows.
#[test]
fn filters_choose_the_same_rows_as_sql() {
    let world = world();
    for (options, condition) in [
        ("--customer acme", "customer = 'acme'"),
        ("--meter tokens", "meter = 'tokens'"),
        ("--customer beta --meter mails", "customer = 'beta' AND meter = 'mails'"),
        ("--from 2026-12-01", "at >= '2026-12-01'"),
        (
            "--customer =gamma --from 2026-11-25T10:00:00Z --to 2026-12-03",
            "customer = '=gamma' AND at >= '2026-11-25T10:00:00' AND at < '2026-12-03'",
        ),
    ] {
        let options = options.replace("--customer =", "--customer==");
        let sql = format!("SELECT * FROM v_usage WHERE {condition} ORDER BY line");
        let wanted = queried(&world, &sql, &["over_quota"]);
        assert!(wanted.len() > 20, "{options} chooses some");
        let ndjson = world.demand(0, &format!("export usage -q -o ndjson {options}")).out;
        assert_eq!(in_order("line", json_rows(&ndjson)), wanted, "{options}");
    }
}

fn number(row: &BTreeMap<String, String>, column: &str) -> i64 {
    row[column].parse().unwrap()
}

/// However usage is grouped, its sums are those of the whole; and per period they are those of `usage show`.
#[test]
fn groups_add_up() {
    let world = world();
    let total = |rows: &[BTreeMap<String, String>]| {
        ["events", "quantity", "included", "overage", "uncounted", "credits"]
            .map(|column| rows.iter().map(|row| number(row, column)).sum::<i64>())
    };
    let grouped = |options: &str| {
        csv_rows(world.demand(0, &format!("export usage -q -o csv {options}")).out.as_bytes())
    };
    let whole = total(&grouped("--group-by customer"));
    let all = &queried(&world, "SELECT COUNT(*) AS n, SUM(quantity) AS units FROM usage_event", &[])[0];
    assert_eq!([whole[0], whole[1]], [number(all, "n"), number(all, "units")]);
    assert_eq!(whole[2] + whole[3] + whole[4], whole[1], "every unit is included, beyond or not counted");
    for keys in
        ["meter", "user,action", "customer,meter,day", "month,customer", "hour", "action,customer,meter,user"]
    {
        let rows = grouped(&format!("--group-by {keys}"));
        assert_eq!(total(&rows), whole, "by {keys}");
        let mut places: Vec<Vec<&str>> =
            rows.iter().map(|row| keys.split(',').map(|key| row[key].as_str()).collect()).collect();
        assert!(places.is_sorted(), "groups come in the order of their keys: {keys}");
        places.dedup();
        assert_eq!(places.len(), rows.len(), "each group once: {keys}");
    }
    let by_sql = queried(
        &world,
        "SELECT customer, meter, substr(at, 1, 10) AS day, COUNT(*) AS events, SUM(quantity) AS quantity
         FROM v_usage GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        &[],
    );
    let days = armed(grouped("--group-by customer,meter,day"));
    let days: Vec<Vec<String>> = days
        .iter()
        .map(|row| ["customer", "meter", "day", "events", "quantity"].map(|it| row[it].clone()).to_vec())
        .collect();
    let by_sql: Vec<Vec<String>> = by_sql
        .iter()
        .map(|row| ["customer", "meter", "day", "events", "quantity"].map(|it| row[it].clone()).to_vec())
        .collect();
    assert_eq!(days, by_sql);

    let mut compared = 0;
    for period in ["current", "last"] {
        let shown: Value =
            serde_json::from_str(&world.demand(0, &format!("usage show -o json --period {period}")).out)
                .unwrap();
        for row in shown["rows"].as_array().unwrap().iter().filter(|row| !row["included"].is_null()) {
            let (from, to) = row["period"].as_str().unwrap().split_once('/').unwrap();
            let (customer, meter) = (row["customer"].as_str().unwrap(), row["meter"].as_str().unwrap());
            let of = grouped(&format!(
                "--group-by customer,meter --customer={customer} --meter {meter} --from {from} --to {to}"
            ));
            let of = total(&of);
            assert_eq!(of[2] + of[3], row["used"].as_i64().unwrap(), "used {customer} {meter} {period}");
            assert_eq!(of[3], row["overage"].as_i64().unwrap(), "overage {customer} {meter} {period}");
            compared += usize::from(of[3] > 0);
        }
    }
    assert!(compared >= 3, "some went beyond what is included: {compared}");
    let due = queried(&world, "SELECT SUM(due) AS due FROM usage_credit", &[]);
    assert_eq!(whole[5], number(&due[0], "due"), "credits are those that the ledger asked for");
}

#[test]
fn packed_files_unpack_to_the_same() {
    let world = world();
    world.demand(0, "export usage --out plain.csv");
    world.demand(0, "export usage --out packed.csv.gz");
    world.demand(0, "export usage --out packed.csv.zst");
    world.demand(0, "export usage -o csv --out packed.ndjson.zst");
    let read = |name: &str| std::fs::read(world.path().join(name)).unwrap();
    let plain = read("plain.csv");
    let mut gunzipped = Vec::new();
    let packed = read("packed.csv.gz");
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut gunzipped).unwrap();
    assert!(gunzipped == plain, "gzip");
    assert!(packed.len() < plain.len() / 2);
    assert!(zstd::decode_all(read("packed.csv.zst").as_slice()).unwrap() == plain, "zstd");
    // The extension before that of the packing decides, as it does without.
    let rows = zstd::decode_all(read("packed.ndjson.zst").as_slice()).unwrap();
    assert_eq!(json_rows(&String::from_utf8(rows).unwrap()).len(), 3_000);
    world.demand(2, "export usage --out packed.xlsx.gz");
    // What we pack ourselves we can read, whole or not at all.
    let packed = zstd::encode_all(read("usage.csv").as_slice(), 3).unwrap();
    std::fs::write(world.path().join("usage.csv.zst"), &packed).unwrap();
    let again = world.demand(0, "usage import usage.csv.zst").out;
    assert!(again.contains("3000 rows read, 0 inserted, 3000 rows already known"), "{again}");
    std::fs::write(world.path().join("cut.csv.zst"), &packed[..packed.len() - 5]).unwrap();
    let cut = world.demand(3, "usage import cut.csv.zst").err;
    assert!(cut.contains("cannot be read"), "{cut}");
}

fn sha256(path: &Path) -> String {
    Sha256::digest(std::fs::read(path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A folder with every export, each as the single export writes it, and a manifest that proves it.
#[test]
fn all_of_it_is_one_folder_with_a_manifest() {
    let world = world();
    // What a killed run left is thrown away.
    std::fs::create_dir(world.path().join(".out.part")).unwrap();
    world.file(".out.part/half.csv", "x");
    world.demand(0, "export all --out out");
    let folder = world.path().join("out");
    let manifest: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("manifest.json")).unwrap()).unwrap();
    let files = manifest["files"].as_array().unwrap();
    let mut names: Vec<&str> = files.iter().map(|it| it["file"].as_str().unwrap()).collect();
    names.push("manifest.json");
    let mut there: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    there.sort_unstable();
    assert_eq!(there, names);
    for file in files {
        let name = file["file"].as_str().unwrap();
        assert_eq!(file["sha256"], sha256(&folder.join(name)), "{name}");
        let bytes = std::fs::read(folder.join(name)).unwrap();
        assert_eq!(file["bytes"], bytes.len(), "{name}");
        assert_eq!(file["rows"], csv_rows(&bytes).len(), "{name}");
        let alone = world.demand(0, &format!("export {} -q -o csv", name.trim_end_matches(".csv"))).out;
        assert!(alone.as_bytes() == bytes, "{name} is what the export alone writes");
    }
    let usage = files.iter().find(|it| it["file"] == "usage.csv").unwrap();
    let units = queried(&world, "SELECT SUM(quantity) AS units FROM usage_event", &[]);
    assert_eq!(usage["sums"]["quantity"], number(&units[0], "units"));
    let hidden = std::fs::read_dir(world.path())
        .unwrap()
        .filter(|it| it.as_ref().unwrap().file_name().to_string_lossy().starts_with(".out"));
    assert_eq!(hidden.count(), 0, "nothing is left beside it");
    // What is there is not written over.
    let said = world.demand(5, "export all --out out");
    assert!(said.err.contains("out is there already"), "{}", said.err);
}

/// Names and addresses come only when asked for, and that they did is on record.
#[test]
fn names_and_addresses_are_asked_for() {
    let world = world();
    let plain = world.demand(0, "export customers -o csv -q").out;
    assert!(!plain.contains(".example") && !plain.contains("Acme"), "{plain}");
    world.demand(0, "export all --out without");
    for file in std::fs::read_dir(world.path().join("without")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains("billing@acme.example"));
    }
    assert!(!world.demand(0, "runs list -o json").out.contains("export"), "reading is no run");
    let whole = world.demand(0, "export customers --pii -o csv -q --as mia --ref T-7").out;
    let rows = csv_rows(whole.as_bytes());
    let acme = rows.iter().find(|row| row["customer"] == "acme").unwrap();
    assert_eq!((acme["email"].as_str(), acme["name"].as_str()), ("billing@acme.example", "Acme"));
    let last = queried(&world, "SELECT command, actor, reason, ref FROM run ORDER BY run DESC LIMIT 1", &[]);
    assert_eq!(last[0]["command"], "export");
    assert_eq!(last[0]["actor"], "mia");
    assert_eq!(last[0]["ref"], "T-7");
    assert_eq!(last[0]["reason"], "names and e-mail addresses of customers exported to standard output");
    world.demand(2, "export usage --pii");
}

/// Lines of invoices with what was recorded beside what was billed.
#[test]
fn invoices_stand_beside_what_was_recorded() {
    let world = world();
    let rows = csv_rows(world.demand(0, "export invoices -o csv -q").out.as_bytes());
    let usage: Vec<_> = rows.iter().filter(|row| row["meter"] == "calls").collect();
    assert!(!usage.is_empty(), "{rows:#?}");
    assert!(usage.iter().all(|row| row["tier"] == "pro" && row["price_key"] == "usage.calls"));
    // All of the first period's usage came after its invoice was final: recorded, and billed as nothing.
    let first = queried(
        &world,
        "SELECT SUM(quantity) AS units FROM v_usage
         WHERE customer = 'acme' AND meter = 'calls' AND at < '2026-12-21T08:00:00'",
        &[],
    );
    let recorded: i64 = usage.iter().filter_map(|row| row["recorded_quantity"].parse::<i64>().ok()).sum();
    assert_eq!(recorded, number(&first[0], "units"));
    let billed: i64 = usage.iter().filter_map(|row| row["quantity"].parse::<i64>().ok()).sum();
    assert_eq!(billed, 0);
    let paid: i64 = rows.iter().filter_map(|row| row["paid_amount"].parse::<i64>().ok()).sum();
    assert_eq!(paid, 2 * 2_900, "two months are paid, each once");
    let total: i64 = rows.iter().filter_map(|row| row["total"].parse::<i64>().ok()).sum();
    assert_eq!(total, 2 * 2_900);
    let none = world.demand(0, "export invoices --customer beta -o csv -q").out;
    assert_eq!(csv_rows(none.as_bytes()).len(), 0);
}
