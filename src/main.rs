//! The `scimgate` program: parse the command line, start the logger, dispatch.

fn main() {}
