//! The program: reads the environment, runs one command, exits with its code.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    let env = paygrade::env::Env::of_process();
    ExitCode::from(paygrade::cli::run(env, std::env::args_os().collect()))
}
