//! Text of any encoding as UTF-8, as a stream.
//!
//! A byte order mark decides. Without one, what is plain ASCII needs no decision, and the first other character brings it: from
//! there on up to [`WINDOW`] bytes are looked at. UTF-8 is taken if they are UTF-8; Windows-1252 if they look like that; what
//! looks otherwise has to be told. A text that was taken for one and turns out to be another is refused at its line.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::error::ImportError;

/// Bytes that are looked at to find an encoding.
const WINDOW: usize = 64 << 10;

/// An encoding of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding(&'static Encoding);

impl TextEncoding {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

impl FromStr for TextEncoding {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Encoding::for_label(text.as_bytes()).filter(|encoding| *encoding != encoding_rs::REPLACEMENT);
        known
            .map(Self)
            .ok_or_else(|| format!("\"{text}\" is no encoding; use utf-8, utf-16le, utf-16be or windows-1252"))
    }
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

enum State {
    /// Nothing was read.
    New { told: Option<TextEncoding> },
    /// All was ASCII so far.
    Ascii,
    /// It is known.
    Known { decoder: Decoder, guessed: bool },
}

/// Reads text of some encoding as UTF-8 without NUL.
pub struct Utf8Reader<R> {
    inner: R,
    state: State,
    input: Vec<u8>,
    at_end: bool,
    output: Vec<u8>,
    taken: usize,
    line: u64,
    finished: bool,
}

impl<R: Read> Utf8Reader<R> {
    /// A reader of `inner`.
    pub fn new(inner: R, told: Option<TextEncoding>) -> Self {
        Self {
            inner,
            state: State::New { told },
            input: Vec::with_capacity(WINDOW),
            at_end: false,
            output: Vec::new(),
            taken: 0,
            line: 1,
            finished: false,
        }
    }

    /// The encoding, as far as it was read.
    pub fn encoding(&self) -> TextEncoding {
        match &self.state {
            State::Known { decoder, .. } => TextEncoding(decoder.encoding()),
            State::New { .. } | State::Ascii => TextEncoding(UTF_8),
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let missing = WINDOW.saturating_sub(self.input.len());
        let read = self.inner.by_ref().take(missing as u64).read_to_end(&mut self.input)?;
        self.at_end = read < missing;
        Ok(())
    }

    /// Makes more output, or finishes.
    fn refill(&mut self) -> Result<(), ImportError> {
        self.output.clear();
        self.taken = 0;
        self.fill()?;
        if let State::New { told } = self.state {
            self.begin(told);
        }
        match self.state {
            State::New { .. } | State::Ascii => self.pass_ascii()?,
            State::Known { .. } => self.decode()?,
        }
        if let Some(at) = self.output.iter().position(|byte| *byte == 0) {
            return Err(ImportError::Nul { line: self.line + lines(&self.output[..at]) });
        }
        self.line += lines(&self.output);
        Ok(())
    }

    fn begin(&mut self, told: Option<TextEncoding>) {
        let marked = Encoding::for_bom(&self.input);
        if let Some((_, mark)) = marked {
            self.input.drain(..mark);
        }
        let known = marked.map(|(encoding, _)| encoding).or(told.map(|told| told.0)).or_else(|| utf_16(&self.input));
        self.state = known.map_or(State::Ascii, |encoding| known_as(encoding, false));
    }

    fn pass_ascii(&mut self) -> Result<(), ImportError> {
        let plain = self.input.iter().position(|byte| !byte.is_ascii()).unwrap_or(self.input.len());
        if plain > 0 || self.input.is_empty() {
            self.output.extend(self.input.drain(..plain));
            self.finished = self.at_end && self.input.is_empty();
            return Ok(());
        }
        let encoding = guess(&self.input, self.at_end).map_err(|error| error.after(self.line))?;
        self.state = known_as(encoding, true);
        self.decode()
    }

    fn decode(&mut self) -> Result<(), ImportError> {
        let State::Known { decoder, guessed } = &mut self.state else { return Ok(()) };
        if *guessed
            && decoder.encoding() == WINDOWS_1252
            && let Some(at) = utf_8_sequence(&self.input)
        {
            return Err(ImportError::MixedEncodings { line: self.line + lines(&self.input[..at]) });
        }
        // Enough for what is there, so all of it is taken, but for a character that goes on in what is not read yet.
        let room = decoder.max_utf8_buffer_length_without_replacement(self.input.len()).unwrap_or(4 * WINDOW + 16);
        self.output.resize(room, 0);
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(&self.input, &mut self.output, self.at_end);
        self.output.truncate(written);
        self.input.drain(..read);
        if let DecoderResult::Malformed(..) = result {
            let line = self.line + lines(&self.output);
            return Err(ImportError::Encoding { line, encoding: decoder.encoding().name() });
        }
        self.finished = self.at_end && self.input.is_empty();
        Ok(())
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.output.len() {
            if self.finished {
                return Ok(0);
            }
            self.refill()?;
        }
        let ready = &self.output[self.taken..];
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.taken += count;
        Ok(count)
    }
}

fn known_as(encoding: &'static Encoding, guessed: bool) -> State {
    State::Known { decoder: encoding.new_decoder_without_bom_handling(), guessed }
}

fn lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// UTF-16 without a mark: every other byte of western text is zero.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let looked_at = &bytes[..bytes.len().min(1024) & !1];
    let zeros = |first: usize| looked_at.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let most = looked_at.len() / 2 * 4 / 5;
    match (zeros(0), zeros(1)) {
        (0, low) if low > most => Some(UTF_16LE),
        (high, 0) if high > most => Some(UTF_16BE),
        _ => None,
    }
}

/// What a guess came to.
enum Unsure {
    Mixed { lines: u64 },
    Other(&'static Encoding),
}

impl Unsure {
    fn after(self, line: u64) -> ImportError {
        match self {
            Self::Mixed { lines } => ImportError::MixedEncodings { line: line + lines },
            Self::Other(encoding) => ImportError::UnsureEncoding(encoding.name()),
        }
    }
}

/// The encoding of a text that begins with a character beyond ASCII.
fn guess(bytes: &[u8], whole: bool) -> Result<&'static Encoding, Unsure> {
    let Err(broken) = std::str::from_utf8(bytes) else { return Ok(UTF_8) };
    let at = broken.valid_up_to();
    if broken.error_len().is_none() && !whole {
        return Ok(UTF_8);
    }
    if !bytes[..at].is_ascii() || utf_8_sequence(bytes).is_some() {
        return Err(Unsure::Mixed { lines: lines(&bytes[..at]) });
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, whole);
    let likely = detector.guess(None, Utf8Detection::Deny);
    if likely == WINDOWS_1252 { Ok(likely) } else { Err(Unsure::Other(likely)) }
}

/// Where two bytes or more stand that are one character in UTF-8, as Windows-1252 hardly ever has them in a row.
fn utf_8_sequence(bytes: &[u8]) -> Option<usize> {
    let mut start = 0;
    loop {
        start += bytes[start..].iter().position(|byte| !byte.is_ascii())?;
        let end = (start + 4).min(bytes.len());
        let found = (start + 2..=end).any(|end| std::str::from_utf8(&bytes[start..end]).is_ok());
        if found {
            return Some(start);
        }
        start += 1;
    }
}
