//! How an HTTP/2 connection ends without losing a request (RFC 9113, section 6.8).
//!
//! actix closes such a connection in the middle of whatever is under way. So the frames are followed here, in both
//! directions, as far as it takes to know which streams are open and where one frame ends. When the server's end has come,
//! a GOAWAY is written between two of its frames: the client opens no further stream. Once the drain is over and no stream is
//! open, a second one names the last stream, and the connection is read no further, upon which actix lets go of it.

use std::collections::HashSet;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::ending::{Ending, Phase};

/// Bytes of a frame's head (RFC 9113, section 4.1).
const HEAD: usize = 9;
/// Bytes that a client sends before its first frame (RFC 9113, section 3.4).
const PREFACE: usize = 24;
/// Kinds of frames (RFC 9113, section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
/// The last stream of a first GOAWAY: any that is under way will be served.
const ANY_STREAM: u32 = 0x7fff_ffff;

/// What a frame's head tells.
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
}

/// Follows the frames of one direction.
struct Frames {
    head: [u8; HEAD],
    have: usize,
    /// Bytes left of the present frame.
    left: usize,
    is_begun: bool,
}

impl Frames {
    /// After that many bytes that are no frame.
    fn after(bytes: usize) -> Self {
        Self { head: [0; HEAD], have: 0, left: bytes, is_begun: false }
    }

    /// Whether one frame has ended and the next has not begun.
    fn is_between(&self) -> bool {
        self.is_begun && self.have == 0 && self.left == 0
    }

    fn pass(&mut self, mut bytes: &[u8], mut seen: impl FnMut(Frame)) {
        loop {
            let skipped = self.left.min(bytes.len());
            self.left -= skipped;
            bytes = &bytes[skipped..];
            if bytes.is_empty() {
                return;
            }
            let count = (HEAD - self.have).min(bytes.len());
            self.head[self.have..self.have + count].copy_from_slice(&bytes[..count]);
            self.have += count;
            bytes = &bytes[count..];
            if self.have == HEAD {
                let [a, b, c, kind, flags, stream @ ..] = self.head;
                self.have = 0;
                self.is_begun = true;
                self.left = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
                seen(Frame { kind, flags, stream: u32::from_be_bytes(stream) & ANY_STREAM });
            }
        }
    }
}

/// The end of one connection.
pub struct Goodbye {
    ending: Ending,
    phase: Phase,
    /// Ends with the next phase.
    next: Pin<Box<dyn Future<Output = ()>>>,
    received: Frames,
    sent: Frames,
    open: HashSet<u32>,
    last: u32,
    /// How far the client was told.
    told: Phase,
}

impl Goodbye {
    /// Of a new connection.
    pub fn new(ending: Ending) -> Self {
        Self {
            next: Box::pin(ending.clone().reached(Phase::Draining)),
            ending,
            phase: Phase::Serving,
            received: Frames::after(PREFACE),
            sent: Frames::after(0),
            open: HashSet::new(),
            last: 0,
            told: Phase::Serving,
        }
    }

    /// Notes bytes from the client.
    pub fn received(&mut self, bytes: &[u8]) {
        let (open, last) = (&mut self.open, &mut self.last);
        self.received.pass(bytes, |frame| match frame.kind {
            HEADERS if frame.stream > *last => {
                *last = frame.stream;
                open.insert(frame.stream);
            }
            RST_STREAM => drop(open.remove(&frame.stream)),
            _ => {}
        });
    }

    /// Notes bytes to the client.
    pub fn sent(&mut self, bytes: &[u8]) {
        let open = &mut self.open;
        self.sent.pass(bytes, |frame| {
            let ends = matches!(frame.kind, DATA | HEADERS) && frame.flags & END_STREAM != 0;
            if ends || frame.kind == RST_STREAM {
                open.remove(&frame.stream);
            }
        });
    }

