//! HTTP/1.1 responses as bytes: where the head ends, how the body is framed (RFC 9112 section 6). No I/O.

use memchr::memmem;

/// How the body of a response is delimited.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Framing {
    Length(usize),
    Chunked,
}

/// A response head that has been read completely.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct Head {
    pub status: u16,
    /// Bytes up to and with the empty line.
    pub length: usize,
    pub framing: Framing,
    /// The server will close the connection after this response.
    pub close: bool,
}

/// Bytes that are no HTTP/1.1 response.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

impl Head {
    /// `None` while the empty line has not arrived.
    pub fn parse(bytes: &[u8]) -> Result<Option<Head>, Malformed> {
        let Some(end) = memmem::find(bytes, b"\r\n\r\n") else { return Ok(None) };
        let text = std::str::from_utf8(&bytes[..end]).map_err(|_| Malformed)?;
        let mut lines = text.split("\r\n");
        let status_line = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")).ok_or(Malformed)?;
        let status = status_line.get(..3).and_then(|code| code.parse().ok()).ok_or(Malformed)?;
        let mut head = Head { status, length: end + 4, framing: Framing::Length(0), close: false };
        for line in lines {
            let (name, value) = line.split_once(':').ok_or(Malformed)?;
            head.take_header(name, value.trim())?;
        }
        if matches!(status, 204 | 304) {
            head.framing = Framing::Length(0);
        }
        Ok(Some(head))
    }

    fn take_header(&mut self, name: &str, value: &str) -> Result<(), Malformed> {
        if name.eq_ignore_ascii_case("content-length") {
            self.framing = Framing::Length(value.parse().map_err(|_| Malformed)?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            self.framing = Framing::Chunked;
        } else if name.eq_ignore_ascii_case("connection") {
            self.close = value.eq_ignore_ascii_case("close");
        }
        Ok(())
    }
}

/// Moves whole chunks from the front of `bytes` to `body`. Answers how many bytes it used and whether the last chunk
/// was among them; the caller drops the used bytes and calls again when more have arrived.
pub fn take_chunks(bytes: &[u8], body: &mut Vec<u8>) -> Result<(usize, bool), Malformed> {
    let mut used = 0;
    loop {
        let Some(line_end) = memmem::find(&bytes[used..], b"\r\n") else { return Ok((used, false)) };
        let line = std::str::from_utf8(&bytes[used..used + line_end]).map_err(|_| Malformed)?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(digits, 16).map_err(|_| Malformed)?;
        let start = used + line_end + 2;
        let Some(chunk) = bytes.get(start..start + size + 2) else { return Ok((used, false)) };
        if !chunk.ends_with(b"\r\n") {
            return Err(Malformed);
        }
        body.extend_from_slice(&chunk[..size]);
        used = start + size + 2;
        if size == 0 {
            return Ok((used, true));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Framing, Head, Malformed, take_chunks};

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let bytes = b"HTTP/1.1 201 Created\r\ncontent-length: 12\r\nX: y\r\n\r\n{\"id\":\"abc\"}";
        assert_eq!(Head::parse(&bytes[..40]), Ok(None));
        let head = Head::parse(bytes).unwrap().unwrap();
        assert_eq!((head.status, head.framing, head.close), (201, Framing::Length(12), false));
        assert_eq!(&bytes[head.length..], b"{\"id\":\"abc\"}");
    }

    #[test]
    fn a_head_without_body_and_a_closing_one() {
        let head = Head::parse(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").unwrap().unwrap();
        assert_eq!((head.framing, head.close), (Framing::Length(0), true));
        assert_eq!(Head::parse(b"SSH-2.0-x\r\n\r\n"), Err(Malformed));
    }

    #[test]
    fn chunks_arrive_in_any_portions() {
        let wire = b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n";
        for cut in 0..wire.len() {
            let mut body = Vec::new();
            let (used, last) = take_chunks(&wire[..cut], &mut body).unwrap();
            assert!(!last);
            let (rest, last) = take_chunks(&wire[used..], &mut body).unwrap();
            assert!(last && used + rest == wire.len());
            assert_eq!(body, b"hello world");
        }
    }
}
