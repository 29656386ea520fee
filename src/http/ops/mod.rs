//! What those who run the server ask: metrics and probes, on a listener of their own. No SCIM, no credential, nothing about a
//! person.
//!
//! It has a thread of its own, so that it answers also when all workers are busy, and its own way to the database.

mod exposition;
mod process;

use std::cell::RefCell;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_server::ServerHandle;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{App, HttpResponse, HttpServer, rt, web};
use chrono::{DateTime, Utc};
use tokio::time::timeout;

use self::exposition::{Exposition, MEDIA_TYPE};
use super::ending::Ending;
use super::health;
use super::tls::Certificate;
use crate::app::metrics::Metrics;
use crate::config::OpsListen;
use crate::model::Clock;
use crate::store::{Figures, Store};

/// How long figures of the database are shown before it is asked again, whoever asks how often.
const FRESH: Duration = Duration::from_secs(15);
/// How long a scrape waits for the database.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where metrics are to be had.
pub struct OpsListener {
    listener: TcpListener,
    /// Its address, with the port that was taken.
    pub address: SocketAddr,
}

impl OpsListener {
    /// Takes the address. The usual one is left out if it is taken: a second server on a machine should not need a flag.
    ///
    /// # Errors
    /// An address that was asked for is not to be had.
    pub fn bind(place: OpsListen) -> io::Result<Option<Self>> {
        let (address, is_asked_for) = match place {
            OpsListen::Off => return Ok(None),
            OpsListen::Usual(address) => (address, false),
            OpsListen::At(address) => (address, true),
        };
        match super::server::listen(address) {
            Ok((listener, address)) => Ok(Some(Self { listener, address })),
            Err(error) if is_asked_for => Err(error),
            Err(error) => {
                log::warn!("metrics are not served: {address}: {error}; choose a place with --ops-listen");
                Ok(None)
            }
        }
    }
}

/// What is shown.
#[derive(Clone)]
pub struct Sources {
    /// What the workers count.
    pub metrics: Arc<Metrics>,
    /// Makes this listener's own way to the database.
    pub store: Arc<dyn Fn() -> Store + Send + Sync>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The end of the server.
    pub ending: Ending,
    /// The certificate that clients are given.
    pub certificate: Option<Arc<Certificate>>,
    /// When the server began.
    pub began: DateTime<Utc>,
}

/// The figures of the database, and when they were asked for.
type Kept = RefCell<Option<(Instant, Option<Figures>)>>;

/// Serves until it is told to stop. To be called in an actix system.
///
/// # Errors
/// The thread cannot be started.
pub fn serve(listener: OpsListener, sources: Sources) -> io::Result<ServerHandle> {
    let factory = move || {
        let own = Rc::new(((sources.store)(), sources.clone(), Kept::default()));
        App::new()
            .app_data(own)
            .route("/metrics", web::get().to(metrics))
            .route("/healthz", web::get().to(async || health::alive()))
            .route("/readyz", web::get().to(ready))
    };
    let server = HttpServer::new(factory).workers(1).disable_signals().listen(listener.listener)?.run();
    let handle = server.handle();
    rt::spawn(server);
    Ok(handle)
}

type Own = Rc<(Store, Sources, Kept)>;

fn own(request: &actix_web::HttpRequest) -> Option<Own> {
    request.app_data::<Own>().cloned()
}

async fn ready(request: actix_web::HttpRequest) -> HttpResponse {
    match own(&request) {
        Some(own) => health::ready(&own.0, &own.1.ending).await,
        None => HttpResponse::InternalServerError().finish(),
    }
}

async fn metrics(request: actix_web::HttpRequest) -> HttpResponse {
    let Some(own) = own(&request) else { return HttpResponse::InternalServerError().finish() };
    let (store, sources, kept) = (&own.0, &own.1, &own.2);
    let now = sources.clock.now();
    let known = kept.borrow().as_ref().filter(|(at, _)| at.elapsed() < FRESH).map(|(_, figures)| figures.clone());
    let figures = match known {
        Some(figures) => figures,
        None => {
            let figures = timeout(PATIENCE, store.figures(now)).await.ok().and_then(Result::ok);
            *kept.borrow_mut() = Some((Instant::now(), figures.clone()));
            figures
        }
    };
    let exposition = Exposition {
        metrics: sources.metrics.clone(),
        figures,
        certificate_ends: sources.certificate.as_ref().and_then(|certificate| certificate.ends()),
        began: sources.began,
        now,
        is_ending: sources.ending.has_come(),
    };
    match exposition.text() {
        Ok(text) => HttpResponse::Ok().insert_header((CONTENT_TYPE, MEDIA_TYPE)).body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
