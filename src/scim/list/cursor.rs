//! Cursors (RFC 9865): a place in the order of a list, sealed so that a client can neither read nor make one.
//!
//! The place is the sort value and the number of the last resource that was seen, not a count of resources, so it stays right
//! whatever is created or deleted meanwhile, it costs nothing to keep and it never expires. The seal is bound to the tenant and
//! to the query: a cursor of another one opens no better than random text does. It grants nothing; each request is authorised
//! by itself.
//!
//! Form: base64url of a tag of 16 bytes and of the content encrypted. The tag is an HMAC-SHA-256 over tenant, query and content,
//! and the encryption is the XOR with a stream that HMAC-SHA-256 makes of the tag (a synthetic initialisation vector), so equal
//! places have equal cursors and no random number is needed.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::scim::{ScimError, ScimType};

const TAG_BYTES: usize = 16;
const HEAD_BYTES: usize = 14;
const FORM: u8 = 1;
/// No cursor of ours is longer.
const MAX_TEXT: usize = 16 << 10;

/// The key of all cursors of a database. It cannot be printed.
pub struct CursorKey(SecretBox<[u8; 64]>);

impl CursorKey {
    /// The key made of `secret`, of which everything beyond 64 bytes is left out.
    pub fn new(secret: &[u8]) -> Self {
        let mut key = Box::new([0; 64]);
        key.iter_mut().zip(secret).for_each(|(key, secret)| *key = *secret);
        Self(SecretBox::new(key))
    }

    fn mac(&self, purpose: u8) -> Hmac<Sha256> {
        Hmac::<Sha256>::new(self.0.expose_secret().into()).chain_update([purpose])
    }
}

/// A place between two resources in the order of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The sort value of the resource at its side, as the database writes it; `None` if that has none, or nothing is sorted by.
    pub value: Option<String>,
    /// That resource's place in the order of creation.
    pub seq: i64,
    /// Whether the page ends before that resource, instead of beginning behind it.
    pub backwards: bool,
}

/// What a cursor holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Where the page begins or ends.
    pub position: Position,
    /// How many resources a page of this walk has.
    pub count: u32,
}

/// Makes and opens the cursors of one query of one tenant.
pub struct CursorSeal {
    key: Arc<CursorKey>,
    tenant: [u8; 16],
    /// [`super::ListQuery::canonical`]
    query: String,
}

impl CursorSeal {
    /// The seal for a query; `query` tells it from all others.
    pub fn new(key: Arc<CursorKey>, tenant: [u8; 16], query: String) -> Self {
        Self { key, tenant, query }
    }

    /// The cursor's text, in characters that a URL takes as they are.
    pub fn seal(&self, cursor: &Cursor) -> String {
        let mut content = encode(cursor);
        let tag = self.tag(&content);
        self.scramble(&tag, &mut content);
        URL_SAFE_NO_PAD.encode([tag.as_slice(), &content].concat())
    }

    /// Reads a cursor that [`CursorSeal::seal`] made for the same tenant and query.
    ///
    /// # Errors
    /// 400 `invalidCursor`, always with the same text: why it does not fit is nothing that a client should learn.
    pub fn open(&self, text: &str) -> Result<Cursor, ScimError> {
        self.try_open(text).ok_or_else(|| {
            ScimError::bad_request(
                ScimType::InvalidCursor,
                "the cursor does not belong to this query; send it with the parameters of the request that it came from, or begin again with an empty cursor",
            )
        })
    }

    fn try_open(&self, text: &str) -> Option<Cursor> {
        let bytes = (text.len() <= MAX_TEXT).then(|| URL_SAFE_NO_PAD.decode(text).ok())??;
        let (tag, content) = bytes.split_first_chunk::<TAG_BYTES>()?;
        let mut content = content.to_vec();
        self.scramble(tag, &mut content);
        bool::from(self.tag(&content).ct_eq(tag)).then(|| decode(&content))?
    }

    fn tag(&self, content: &[u8]) -> [u8; TAG_BYTES] {
        let mac = self.key.mac(1).chain_update(self.tenant).chain_update((self.query.len() as u64).to_be_bytes());
        let mac = mac.chain_update(self.query.as_bytes()).chain_update(content).finalize().into_bytes();
        let mut tag = [0; TAG_BYTES];
        tag.iter_mut().zip(mac).for_each(|(tag, mac)| *tag = mac);
        tag
    }

    fn scramble(&self, tag: &[u8; TAG_BYTES], content: &mut [u8]) {
        for (block, number) in content.chunks_mut(32).zip(0_u64..) {
            let stream = self.key.mac(2).chain_update(tag).chain_update(number.to_be_bytes()).finalize().into_bytes();
            block.iter_mut().zip(stream).for_each(|(byte, stream)| *byte ^= stream);
        }
    }
}

