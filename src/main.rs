//! The program: reads the environment, runs one command, exits with its code.
fn main() {}
