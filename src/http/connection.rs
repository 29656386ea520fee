//! A client's connection before actix sees it: which protocol it speaks, the time its heads may take, and request targets
//! made into URIs (see [`super::request_line`]).
//!
//! actix times the first head of a connection alone, and its own look at the protocol waits for ever.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_http::Protocol;
use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep, timeout};

use super::request_line::Requests;

/// The beginning of HTTP/2's preface (RFC 9113, section 3.4).
const H2_PREFACE: &[u8] = b"PRI * HTTP/2";

/// A client's connection.
pub struct Connection {
    socket: TcpStream,
    requests: Requests,
    is_first: bool,
    /// Bytes that were encoded and found no room yet.
    pending: Vec<u8>,
    head_time: Duration,
    head_deadline: Option<Pin<Box<Sleep>>>,
}

/// Finds out what a new connection speaks. Who sends nothing for `head_time` is left.
pub async fn open(socket: TcpStream, head_time: Duration) -> io::Result<(Connection, Protocol, Option<SocketAddr>)> {
    socket.set_nodelay(true)?;
    let mut beginning = [0; H2_PREFACE.len()];
    timeout(head_time, socket.peek(&mut beginning)).await??;
    let is_h2 = beginning == H2_PREFACE;
    let address = socket.peer_addr().ok();
    let connection = Connection {
        socket,
        requests: if is_h2 { Requests::unknown() } else { Requests::new() },
        is_first: true,
        pending: Vec::new(),
        head_time,
        head_deadline: None,
    };
    Ok((connection, if is_h2 { Protocol::Http2 } else { Protocol::Http1 }, address))
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
        let head_time = self.head_time;
        let deadline = self.head_deadline.get_or_insert_with(|| Box::pin(sleep(head_time)));
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the head of a request did not arrive in time")))
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
        match Pin::new(&mut this.socket).poll_read(context, buffer) {
            Poll::Pending => this.poll_head(context),
            Poll::Ready(read) => {
                read?;
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
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
