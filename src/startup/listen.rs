//! From an address to a server that listens on it: the library's own, on connections that are watched ([`Wire`]).

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use actix_http::{HttpService, Protocol};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Server, ServiceFactory, ServiceRequest, ServiceResponse, fn_service};
use actix_web::{App as ActixApp, Error};
use tokio::net::{TcpSocket, TcpStream};

use crate::web::{App, Wire};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 4096;
/// How long the library waits for the other side when it ends a connection.
const FAREWELL: Duration = Duration::from_secs(1);

/// Listens, and serves what `make` gives, anew for each thread; `threads` 0: as many as the machine has processors. Runs
/// inside an actix system.
///
/// # Errors
/// Where the address cannot be had.
pub fn listen<B: MessageBody + 'static, F>(
    address: SocketAddr,
    threads: usize,
    stop_seconds: u64,
    app: &App,
    make: impl Fn() -> ActixApp<F> + Send + Clone + 'static,
) -> io::Result<(Server, SocketAddr)>
where
    F: ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<B>, Error = Error, InitError = ()>
        + 'static,
{
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?.into_std()?;
    let address = listener.local_addr()?;
    let mut builder = Server::build().disable_signals().shutdown_timeout(stop_seconds);
    if threads > 0 {
        builder = builder.workers(threads);
    }
    let (signal, app) = (builder.graceful_shutdown_signal(), app.clone());
    let serve = move || {
        let (signal, app) = (signal.clone(), app.clone());
        let watched = move |stream: TcpStream| {
            let app = app.clone();
            async move {
                let peer = stream.peer_addr().ok();
                Ok((Wire::new(stream, app), Protocol::Http1, peer))
            }
        };
        let stopping = move || {
            let signal = signal.clone();
            async move { signal.notified().await }
        };
        let routes = make().into_factory().map_err(|error: Error| error.error_response());
        let service = HttpService::build()
            .graceful_shutdown_signal(stopping)
            // The wire has a clock for the head of every request; this one would be for the first.
            .client_request_timeout(Duration::ZERO)
            .client_disconnect_timeout(FAREWELL)
            .local_addr(address)
            .on_connect_ext(|wire: &Wire, data| drop(data.insert(wire.turn())))
            .finish(map_config(routes, |()| AppConfig::default()));
        fn_service(watched).and_then(service)
    };
    Ok((builder.listen("fond", listener, serve)?.run(), address))
}