    /// The frame that is to be written now, if any. The task is woken when that may change with time.
    pub fn words(&mut self, context: &mut Context<'_>) -> Option<[u8; HEAD + 8]> {
        while self.phase < Phase::Closing
            && let Poll::Ready(()) = self.next.as_mut().poll(context)
        {
            self.phase = if self.phase == Phase::Serving { Phase::Draining } else { Phase::Closing };
            self.next = Box::pin(self.ending.clone().reached(Phase::Closing));
        }
        if !self.sent.is_between() {
            return None;
        }
        match (self.phase, self.told) {
            (Phase::Closing, Phase::Serving | Phase::Draining) if self.open.is_empty() => {
                self.told = Phase::Closing;
                Some(go_away(self.last))
            }
            (Phase::Draining | Phase::Closing, Phase::Serving) => {
                self.told = Phase::Draining;
                Some(go_away(ANY_STREAM))
            }
            _ => None,
        }
    }

    /// Whether everything was said and nothing is under way.
    pub fn is_over(&self) -> bool {
        self.told == Phase::Closing && self.open.is_empty()
    }
}

fn go_away(last: u32) -> [u8; HEAD + 8] {
    let mut frame = [0; HEAD + 8];
    (frame[2], frame[3]) = (8, GOAWAY);
    frame[HEAD..HEAD + 4].copy_from_slice(&last.to_be_bytes());
    frame
}

#[cfg(test)]
mod tests {
    use futures_util::task::noop_waker;
    use proptest::prelude::*;

    use super::*;

    fn frame(kind: u8, flags: u8, stream: u32, length: u8) -> Vec<u8> {
        let mut frame = vec![0, 0, length, kind, flags];
        frame.extend(stream.to_be_bytes());
        frame.extend(vec![7; length.into()]);
        frame
    }

    fn words(goodbye: &mut Goodbye) -> Option<u32> {
        let waker = noop_waker();
        let words = goodbye.words(&mut Context::from_waker(&waker))?;
        Some(u32::from_be_bytes(words[HEAD..HEAD + 4].try_into().unwrap()))
    }

    #[tokio::test]
    async fn the_client_is_told_twice_and_what_is_under_way_is_awaited() {
        let ending = Ending::default();
        let mut goodbye = Goodbye::new(ending.clone());
        goodbye.received(&[0; PREFACE]);
        goodbye.received(&frame(HEADERS, 4, 1, 20));
        goodbye.sent(&frame(4, 0, 0, 6));
        assert_eq!(words(&mut goodbye), None);
        ending.after(async {}, std::time::Duration::ZERO).await;
        assert_eq!(words(&mut goodbye), Some(ANY_STREAM));
        assert_eq!(words(&mut goodbye), None);
        assert!(!goodbye.is_over());
        let answer = frame(HEADERS, 4, 1, 30);
        goodbye.sent(&answer[..12]);
        assert_eq!(words(&mut goodbye), None);
        goodbye.sent(&answer[12..]);
        goodbye.sent(&frame(DATA, END_STREAM, 1, 5));
        assert_eq!(words(&mut goodbye), Some(1));
        assert!(goodbye.is_over());
    }

    #[tokio::test]
    async fn nothing_is_said_before_the_settings() {
        let ending = Ending::default();
        ending.clone().after(async {}, std::time::Duration::ZERO).await;
        let mut goodbye = Goodbye::new(ending);
        assert_eq!(words(&mut goodbye), None);
        goodbye.sent(&frame(4, 0, 0, 6));
        assert_eq!(words(&mut goodbye), Some(0));
    }

    proptest! {
        /// However the bytes are cut, the same streams are open.
        #[test]
        fn pieces_do_not_matter(streams in prop::collection::vec((1u32..40, any::<bool>(), 0u8..30), 1..20), cut in 1usize..40) {
            let bytes: Vec<u8> = streams
                .iter()
                .flat_map(|(stream, is_reset, length)| frame(if *is_reset { RST_STREAM } else { HEADERS }, 0, *stream, *length))
                .collect();
            let all = [&[0; PREFACE][..], &bytes].concat();
            let mut whole = Goodbye::new(Ending::default());
            whole.received(&all);
            let mut pieces = Goodbye::new(Ending::default());
            all.chunks(cut).for_each(|piece| pieces.received(piece));
            prop_assert_eq!(&whole.open, &pieces.open);
            prop_assert!(whole.received.is_between() && pieces.received.is_between());
        }
    }
}
