//! The bytes of a connection: it does not matter in what pieces they arrive, and only targets are touched.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scimgate_fuzz::http::request_line::Requests;
use scimgate_fuzz::within_budget;

fuzz_target!(|data: &[u8]| {
    within_budget(data, || {
        let _ = passed(data, data.len().max(1));
    });
    let whole = passed(data, data.len().max(1));
    for size in [1, 2, 3, 7, 64] {
        assert_eq!(passed(data, size), whole, "in pieces of {size}");
    }
    assert_eq!(passed(&whole, whole.len().max(1)), whole, "what passed once passes again as it is");
});

/// What comes out of pieces of that size.
fn passed(input: &[u8], size: usize) -> Vec<u8> {
    let (mut requests, mut out) = (Requests::new(), Vec::new());
    for mut piece in input.chunks(size) {
        loop {
            let count = requests.pass(piece);
            out.extend_from_slice(&piece[..count]);
            let Some(byte) = piece.get(count) else { break };
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
            piece = &piece[count + 1..];
        }
    }
    out
}