/// Form, flags, count, seq, value.
fn encode(cursor: &Cursor) -> Vec<u8> {
    let Position { value, seq, backwards } = &cursor.position;
    let flags = u8::from(*backwards) | u8::from(value.is_some()) << 1;
    let mut content = vec![FORM, flags];
    content.extend_from_slice(&cursor.count.to_be_bytes());
    content.extend_from_slice(&seq.to_be_bytes());
    content.extend_from_slice(value.as_deref().unwrap_or_default().as_bytes());
    content
}

fn decode(content: &[u8]) -> Option<Cursor> {
    let ([FORM, flags, count @ ..], value) = content.split_first_chunk::<HEAD_BYTES>()? else { return None };
    let (count, seq) = count.split_first_chunk::<4>()?;
    let value = std::str::from_utf8(value).ok()?;
    let position = Position {
        value: (flags & 2 != 0).then(|| value.to_owned()),
        seq: i64::from_be_bytes(seq.try_into().ok()?),
        backwards: flags & 1 != 0,
    };
    Some(Cursor { position, count: u32::from_be_bytes(*count) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use proptest::prelude::*;

    use super::*;

    fn seal(key: &str, tenant: u8, query: &str) -> CursorSeal {
        CursorSeal::new(Arc::new(CursorKey::new(key.as_bytes())), [tenant; 16], query.to_owned())
    }

    fn cursor() -> impl Strategy<Value = Cursor> {
        let value = proptest::option::of(any::<String>());
        (value, any::<i64>(), any::<bool>(), any::<u32>())
            .prop_map(|(value, seq, backwards, count)| Cursor { position: Position { value, seq, backwards }, count })
    }

    fn some() -> Cursor {
        Cursor { position: Position { value: Some("lovelace".into()), seq: 7, backwards: false }, count: 100 }
    }

    #[track_caller]
    fn refused(outcome: Result<Cursor, ScimError>) {
        let error = outcome.unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidCursor)));
        assert!(error.detail.contains("does not belong to this query"));
    }

    #[test]
    fn a_cursor_opens_for_its_tenant_query_and_key_alone() {
        let text = seal("key", 1, "+\nUser").seal(&some());
        assert_eq!(seal("key", 1, "+\nUser").open(&text), Ok(some()));
        refused(seal("key", 2, "+\nUser").open(&text));
        refused(seal("key", 1, "-\nUser").open(&text));
        refused(seal("key", 1, "+\nGroup").open(&text));
        refused(seal("two", 1, "+\nUser").open(&text));
    }

    #[test]
    fn nothing_of_the_place_can_be_read() {
        let seal = seal("key", 1, "");
        let bytes = URL_SAFE_NO_PAD.decode(seal.seal(&some())).unwrap();
        assert!(!bytes.windows(4).any(|window| b"lovelace".windows(4).any(|part| part == window)));
        let next = Cursor { position: Position { seq: 8, ..some().position }, ..some() };
        let next = URL_SAFE_NO_PAD.decode(seal.seal(&next)).unwrap();
        let same = bytes.iter().zip(&next).filter(|(one, other)| one == other).count();
        assert!(same < bytes.len() / 2, "{same} of {} bytes are the same for neighbours", bytes.len());
    }

    #[test]
    fn text_that_is_no_cursor_is_refused() {
        let seal = seal("key", 1, "");
        let tag_alone = URL_SAFE_NO_PAD.encode(seal.tag(b""));
        let long = "A".repeat(MAX_TEXT + 1);
        for text in ["", "x", "====", "not a cursor", "AAAA", &tag_alone, &long] {
            refused(seal.open(text));
        }
    }

    proptest! {
        #[test]
        fn a_sealed_cursor_opens_as_it_was(cursor in cursor(), tenant in any::<u8>(), query in any::<String>()) {
                let seal = seal("key", tenant, &query);
            let text = seal.seal(&cursor);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)));
            prop_assert_eq!(seal.open(&text).unwrap(), cursor);
        }

        #[test]
        fn a_changed_byte_is_noticed(cursor in cursor(), place in any::<prop::sample::Index>(), change in 1_u8..) {
                let seal = seal("key", 1, "query");
            let mut bytes = URL_SAFE_NO_PAD.decode(seal.seal(&cursor)).unwrap();
            let place = place.index(bytes.len());
            bytes[place] ^= change;
            prop_assert!(seal.open(&URL_SAFE_NO_PAD.encode(&bytes)).is_err());
            bytes[place] ^= change;
            bytes.truncate(place);
            prop_assert!(seal.open(&URL_SAFE_NO_PAD.encode(&bytes)).is_err());
        }

        #[test]
        fn no_text_panics_or_opens(text in any::<String>()) {
            prop_assert!(seal("key", 1, "query").open(&text).is_err());
        }
    }
}
