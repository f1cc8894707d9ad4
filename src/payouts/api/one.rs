//! One payout with the person and the account that it goes to: what an authoriser decides on.

use actix_web::get;
use actix_web::web::Path;
use serde::Serialize;
use utoipa::ToSchema;

use super::list::PayoutBody;
use crate::accounts::{Permission, signed_in};
use crate::payouts::actions::{self, Payee, Shown};
use crate::web::{Answer, App, Bearer, Problem};

/// To whom the money goes.
#[derive(Serialize, ToSchema)]
pub struct PayeeBody {
    #[schema(example = "Ana Anić")]
    holder: String,
    /// Eighteen digits.
    #[schema(example = "999000000000000142")]
    account: String,
    /// As people write it.
    #[schema(example = "999-1-42")]
    account_written: String,
}

impl From<Payee> for PayeeBody {
    fn from(payee: Payee) -> Self {
        let Payee { holder, account, account_written } = payee;
        Self { holder, account, account_written }
    }
}

/// A payout as it is looked at before it is authorised.
#[derive(Serialize, ToSchema)]
pub struct ShownPayoutBody {
    #[serde(flatten)]
    payout: PayoutBody,
    /// Nobody once the award was given back: only the awarded are shown.
    payee: Option<PayeeBody>,
    /// Poziv na broj of model 97, made of the reference code.
    #[schema(example = "97 14-A00001")]
    payment_reference: Option<String>,
    /// What is authorised: a keyed hash of payee, account, amount and reference, in hex.
    #[schema(example = "4f1a0c9d7e3b8a26510f9e7d6c5b4a392817f6e5d4c3b2a1908f7e6d5c4b3a29")]
    binding: String,
}

/// One payout with payee and account. That it was looked at is on record.
#[utoipa::path(
    tag = "Payouts",
    params(("id" = String, Path, description = "The payout.", format = Uuid)),
    responses(
        (status = 200, description = "The payout.", body = ShownPayoutBody),
        (status = 403, description = "Only treasurer and authoriser."),
        (status = 404, description = "There is none such.")
    )
)]
#[get("/payouts/{id}")]
pub async fn show(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let shown = signed_in::write(&app, bearer, move |conn, services, caller, now| {
        let (actor, payout) = actions::act_on(conn, caller, Permission::ReadPayouts, &id, now)?;
        actions::show(conn, &services.vault, &actor, payout.id, now)
    });
    let Shown { line, payee, payment_reference } = shown.await?;
    let (version, binding) = (line.payout.version, line.payout.binding_hex());
    let payee = payee.map(PayeeBody::from);
    let body = ShownPayoutBody { payout: PayoutBody::from(line), payee, payment_reference, binding };
    Ok(Answer::ok(&body)?.version(version))
}
