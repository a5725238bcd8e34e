//! `catalog pull`: what Stripe holds comes back as a catalog that changes nothing.

use paygrade::billing::change::{Op, Options};
use paygrade::billing::id::Namespace;
use paygrade::config::templates::TEMPLATES;
use paygrade::flow::pull::{look, mark, pull};
use paygrade::flow::seed::{apply, plan as plan_of};
use serde_json::Value;

use crate::desk::{Stage, block_on};
use crate::world::World;

/// What the catalog says, whatever its file is called.
fn shown(world: &World, options: &str) -> Value {
    let out = world.demand(0, &format!("catalog show -o json {options}")).out;
    let mut shown: Value = serde_json::from_str(&out).unwrap();
    shown.as_object_mut().unwrap().remove("verdict");
    shown
}

fn changes(world: &World, options: &str) -> usize {
    let out = world.demand(0, &format!("seed -n -o json {options}")).out;
    let plan: Value = serde_json::from_str(&out).unwrap();
    plan["rows"].as_array().unwrap().len()
}

/// With the store that seeded it, everything comes back; without, what Stripe cannot tell is noted and the rest is the
/// same to Stripe.
#[test]
fn every_template_comes_back_and_changes_nothing() {
    for template in TEMPLATES {
        let name = template.name;
        let world = World::new();
        world.file("catalog.toml", template.text);
        world.demand(0, "seed --yes");
        let before = shown(&world, "");
        world.demand(0, "catalog pull --out pulled.toml");
        assert_eq!(changes(&world, "--catalog pulled.toml"), 0, "{name} with the store");
        assert_eq!(shown(&world, "--catalog pulled.toml"), before, "{name} says the same of every tier");

        std::fs::remove_file(world.path().join("catalog.toml")).unwrap();
        let bare = world.demand(0, "catalog pull --store other.db").out;
        world.file("bare.toml", &bare);
        assert_eq!(
            changes(&world, "--store other.db --catalog bare.toml"),
            0,
            "{name} from Stripe alone\n{bare}"
        );
        assert!(bare.contains("# Stripe does not say: "), "{name}");
        let packs = template.text.matches("\n[packs.").count();
        assert_eq!(bare.matches("\n[packs.").count(), packs, "{name} has all its packs");
        assert!(
            !bare.contains("nobody knows how many credits"),
            "{name}: the products tell of their credits"
        );
    }
}

/// Objects that somebody made in the Dashboard get our marks and stay what they are: no object is made anew.
#[test]
fn what_was_made_by_hand_is_taken_over() {
    let stage = Stage::of_template("seats");
    let machine = stage.machine();
    let made = |path: &str, body: &str| stage.call("POST", path, body)["id"].as_str().unwrap().to_owned();
    let meter = made(
        "/v1/billing/meters",
        "display_name=Calls&event_name=hand_calls&default_aggregation[formula]=sum",
    );
    let plan = made("/v1/products", "name=Pro Plan");
    let pack = made("/v1/products", "name=Small pack");
    let monthly = made(
        "/v1/prices",
        &format!("product={plan}&currency=usd&unit_amount=2900&recurring[interval]=month"),
    );
    made(
        "/v1/prices",
        &format!(
            "product={plan}&currency=usd&unit_amount=1&recurring[interval]=month&recurring[usage_type]=metered&recurring[meter]={meter}"
        ),
    );
    made("/v1/prices", &format!("product={pack}&currency=usd&unit_amount=999"));
    let count = |path: &str| stage.call("GET", path, "")["data"].as_array().unwrap().len();
    let counts = || {
        [
            count("/v1/products?limit=100"),
            count("/v1/prices?limit=100"),
            count("/v1/billing/meters?limit=100"),
        ]
    };
    let before = counts();

    let namespace = Namespace::parse("hand").unwrap();
    let look = || block_on(look(&machine.api)).unwrap();
    assert_eq!(pull(&look(), &namespace, None, false).unwrap().marks, []);
    let pulled = pull(&look(), &namespace, None, true).unwrap();
    assert_eq!(pulled.marks.len(), 5, "{:?}", pulled.marks);
    block_on(mark(&machine.api, &pulled.marks)).unwrap();
    // From now on they are ours, for whoever looks.
    let again = pull(&look(), &namespace, None, false).unwrap();
    assert_eq!((&again.marks, &again.catalog), (&Vec::new(), &pulled.catalog));
    let seed = |catalog| block_on(plan_of(&machine.api, None, catalog, Options::default())).unwrap();
    let planned = seed(again.catalog.clone());
    let ops: Vec<Op> = planned.set.changes.iter().map(|it| it.op).collect();
    assert!(ops.iter().all(|op| *op == Op::Update), "{:#?}", planned.set);
    block_on(apply(&machine.api, &machine.store, machine.now, planned)).unwrap();
    assert_eq!(counts(), before, "nothing was made anew");
    assert_eq!(seed(again.catalog).set.changes, []);
    let price = stage.call("GET", &format!("/v1/prices/{monthly}"), "");
    assert_eq!(price["lookup_key"], "hand:tier:pro_plan:month");
    assert_eq!(price["product"], plan.as_str());
}
