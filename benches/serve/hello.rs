//! The limit: a bare handler of actix that answers “hello”, in a process of its own.

use actix_web::{App, HttpServer, web};

/// How this program is asked to be the limit.
pub const ARGUMENT: &str = "hello";

/// Answers every GET of `/api/v1/me`, with as many workers as the server has, until it is ended.
pub fn serve() {
    let app = || App::new().route("/api/v1/me", web::get().to(|| async { "hello" }));
    let serve = async {
        let server = HttpServer::new(app).backlog(4096).bind("127.0.0.1:0").unwrap();
        println!("http://{}", server.addrs()[0]);
        server.run().await.unwrap();
    };
    actix_web::rt::System::new().block_on(serve);
}
