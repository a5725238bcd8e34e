//! How the program is linked.
#![allow(clippy::print_stdout, reason = "this is how cargo is told")]

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |name: &str, value: &str| std::env::var(name).is_ok_and(|it| it == value);
    if target("CARGO_CFG_TARGET_OS", "linux") && target("CARGO_CFG_TARGET_ENV", "gnu") {
        // At a fixed address. Otherwise every start begins with the loader writing tens of thousands of addresses (tables of
        // types, places of panics) into pages that it has to copy for that: a sixth of the time of a short question.
        // Heap, stack and libraries are at random addresses as before.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
