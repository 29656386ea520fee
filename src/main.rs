//! The `scimgate` program: parse the command line, start the logger, dispatch.

use std::process::ExitCode;

/// A quarter of the instructions of a write were the system's allocator.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    // Several crates could bring a TLS backend, so one is chosen before any is needed. It fails only if one is chosen already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    scimgate::cli::run()
}
