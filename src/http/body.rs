//! Request bodies: bounded in size, in time, and in what all of them together take up.

use std::time::Duration;

use actix_web::http::header::{CONTENT_LENGTH, EXPECT, HeaderMap, TRANSFER_ENCODING, UPGRADE};
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::error::RequestError;
use crate::gateway::Failure;

/// How much of an unwanted body is read away, and how long that may take. A client that is still sending when the connection
/// closes sees a broken pipe instead of the answer.
const DISCARD_BYTES: usize = 128 << 20;
const DISCARD_TIME: Duration = Duration::from_secs(3);

/// Up to this many bytes a body is small, and needs no room of its own.
const SMALL: usize = 64 << 10;
/// How many KiB the large bodies of the whole process may take up together, and how long one waits for room. Without such a
/// bound, a few hundred clients that send slowly what each of them may send would fill the memory.
const ROOM: u32 = 32 << 10;
const ROOM_WAIT: Duration = Duration::from_secs(2);
static FREE_ROOM: Semaphore = Semaphore::const_new(ROOM as usize);

/// A request's body, not read yet.
pub struct Body {
    payload: Payload,
    /// What a large body takes up, until its request is answered or its bytes are freed.
    room: Option<SemaphorePermit<'static>>,
    announced: bool,
    length: Option<usize>,
    discardable: bool,
    done: bool,
    /// What was read, if it is short: a request that fails is looked at again.
    kept: Bytes,
}

impl Body {
    /// The body that follows `headers`.
    pub fn new(headers: &HeaderMap, payload: Payload) -> Self {
        let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let announced = length.is_some_and(|length| length > 0) || headers.contains_key(TRANSFER_ENCODING);
        // A client that waits for "100 Continue" sends nothing before it, and an upgraded connection has no end.
        let discardable = announced && !headers.contains_key(EXPECT) && !headers.contains_key(UPGRADE);
        Self { payload, room: None, announced, length, discardable, done: false, kept: Bytes::new() }
    }

    /// Whether the headers announce one.
    pub fn announced(&self) -> bool {
        self.announced
    }

    /// All of it, if it has at most `limit` bytes and arrives within `time`.
    pub async fn read(&mut self, limit: usize, time: Duration) -> Result<Bytes, RequestError> {
        if self.length.is_some_and(|length| length > limit) {
            return Err(RequestError::BodyTooLarge { limit });
        }
        match timeout(time, self.collect(limit)).await {
            Ok(read) => read,
            Err(_) => {
                self.done = true;
                Err(RequestError::BodyTimeout(time))
            }
        }
    }

    async fn collect(&mut self, limit: usize) -> Result<Bytes, RequestError> {
        let mut only = Bytes::new();
        self.take_room(self.length.unwrap_or_default()).await?;
        // What grows is copied, and takes up its room twice.
        let mut body = BytesMut::with_capacity(if self.room.is_some() { self.length.unwrap_or_default() } else { 0 });
        while let Some(chunk) = self.payload.next().await {
            let chunk = chunk.map_err(|_| {
                self.done = true;
                RequestError::BodyBroken
            })?;
            if body.len() + only.len() + chunk.len() > limit {
                return Err(RequestError::BodyTooLarge { limit });
            }
            if body.len() + only.len() + chunk.len() > SMALL {
                // Sent in chunks, so nobody knows how large it will be.
                self.take_room(limit).await?;
            }
            // Most bodies come in one piece, which needs no copy.
            if body.is_empty() && only.is_empty() {
                only = chunk;
            } else {
                body.extend_from_slice(&std::mem::take(&mut only));
                body.extend_from_slice(&chunk);
            }
        }
        self.done = true;
        let read = if body.is_empty() { only } else { body.freeze() };
        self.length = Some(read.len());
        if read.len() <= Failure::LONGEST_BODY {
            self.kept = read.clone();
        }
        Ok(read)
    }

    /// The next piece of it, which may take that long; `None` behind the last. For bodies that are never held as a whole.
    pub async fn next(&mut self, time: Duration) -> Result<Option<Bytes>, RequestError> {
        match timeout(time, self.payload.next()).await {
            Ok(Some(Ok(piece))) => Ok(Some(piece)),
            Ok(None) => {
                self.done = true;
                Ok(None)
            }
            Ok(Some(Err(_))) => {
                self.done = true;
                Err(RequestError::BodyBroken)
            }
            Err(_) => {
                self.done = true;
                Err(RequestError::BodyTimeout(time))
            }
        }
    }

    /// What was read, if that was short.
    pub fn kept(&self) -> &[u8] {
        &self.kept
    }

    /// How many bytes there are or were, as far as that is known.
    pub fn length(&self) -> usize {
        self.length.unwrap_or(self.kept.len())
    }

    /// Gives back the room of a body that was read and is freed by now, before its request is answered.
    pub fn freed(&mut self) {
        self.room = None;
    }

    /// Waits for room for a body of that many bytes, unless it is small or has some already.
    async fn take_room(&mut self, bytes: usize) -> Result<(), RequestError> {
        if bytes <= SMALL || self.room.is_some() {
            return Ok(());
        }
        let kibibytes = u32::try_from(bytes >> 10).unwrap_or(ROOM).min(ROOM);
        match timeout(ROOM_WAIT, FREE_ROOM.acquire_many(kibibytes)).await {
            Ok(Ok(room)) => {
                self.room = Some(room);
                Ok(())
            }
            _ => Err(RequestError::Crowded),
        }
    }

    /// Reads away what nobody wants, within bounds, so that the client comes to read its answer.
    pub async fn discard(&mut self) {
        if self.done || !self.discardable || self.length.is_some_and(|length| length > DISCARD_BYTES) {
            return;
        }
        let reading = async {
            let mut read = 0;
            while let Some(Ok(chunk)) = self.payload.next().await {
                read += chunk.len();
                if read > DISCARD_BYTES {
                    break;
                }
            }
        };
        // Out of time: the answer goes out anyhow, and the connection closes after it.
        let _ = timeout(DISCARD_TIME, reading).await;
        self.done = true;
    }
}
