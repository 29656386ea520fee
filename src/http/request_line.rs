//! Request targets as clients really send them.
//!
//! `curl '.../Users?filter=userName eq "x"'` and some identity providers leave quotes and letters beyond ASCII as they are.
//! actix refuses such a request before any code of ours runs, with an empty 400. So we look at the bytes first, and
//! percent-encode what a request line's target may not hold. To know what is a request line and what a body, [`Requests`]
//! follows the framing of HTTP/1.1 (RFC 9112, sections 2.1, 6 and 7); nothing but targets is ever touched, and where the
//! framing is not clear, nothing at all.

/// As much of a header line as we need to understand it.
const MAX_LINE: usize = 256;

/// Follows the requests of one connection.
pub struct Requests {
    place: Place,
    /// The line we are in, as far as it came in earlier pieces.
    line: Vec<u8>,
    /// Spaces seen in the request line: one means that we are in the target.
    spaces: u8,
    framing: Framing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    RequestLine,
    Header,
    Body(u64),
    ChunkSize,
    Chunk(u64),
    Trailer,
    /// Whatever follows is passed on as it is, to the connection's end.
    Unknown,
}

/// What the head says about the body.
#[derive(Debug, Clone, Copy, Default)]
struct Framing {
    length: Option<u64>,
    chunked: bool,
    endless: bool,
    unclear: bool,
}

impl Requests {
    /// A new connection, before its first request.
    pub fn new() -> Self {
        Self { place: Place::RequestLine, line: Vec::new(), spaces: 0, framing: Framing::default() }
    }

    /// A connection that does not speak HTTP/1.
    pub fn unknown() -> Self {
        Self { place: Place::Unknown, ..Self::new() }
    }

    /// Whether a head has begun and is not complete. A connection on which nothing was sent yet counts too.
    pub fn in_head(&self, is_first: bool) -> bool {
        match self.place {
            Place::RequestLine => is_first || !self.line.is_empty(),
            Place::Header => true,
            _ => false,
        }
    }

    /// Looks at the bytes that came. Answers how many of them may pass as they are; if that is not all, the next one has to
    /// be percent-encoded, and the rest is to be looked at again.
    pub fn pass(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            at += match self.place {
                Place::Unknown => rest.len(),
                Place::Body(left) => self.skip(rest, left, Place::Body, Place::RequestLine),
                Place::Chunk(left) => self.skip(rest, left, Place::Chunk, Place::ChunkSize),
                Place::RequestLine => match self.request_line(rest) {
                    Passed::All(count) => count,
                    Passed::UpTo(count) => return at + count,
                },
                Place::Header | Place::ChunkSize | Place::Trailer => self.line(rest),
            };
        }
        at
    }

    fn skip(&mut self, rest: &[u8], left: u64, within: fn(u64) -> Place, then: Place) -> usize {
        let there = u64::try_from(rest.len()).unwrap_or(u64::MAX);
        self.place = if there < left { within(left - there) } else { then };
        usize::try_from(left.min(there)).unwrap_or(rest.len())
    }

    fn request_line(&mut self, rest: &[u8]) -> Passed {
        for (at, byte) in rest.iter().enumerate() {
            match byte {
                b'\n' if self.line.is_empty() => {}
                b'\r' if self.line.is_empty() => {}
                b'\n' => {
                    self.framing = Framing { endless: self.line.starts_with(b"CONNECT "), ..Framing::default() };
                    self.line.clear();
                    self.spaces = 0;
                    self.place = Place::Header;
                    return Passed::All(at + 1);
                }
                b' ' => self.note(b' '),
                byte if self.spaces == 1 && must_be_encoded(*byte) => {
                    return Passed::UpTo(at);
                }
                byte => self.note(*byte),
            }
        }
        Passed::All(rest.len())
    }

    /// Notes a byte of the request line, of which only the beginning matters.
    fn note(&mut self, byte: u8) {
        self.spaces = self.spaces.saturating_add(u8::from(byte == b' '));
        if self.line.len() < 8 {
            self.line.push(byte);
        }
    }

    /// A line that is not a request line, and what follows from it once it is complete.
    fn line(&mut self, rest: &[u8]) -> usize {
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            self.keep(rest);
            return rest.len();
        };
        if self.line.is_empty() {
            self.complete(&rest[..end]);
        } else {
            self.keep(&rest[..end]);
            let line = std::mem::take(&mut self.line);
            self.complete(&line);
        }
        end + 1
    }

    fn keep(&mut self, part: &[u8]) {
        let room = MAX_LINE.saturating_sub(self.line.len());
        self.line.extend_from_slice(&part[..part.len().min(room)]);
    }

    fn complete(&mut self, line: &[u8]) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        self.place = match self.place {
            Place::Header if line.is_empty() => self.framing.body(),
            Place::Header => {
                self.framing.header(line);
                Place::Header
            }
            Place::ChunkSize => match chunk_size(line) {
                Some(0) => Place::Trailer,
                // The chunk's own line end belongs to it.
                Some(size) => size.checked_add(2).map_or(Place::Unknown, Place::Chunk),
                None => Place::Unknown,
            },
            Place::Trailer if line.is_empty() => Place::RequestLine,
            other => other,
        };
    }
}

