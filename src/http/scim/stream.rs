//! Bodies that are written while they are sent, for what may be too large to hold: the members of groups.
//!
//! The writer runs only when the connection wants more, so a slow client slows its own answer down and nothing else. What
//! fits into one chunk goes out as a plain body with its length, and an error before the first chunk is still an ordinary
//! error; after it, all that is left is to break the connection, so that nobody takes half a group for the whole.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use futures_util::future::LocalBoxFuture;
use futures_util::{Stream, StreamExt, stream};

use crate::http::error::{HttpError, chain};
use crate::http::request::Request;

/// Bytes of a chunk.
const CHUNK: usize = 64 << 10;

/// Where a writer writes.
pub struct Sink {
    /// What was written and not sent yet.
    pub buffer: Vec<u8>,
    slot: Rc<Cell<Option<Bytes>>>,
}

impl Sink {
    /// Sends what was written once it fills a chunk, and waits until the connection has taken it.
    pub async fn breathe(&mut self) {
        if self.buffer.len() < CHUNK {
            return;
        }
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK + CHUNK / 8));
        self.slot.set(Some(chunk.into()));
        poll_fn(|_| {
            let chunk = self.slot.take();
            let taken = chunk.is_none();
            self.slot.set(chunk);
            // The body polls us again after it has taken the chunk, so nobody has to be woken.
            if taken { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

/// A body in the making.
struct Writing {
    writer: LocalBoxFuture<'static, Result<Vec<u8>, HttpError>>,
    slot: Rc<Cell<Option<Bytes>>>,
    finished: bool,
}

impl Stream for Writing {
    type Item = Result<Bytes, HttpError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.finished {
            return Poll::Ready(None);
        }
        match self.writer.as_mut().poll(context) {
            Poll::Ready(last) => {
                self.finished = true;
                Poll::Ready(Some(last.map(Bytes::from)))
            }
            Poll::Pending => self.slot.take().map_or(Poll::Pending, |chunk| Poll::Ready(Some(Ok(chunk)))),
        }
    }
}

/// An answer whose body `write` writes.
pub async fn answer<W>(request: &Request<'_>, status: StatusCode, write: W) -> Result<HttpResponse, HttpError>
where
    W: AsyncFnOnce(&mut Sink) -> Result<(), HttpError> + 'static,
{
    let slot = Rc::new(Cell::new(None));
    let mut sink = Sink { buffer: Vec::with_capacity(4 << 10), slot: slot.clone() };
    let writer = Box::pin(async move {
        write(&mut sink).await?;
        Ok(std::mem::take(&mut sink.buffer))
    });
    let mut writing = Writing { writer, slot, finished: false };
    let first = writing.next().await.transpose()?.unwrap_or_default();
    if writing.finished {
        return Ok(request.answer(status, first));
    }
    let id = request.caller.request;
    let rest = writing.map(move |chunk| {
        chunk.inspect_err(|error| log::error!("request {id}: the answer broke off: {}", chain(error)))
    });
    let mut response = actix_web::HttpResponseBuilder::new(status);
    response.content_type(request.media.header());
    Ok(response.streaming(stream::once(async { Ok(first) }).chain(rest)))
}
