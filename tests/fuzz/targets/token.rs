//! Tokens: no other text than the one that was given out is read as a token, and every damage is noticed.
#![no_main]

use std::str;

use libfuzzer_sys::fuzz_target;
use rand::SeedableRng;
use rand::rngs::StdRng;
use scimgate_fuzz::auth::Token;
use scimgate_fuzz::model::{CredentialId, ResourceId};
use scimgate_fuzz::within_budget;
use secrecy::ExposeSecret;
use uuid::Uuid;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = str::from_utf8(data) {
        within_budget(data, || read(text));
    }
    if let Some((id, damage)) = data.split_first_chunk() {
        given_out(*id, damage);
    }
});

fn read(text: &str) {
    if let Ok(token) = Token::parse(text) {
        assert_eq!(token.reveal().expose_secret(), text);
    }
    if let Ok(id) = text.parse::<ResourceId>() {
        assert_eq!(id.to_string(), text);
    }
}

/// A token reads as itself; with one stretch of its text replaced it reads no more.
fn given_out(id: [u8; 16], damage: &[u8]) {
    let token = Token::generate(CredentialId(Uuid::from_bytes(id)), &mut StdRng::seed_from_u64(damage.len() as u64));
    let text = token.reveal().expose_secret().to_owned();
    let read = Token::parse(&text).expect("it was just given out");
    assert!(read.id() == token.id() && read.digest().matches(&token.digest()));
    let (Some((place, damage)), text) = (damage.split_first(), text.into_bytes()) else { return };
    let place = usize::from(*place) % text.len();
    let end = (place + damage.len()).min(text.len());
    let damaged = [&text[..place], damage, &text[end..]].concat();
    if let (Ok(damaged), true) = (str::from_utf8(&damaged), damaged != text) {
        assert!(Token::parse(damaged).is_err(), "{damaged}");
    }
}