enum Passed {
    All(usize),
    UpTo(usize),
}

impl Framing {
    fn header(&mut self, line: &[u8]) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            let length = length.and_then(|text| text.parse().ok());
            self.unclear |= length.is_none() || self.length.is_some();
            self.length = length;
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.chunked = value.eq_ignore_ascii_case(b"chunked");
            self.unclear |= !self.chunked;
        } else if name.eq_ignore_ascii_case(b"upgrade") {
            self.endless |= value.eq_ignore_ascii_case(b"websocket");
        }
    }

    /// What follows the head.
    fn body(&self) -> Place {
        match (self.chunked, self.length) {
            _ if self.unclear => Place::Unknown,
            (true, Some(_)) => Place::Unknown,
            (true, None) => Place::ChunkSize,
            (false, None | Some(0)) if self.endless => Place::Unknown,
            (false, None | Some(0)) => Place::RequestLine,
            (false, Some(length)) => Place::Body(length),
        }
    }
}

fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii();
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Bytes that clients send in targets and that a URI may not hold.
fn must_be_encoded(byte: u8) -> bool {
    matches!(byte, b'"' | b'<' | b'>' | b'`' | b'\\' | b'^' | b'{' | b'|' | b'}' | 0x80..=0xff)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What comes out if `input` arrives in pieces that end at `cuts`.
    fn passed(input: &[u8], cuts: &[usize]) -> Vec<u8> {
        let (mut requests, mut out, mut begin) = (Requests::new(), Vec::new(), 0);
        for end in cuts.iter().copied().chain([input.len()]) {
            let mut piece = &input[begin..end];
            begin = end;
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

    fn all(input: &str) -> String {
        String::from_utf8(passed(input.as_bytes(), &[])).unwrap()
    }

    #[test]
    fn a_target_is_made_a_uri() {
        assert_eq!(
            all("GET /Users?filter=userName+eq+\"ü<\" HTTP/1.1\r\nHost: \"h\"\r\n\r\n"),
            "GET /Users?filter=userName+eq+%22%C3%BC%3C%22 HTTP/1.1\r\nHost: \"h\"\r\n\r\n"
        );
    }

    #[test]
    fn bodies_are_left_alone_and_the_next_target_is_found() {
        let next = "GET /?a=\" HTTP/1.1\r\nHost: h\r\n\r\n";
        let made = "GET /?a=%22 HTTP/1.1\r\nHost: h\r\n\r\n";
        for request in [
            "POST /x HTTP/1.1\r\nHost: h\r\ncontent-LENGTH:  13\r\n\r\n{\"GET /?\":\"\"}",
            "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n7;x=\"\r\nGET /?\"\r\n2\r\n\"\"\r\n0\r\nTrailer: \"\r\n\r\n",
            "DELETE /x HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
            "GET /x HTTP/1.1\nHost: h\n\n",
            "\r\n\r\nGET /x HTTP/1.1\r\nUpgrade: h2c\r\n\r\n",
        ] {
            assert_eq!(all(&format!("{request}{next}")), format!("{request}{made}"));
        }
    }

    #[test]
    fn where_the_framing_is_unclear_nothing_is_touched() {
        let next = "GET /?a=\" HTTP/1.1\r\n\r\n";
        for request in [
            "POST /x HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
            "POST /x HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc",
            "POST /x HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
            "POST /x HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nabc",
            "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "GET /x HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
            "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n",
        ] {
            let input = format!("{request}{next}");
            assert_eq!(all(&input), input);
        }
    }

    #[test]
    fn a_head_is_open_until_its_empty_line() {
        let mut requests = Requests::new();
        assert!(requests.in_head(true) && !requests.in_head(false));
        requests.pass(b"GET / HTTP/1.1\r\nHos");
        assert!(requests.in_head(false));
        requests.pass(b"t: h\r\n\r\n");
        assert!(!requests.in_head(false));
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_the_bytes_arrive(
            bodies in prop::collection::vec(prop::sample::select(vec!["", "\"", "a\"b\r\n\r\nGET /\" HTTP/1.1\r\n\r\n"]), 1..4),
            cuts in prop::collection::vec(0usize..400, 0..12),
        ) {
            let input: String = bodies.iter().map(|body| format!("PUT /\"é HTTP/1.1\r\nA: \"\r\nContent-Length: {}\r\n\r\n{body}", body.len())).collect();
            let wanted = input.replace("PUT /\"é HTTP", "PUT /%22%C3%A9 HTTP");
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut <= input.len()).collect();
            cuts.sort_unstable();
            prop_assert_eq!(String::from_utf8(passed(input.as_bytes(), &cuts)).unwrap(), wanted);
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = passed(&bytes, &[]);
        }
    }
}
