//! Metrics as Prometheus reads them.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};

use super::process::Process;
use crate::app::metrics::{BOUNDS, Limit, Method, Metrics, Route, STATUSES, TenantClass};
use crate::store::{Figures, Lane};

/// The form of the text.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// One look at everything.
pub struct Exposition {
    /// What the workers count.
    pub metrics: Arc<Metrics>,
    /// What the database knows; `None` if it did not answer.
    pub figures: Option<Figures>,
    /// When the certificate ends that clients are given.
    pub certificate_ends: Option<DateTime<Utc>>,
    /// When the server began.
    pub began: DateTime<Utc>,
    /// The present.
    pub now: DateTime<Utc>,
    /// Whether the server is about to stop.
    pub is_ending: bool,
}

impl fmt::Debug for Exposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exposition").field("now", &self.now).finish_non_exhaustive()
    }
}

impl Exposition {
    /// The text.
    pub fn text(self) -> Result<String, fmt::Error> {
        let mut registry = Registry::with_prefix("scimgate");
        let process = Process::now();
        let began = self.began;
        registry.register_collector(Box::new(self));
        let mut text = String::new();
        encode(&mut text, &registry)?;
        let mut registry = Registry::with_prefix("process");
        registry.register_collector(Box::new(Machine { process, began }));
        // One text has one end.
        text.truncate(text.trim_end().trim_end_matches("# EOF").len());
        encode(&mut text, &registry)?;
        Ok(text)
    }
}

impl Collector for Exposition {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let out = &mut encoder;
        self.requests(out)?;
        self.latencies(out)?;
        self.refusals(out)?;
        self.lanes(out)?;
        self.database(out)?;
        let mut info = out.encode_descriptor("build", "The program", None, MetricType::Info)?;
        info.encode_info(&[("version", env!("CARGO_PKG_VERSION"))])?;
        gauge(out, "ending", "1 once the server is about to stop", self.is_ending.into())?;
        if let Some(end) = self.certificate_ends {
            let help = "When the TLS certificate ends";
            gauge(out, "tls_certificate_end_timestamp_seconds", help, end.timestamp())?;
        }
        Ok(())
    }
}

