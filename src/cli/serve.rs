//! `fond serve`: the API, until it is told to stop.

use std::net::SocketAddr;

use clap::Args;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

use super::{Failure, Place, print};
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::startup;

/// Serve the API
///
/// Creates the database and its keys where there are none (SQLite), answers until SIGTERM or SIGINT, then lets accepted
/// requests end (10 s at most). TLS is the work of a proxy in front of it; docs/OPERATIONS.md shows one.
#[derive(Args)]
#[command(after_help = "\
Examples:
  fond serve                                         on 127.0.0.1:8080, with the default SQLite database
  fond serve --listen 127.0.0.1:9000 --database sqlite://fund.sqlite3
  FOND__MAIL__TRANSPORT=smtp FOND__MAIL__SMTP_HOST=mail.example.org fond serve
Then:
  curl http://127.0.0.1:8080/api/v1/calls
  the page to try every route: http://127.0.0.1:8080/api/docs/index.html")]
pub struct Serve {
    #[command(flatten)]
    place: Place,
    /// Where to listen, instead of http.listen of the settings; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let mut settings = Settings::load(self.place.config.as_deref())?;
        if let Some(listen) = self.listen {
            settings.http.listen = listen;
        }
        start_log(&settings.http.log)?;
        use_small_pages();
        let serve = async {
            let running = startup::start(&settings, self.place.database.as_deref())?;
            let address = running.address;
            let every_route = format!(" (every route: http://{address}/api/docs/index.html)");
            let every_route = if settings.http.docs { every_route } else { String::new() };
            print(&format!("Fond listens on http://{address}{every_route}"))?;
            if let Some(address) = running.metrics_address {
                print(&format!("Metrics for Prometheus: http://{address}/metrics"))?;
            }
            running.stopped().await?;
            print("Stopped; everything accepted was answered.")
        };
        actix_web::rt::System::new().block_on(serve)
    }
}

/// Where the system gives huge pages to everybody, each thread of a server would fill a corner of several.
#[cfg(target_os = "linux")]
fn use_small_pages() {
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!(%error, "the server takes huge pages");
    }
}

#[cfg(not(target_os = "linux"))]
fn use_small_pages() {}

/// Logs to stderr, a JSON object a line.
pub(super) fn start_log(filter: &str) -> Result<()> {
    let wrong = || Error::Settings("wrong setting http.log: must be error, warn, info or debug".into());
    let level: LevelFilter = filter.parse().map_err(|_| wrong())?;
    // What libraries tell is of use only where something is wrong.
    let filter = Targets::new().with_target("fond", level).with_default(level.min(LevelFilter::WARN));
    // Anybody can send what is no request; it is answered with 400, and no line of it fills the disk.
    let filter = filter.with_target("actix_http::h1::dispatcher", LevelFilter::OFF);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
    tracing_subscriber::registry().with(lines.with_filter(filter)).try_init().map_err(|_| wrong())
}
