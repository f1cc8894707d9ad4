//! What Prometheus reads: how many requests, how long they took, what waits.

use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};

use crate::error::{Error, Result};

/// The meters of this process. Labels are routes and statuses, never anything of a person.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    pub jobs_waiting: IntGauge,
    pub jobs_dead: IntGauge,
}

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// From what is answered out of memory to the deadline of a handler, in seconds.
const BUCKETS: [f64; 9] = [0.000_5, 0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 5.0, 10.0];

impl Metrics {
    pub fn new() -> Result<Self> {
        let wrong = |error: prometheus::Error| Error::Settings(format!("the metrics could not be made: {error}"));
        let requests = Opts::new("fond_requests_total", "Requests by method, route and status.");
        let seconds = HistogramOpts::new("fond_request_seconds", "How long requests took, by method and route.");
        let metrics = Self {
            registry: Registry::new(),
            requests: IntCounterVec::new(requests, &["method", "route", "status"]).map_err(wrong)?,
            seconds: HistogramVec::new(seconds.buckets(BUCKETS.to_vec()), &["method", "route"]).map_err(wrong)?,
            jobs_waiting: IntGauge::new("fond_jobs_waiting", "Jobs that wait or run.").map_err(wrong)?,
            jobs_dead: IntGauge::new("fond_jobs_dead", "Jobs that were given up.").map_err(wrong)?,
        };
        let Self { registry, requests, seconds, jobs_waiting, jobs_dead } = &metrics;
        registry.register(Box::new(requests.clone())).map_err(wrong)?;
        registry.register(Box::new(seconds.clone())).map_err(wrong)?;
        registry.register(Box::new(jobs_waiting.clone())).map_err(wrong)?;
        registry.register(Box::new(jobs_dead.clone())).map_err(wrong)?;
        Ok(metrics)
    }

    /// Counts a request.
    pub(super) fn count(&self, method: &str, route: &str, status: &str, took: std::time::Duration) {
        let method = known_method(method);
        self.requests.with_label_values(&[method, route, status]).inc();
        self.seconds.with_label_values(&[method, route]).observe(took.as_secs_f64());
    }

    /// The text that Prometheus reads (exposition format 0.0.4).
    pub fn text(&self) -> Result<String> {
        let mut bytes = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut bytes).map_err(Error::corrupt)?;
        String::from_utf8(bytes).map_err(Error::corrupt)
    }
}

/// A method by its name. Whoever makes up methods makes no meters of them, and writes nothing into the log.
pub(super) fn known_method(method: &str) -> &'static str {
    METHODS.into_iter().find(|known| *known == method).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_makes_up_methods_makes_no_meters() {
        let metrics = Metrics::new().unwrap();
        for number in 0..100 {
            metrics.count(&format!("M{number}"), "none", "405", std::time::Duration::ZERO);
        }
        metrics.count("GET", "none", "404", std::time::Duration::ZERO);
        let text = metrics.text().unwrap();
        let methods: Vec<&str> = text.lines().filter(|line| line.starts_with("fond_requests_total{")).collect();
        assert_eq!(methods.len(), 2, "{methods:?}");
        assert!(text.contains("fond_requests_total{method=\"other\",route=\"none\",status=\"405\"} 100"));
    }
}