impl Exposition {
    fn requests(&self, out: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Requests that were answered";
        let mut family = out.encode_descriptor("requests", help, None, MetricType::Counter)?;
        for route in Route::ALL {
            for method in Method::ALL {
                for (at, status) in STATUSES.iter().enumerate() {
                    for tenant in TenantClass::ALL {
                        let count = self.metrics.requests(*route, *method, at, *tenant);
                        if count > 0 {
                            let status = if *status == 0 { "other".to_owned() } else { status.to_string() };
                            let labels = [
                                ("route", route.as_str()),
                                ("method", method.as_str()),
                                ("status", &status),
                                ("tenant", tenant.as_str()),
                            ];
                            counter(&mut family, &labels, count)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn latencies(&self, out: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Time to the beginning of an answer";
        let mut family =
            out.encode_descriptor("request_duration", help, Some(&Unit::Seconds), MetricType::Histogram)?;
        for route in Route::ALL {
            for method in Method::ALL {
                let latency = self.metrics.latency(*route, *method);
                let count = latency.buckets.iter().sum();
                if count > 0 {
                    let bounds = BOUNDS.iter().map(|bound| *bound as f64 / 1e6).chain([f64::INFINITY]);
                    let buckets: Vec<_> = bounds.zip(latency.buckets).collect();
                    let labels = [("route", route.as_str()), ("method", method.as_str())];
                    let sum = latency.sum as f64 / 1e6;
                    family.encode_family(&labels)?.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
                }
            }
        }
        Ok(())
    }

    fn refusals(&self, out: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Requests that a limit answered with 429";
        let mut family = out.encode_descriptor("rate_limited_requests", help, None, MetricType::Counter)?;
        for limit in Limit::ALL {
            counter(&mut family, &[("limit", limit.as_str())], self.metrics.limited(*limit))?;
        }
        let help = "What came and could not be read as a request";
        let mut metric = out.encode_descriptor("unreadable_requests", help, None, MetricType::Counter)?;
        metric.encode_counter::<NoLabelSet, u64, u64>(&self.metrics.unreadable(), None)
    }

    fn lanes(&self, out: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let mut lanes = [("searches", Lane::default()), ("writes", Lane::default())];
        for store in self.metrics.stores() {
            lanes.iter_mut().zip(store.lanes()).for_each(|((_, sum), lane)| *sum += lane);
        }
        let help = "Connections to the database, by what they are for";
        let mut family = out.encode_descriptor("database_connections", help, None, MetricType::Gauge)?;
        for (name, lane) in &lanes {
            for (state, count) in [("in_use", lane.in_use), ("idle", lane.idle)] {
                family.encode_family(&[("lane", *name), ("state", state)])?.encode_gauge(&count)?;
            }
        }
        let help = "Connections to the database that there may be";
        let mut family = out.encode_descriptor("database_connections_limit", help, None, MetricType::Gauge)?;
        for (name, lane) in &lanes {
            family.encode_family(&[("lane", *name)])?.encode_gauge(&lane.most)?;
        }
        let help = "Statements that wait for a connection to the database";
        let mut family = out.encode_descriptor("database_waiting", help, None, MetricType::Gauge)?;
        for (name, lane) in &lanes {
            family.encode_family(&[("lane", *name)])?.encode_gauge(&lane.waiting)?;
        }
        Ok(())
    }

    fn database(&self, out: &mut DescriptorEncoder<'_>) -> fmt::Result {
        gauge(out, "database_up", "1 if the database answered lately", self.figures.is_some().into())?;
        let Some(figures) = &self.figures else { return Ok(()) };
        let help = "Work that waits to be done in the background";
        let mut family = out.encode_descriptor("queue_depth", help, None, MetricType::Gauge)?;
        let tasks = figures.tasks;
        let waiting =
            [("counts", figures.unfolded_counts), ("tasks", tasks.queued + tasks.running), ("records", tasks.records)];
        for (queue, depth) in waiting {
            family.encode_family(&[("queue", queue)])?.encode_gauge(&depth)?;
        }

        let help = "When a connection last succeeded, 0 for never; the 200 that wait longest";
        let name = "connection_last_success_timestamp_seconds";
        let mut family = out.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for one in &figures.connections {
            let labels = [("tenant", one.tenant.as_str()), ("connection", &one.connection)];
            family.encode_family(&labels)?.encode_gauge(&one.at.map_or(0, |at| at.timestamp()))?;
        }

        let help = "Days until a credential ends, negative once it has; the 200 that end first within 90 days";
        let mut family = out.encode_descriptor("credential_expiry_days", help, None, MetricType::Gauge)?;
        for end in &figures.ends {
            let id = end.id.to_string();
            let labels = [("tenant", end.tenant.as_str()), ("credential", &id), ("name", &end.label)];
            let days = (end.at - self.now).as_seconds_f64() / 86_400.0;
            family.encode_family(&labels)?.encode_gauge(&days)?;
        }
        Ok(())
    }
}

/// What is told of the process, under the names that Prometheus's own libraries use.
#[derive(Debug)]
struct Machine {
    process: Process,
    began: DateTime<Utc>,
}

impl Collector for Machine {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let out = &mut encoder;
        if let Some(bytes) = self.process.resident {
            gauge(out, "resident_memory_bytes", "Memory in use", i64::try_from(bytes).unwrap_or(i64::MAX))?;
        }
        if let Some(files) = self.process.files {
            gauge(out, "open_fds", "Open files and sockets", i64::try_from(files).unwrap_or(i64::MAX))?;
        }
        gauge(out, "start_time_seconds", "When the server began", self.began.timestamp())?;
        if let Some(seconds) = self.process.cpu {
            let help = "Processor time";
            let mut metric = out.encode_descriptor("cpu", help, Some(&Unit::Seconds), MetricType::Counter)?;
            metric.encode_counter::<NoLabelSet, f64, f64>(&seconds, None)?;
        }
        Ok(())
    }
}

fn counter(family: &mut MetricEncoder<'_>, labels: &impl EncodeLabelSet, count: u64) -> fmt::Result {
    family.encode_family(labels)?.encode_counter::<NoLabelSet, u64, u64>(&count, None)
}

fn gauge(out: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: i64) -> fmt::Result {
    out.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)
}
