//! Documents taken back over HTTP, by whose they are or for them: as long as no authorised payment stands on them.

use actix_web::delete;
use actix_web::web::Path;

use crate::accounts::{Permission, signed_in};
use crate::applications::actions as applications;
use crate::documents as shelf;
use crate::payouts::actions;
use crate::web::{Answer, App, Bearer, Problem, path_id};

/// Take a document back: one of a draft, or one for an award whose payment is not authorised yet.
#[utoipa::path(
    tag = "Your documents",
    params(("id" = String, Path, description = "The document.", format = Uuid)),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is no such document of yours."),
        (status = 409, description = "It belongs to an application that is sent (document_late), or whose payment is authorised or made (document_fixed).")
    )
)]
#[delete("/me/documents/{id}")]
pub async fn take_back(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let gone = signed_in::write(&app, bearer, move |conn, _, caller, now| {
        actions::take_back(conn, caller, path_id(&id)?, now)
    });
    shelf::discard(&app.objects, gone.await?);
    Ok(Answer::nothing())
}

/// Remove a document of an application that the fund entered for somebody: one that was scanned by mistake.
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The application.", format = Uuid),
        ("document" = String, Path, description = "The document.", format = Uuid)
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such application that the fund entered, or no such document of it."),
        (status = 409, description = "It is voted on (document_late), its payment is authorised or made (document_fixed), it is over (application_over), or it was erased (data_erased).")
    )
)]
#[delete("/applications/{id}/documents/{document}")]
pub async fn remove(app: App, bearer: Bearer, path: Path<(String, String)>) -> Result<Answer, Problem> {
    let gone = signed_in::write(&app, bearer, move |conn, _, caller, now| {
        let (application, document) = &*path;
        let (actor, application) = applications::act_on(conn, caller, Permission::EnterApplication, application, now)?;
        actions::remove_for(conn, &actor, (&application, path_id(document)?), now)
    });
    shelf::discard(&app.objects, gone.await?);
    Ok(Answer::nothing())
}
