//! A client's connection before actix sees it: TLS, which protocol it speaks, the time its heads may take, request targets
//! made into URIs (see [`super::request_line`]), and what actix says by itself: errors (see [`super::refusal`]) and, on
//! HTTP/2, the end (see [`super::goodbye`]).
//!
//! actix times the first head of a connection alone, and its own look at the protocol waits for ever.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_http::Protocol;
use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::ending::Ending;
use super::goodbye::Goodbye;
use super::refusal::Refusal;
use super::request_line::Requests;
use super::transport::Transport;
use crate::app::metrics::Counts;
use crate::model::{Clock, RequestId};

/// How connections are received.
pub struct Reception {
    /// How long a head may take, and TLS's handshake.
    pub head_time: Duration,
    /// What TLS is spoken with, if it is.
    pub tls: Option<TlsAcceptor>,
    /// The end of the server.
    pub ending: Ending,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// What the worker counts.
    pub counts: Arc<Counts>,
}

/// A client's connection.
pub struct Connection {
    transport: Transport,
    reception: Rc<Reception>,
    requests: Requests,
    is_first: bool,
    /// Bytes that were encoded and found no room yet.
    pending: Vec<u8>,
    head_deadline: Option<Pin<Box<Sleep>>>,
    /// The end of a connection that speaks HTTP/2.
    goodbye: Option<Goodbye>,
    /// Our own words, to be written before anything else.
    words: Vec<u8>,
}

impl Reception {
    /// Finds out what a new connection speaks. Who does not say so within the time for heads is left.
    pub async fn open(self: Rc<Self>, socket: TcpStream) -> io::Result<(Connection, Protocol, Option<SocketAddr>)> {
        let (transport, is_h2) = timeout(self.head_time, Transport::open(socket, self.tls.as_ref())).await??;
        let address = transport.peer();
        let connection = Connection {
            transport,
            requests: if is_h2 { Requests::unknown() } else { Requests::new() },
            is_first: true,
            pending: Vec::new(),
            head_deadline: None,
            goodbye: is_h2.then(|| Goodbye::new(self.ending.clone())),
            words: Vec::new(),
            reception: self,
        };
        Ok((connection, if is_h2 { Protocol::Http2 } else { Protocol::Http1 }, address))
    }
}

impl Connection {
    /// Looks at what was read into `buffer` after its first `before` bytes.
    fn inspect(&mut self, buffer: &mut ReadBuf<'_>, before: usize) {
        let read = &buffer.filled()[before..];
        let count = self.requests.pass(read);
        if count < read.len() {
            let mut rest = &read[count..];
            while let Some((byte, after)) = rest.split_first() {
                self.pending.extend_from_slice(format!("%{byte:02X}").as_bytes());
                let count = self.requests.pass(after);
                self.pending.extend_from_slice(&after[..count]);
                rest = &after[count..];
            }
            buffer.set_filled(before + count);
            self.hand_over(buffer);
        }
    }

    fn hand_over(&mut self, buffer: &mut ReadBuf<'_>) {
        let count = self.pending.len().min(buffer.remaining());
        buffer.put_slice(&self.pending[..count]);
        self.pending.drain(..count);
    }

    /// Holds an open head to its time. The clock runs only while we wait for the client.
    fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.requests.in_head(self.is_first) {
            self.head_deadline = None;
            return Poll::Pending;
        }
        let head_time = self.reception.head_time;
        let deadline = self.head_deadline.get_or_insert_with(|| Box::pin(sleep(head_time)));
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the head of a request did not arrive in time")))
    }

    /// Takes an HTTP/2 connection towards its end, if the server's has come. Once nothing is left to say or to wait for, the
    /// connection reads as if the client had closed it.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_words(context))?;
        if self.goodbye.as_ref().is_some_and(Goodbye::is_over) { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// Writes our own words. Ready means that there are none left.
    fn poll_words(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(words) = self.goodbye.as_mut().and_then(|goodbye| goodbye.words(context)) {
            self.words.extend_from_slice(&words);
        }
        if self.words.is_empty() {
            return Poll::Ready(Ok(()));
        }
        while !self.words.is_empty() {
            let count = ready!(Pin::new(&mut self.transport).poll_write(context, &self.words))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.words.drain(..count);
        }
        Pin::new(&mut self.transport).poll_flush(context)
    }

    /// Puts an error of actix's own into the form that errors have here. Answers whether there was one; then it was taken.
    fn retell(&mut self, bytes: &[u8]) -> bool {
        if self.goodbye.is_some() {
            return false;
        }
        let Some(refusal) = Refusal::find(bytes) else { return false };
        let id = RequestId::new(self.reception.clock.now());
        let Some(told) = refusal.told(id) else { return false };
        self.reception.counts.unreadable();
        log::info!(target: "scimgate::access", "a request that is no HTTP, {} request={id}", refusal.status);
        self.words.extend_from_slice(&bytes[..refusal.at]);
        self.words.extend_from_slice(&told);
        true
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.pending.is_empty() {
            this.hand_over(buffer);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        match Pin::new(&mut this.transport).poll_read(context, buffer) {
            Poll::Pending => match this.goodbye.is_some() {
                true => this.poll_end(context),
                false => this.poll_head(context),
            },
            Poll::Ready(read) => {
                read?;
                if let Some(goodbye) = &mut this.goodbye {
                    goodbye.received(&buffer.filled()[before..]);
                    return Poll::Ready(Ok(()));
                }
                this.inspect(buffer, before);
                if !this.requests.in_head(false) {
                    this.is_first = false;
                    this.head_deadline = None;
                }
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        ready!(this.poll_words(context))?;
        if this.retell(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let count = ready!(Pin::new(&mut this.transport).poll_write(context, bytes))?;
        if let Some(goodbye) = &mut this.goodbye {
            goodbye.sent(&bytes[..count]);
        }
        Poll::Ready(Ok(count))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        ready!(this.poll_words(context))?;
        let count = ready!(Pin::new(&mut this.transport).poll_write_vectored(context, slices))?;
        if let Some(goodbye) = &mut this.goodbye {
            let mut left = count;
            for slice in slices {
                let taken = left.min(slice.len());
                goodbye.sent(&slice[..taken]);
                left -= taken;
            }
        }
        Poll::Ready(Ok(count))
    }

    fn is_write_vectored(&self) -> bool {
        // actix writes HTTP/1 in one piece, in which its own errors can be recognised.
        self.goodbye.is_some() && self.transport.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_words(context))?;
        Pin::new(&mut self.transport).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_words(context))?;
        Pin::new(&mut self.transport).poll_shutdown(context)
    }
}
