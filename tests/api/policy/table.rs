//! The authorization table: every route, every role, whose thing it is, and the status that is expected. Written by hand.

mod aid;
mod applications;
mod calls;
mod committee;
mod money;

/// The columns after method, path and whose. `member` and `chair` have accepted seats on the committee of one call;
/// `stale` is an administrator whose second factor was given ten minutes ago; `here` is an administrator of that one call
/// alone. All others hold their roles on every call.
pub const ROLES: [&str; 10] =
    ["nobody", "applicant", "administrator", "treasurer", "authoriser", "auditor", "member", "chair", "stale", "here"];

// The accounts come last: their last line takes second factors away.
const TABLES: [&str; 6] = [calls::TABLE, aid::TABLE, applications::TABLE, committee::TABLE, money::TABLE, ACCOUNTS];

/// `-` where the path names nothing; else whether what it names is one's own, somebody else's, or not there. What stands
/// on a call is `own` on the call that has the committee and that `here` administers, and `foreign` on another that is
/// published too; `draft`: on a call that nobody sees yet. Of accounts, what is somebody else's is for every call; `call`:
/// for the one that `here` administers.
const ACCOUNTS: &str = "
GET    /health                               -        200 200 200 200 200 200 200 200 200 200
GET    /ready                                -        200 200 200 200 200 200 200 200 200 200
GET    /version                              -        200 200 200 200 200 200 200 200 200 200
GET    /api/v1/openapi.json                  -        200 200 200 200 200 200 200 200 200 200
GET    /api/docs/{file}                      own      200 200 200 200 200 200 200 200 200 200
GET    /api/docs/{file}                      absent   404 404 404 404 404 404 404 404 404 404

POST   /api/v1/registrations                 -        202 202 202 202 202 202 202 202 202 202
POST   /api/v1/registrations/confirm         -        422 422 422 422 422 422 422 422 422 422
POST   /api/v1/sessions                      -        401 401 401 401 401 401 401 401 401 401
POST   /api/v1/sign-in-links                 -        202 202 202 202 202 202 202 202 202 202
POST   /api/v1/sessions/link                 -        422 422 422 422 422 422 422 422 422 422
POST   /api/v1/sessions/code                 -        422 422 422 422 422 422 422 422 422 422
POST   /api/v1/sessions/refresh              -        401 401 401 401 401 401 401 401 401 401
POST   /api/v1/password-resets               -        202 202 202 202 202 202 202 202 202 202
POST   /api/v1/password-resets/confirm       -        422 422 422 422 422 422 422 422 422 422
POST   /api/v1/email-changes/confirm         -        422 422 422 422 422 422 422 422 422 422
POST   /api/v1/invitations/accept            -        422 422 422 422 422 422 422 422 422 422

GET    /api/v1/me                            -        401 200 200 200 200 200 200 200 200 200
PATCH  /api/v1/me                            -        401 200 200 200 200 200 200 200 200 200
GET    /api/v1/me/data                       -        401 200 200 200 200 200 200 200 403 200
DELETE /api/v1/me                            -        401 409 409 409 409 409 409 409 403 409
GET    /api/v1/me/access-log                 -        401 200 200 200 200 200 200 200 200 200
GET    /api/v1/me/roles                      -        401 200 200 200 200 200 200 200 200 200
PUT    /api/v1/me/password                   -        401 204 204 204 204 204 204 204 403 204
POST   /api/v1/me/email-changes              -        401 202 202 202 202 202 202 202 403 202
POST   /api/v1/me/second-factor              -        401 201 409 409 409 409 409 409 403 409
POST   /api/v1/me/second-factor/confirm      -        401 422 409 409 409 409 409 409 403 409
POST   /api/v1/me/recovery-codes             -        401 403 200 200 200 200 200 200 403 200

GET    /api/v1/sessions                      -        401 200 200 200 200 200 200 200 200 200
DELETE /api/v1/sessions                      -        401 204 204 204 204 204 204 204 403 204
DELETE /api/v1/sessions/current              -        401 204 204 204 204 204 204 204 204 204
POST   /api/v1/sessions/current/step-up      -        401 204 403 403 403 403 403 403 403 403
DELETE /api/v1/sessions/{id}                 own      401 204 204 204 204 204 204 204 403 204
DELETE /api/v1/sessions/{id}                 foreign  401 404 404 404 404 404 404 404 403 404
DELETE /api/v1/sessions/{id}                 absent   401 404 404 404 404 404 404 404 403 404

GET    /api/v1/invitations                   -        401 403 200 403 403 403 403 403 200 200
POST   /api/v1/invitations                   -        401 403 201 403 403 403 403 403 403 403
GET    /api/v1/invitations/{id}              own      401 403 200 403 403 403 403 403 200 200
GET    /api/v1/invitations/{id}              foreign  401 403 200 403 403 403 403 403 200 404
GET    /api/v1/invitations/{id}              call     401 403 200 403 403 403 403 403 200 200
GET    /api/v1/invitations/{id}              absent   401 403 404 403 403 403 403 403 404 404
POST   /api/v1/invitations/{id}/confirm      own      401 403 409 403 403 403 403 403 403 409
POST   /api/v1/invitations/{id}/confirm      foreign  401 403 200 403 403 403 403 403 403 404
POST   /api/v1/invitations/{id}/confirm      call     401 403 200 403 403 403 403 403 403 200
POST   /api/v1/invitations/{id}/confirm      absent   401 403 404 403 403 403 403 403 403 404
DELETE /api/v1/invitations/{id}              own      401 403 409 403 403 403 403 403 403 409
DELETE /api/v1/invitations/{id}              foreign  401 403 204 403 403 403 403 403 403 404
DELETE /api/v1/invitations/{id}              call     401 403 204 403 403 403 403 403 403 204
DELETE /api/v1/invitations/{id}              absent   401 403 404 403 403 403 403 403 403 404

GET    /api/v1/roles                         -        401 403 200 403 403 403 403 403 200 200
GET    /api/v1/roles/{id}                    own      401 403 200 403 403 403 403 403 200 200
GET    /api/v1/roles/{id}                    foreign  401 403 200 403 403 403 403 403 200 404
GET    /api/v1/roles/{id}                    call     401 403 200 403 403 403 403 403 200 200
GET    /api/v1/roles/{id}                    absent   401 403 404 403 403 403 403 403 404 404
POST   /api/v1/roles/{id}/end                own      401 403 200 403 403 403 403 403 403 200
POST   /api/v1/roles/{id}/end                foreign  401 403 200 403 403 403 403 403 403 404
POST   /api/v1/roles/{id}/end                call     401 403 200 403 403 403 403 403 403 200
POST   /api/v1/roles/{id}/end                absent   401 403 404 403 403 403 403 403 403 404
POST   /api/v1/people/{id}/suspend           own      401 403 409 403 403 403 403 403 403 403
POST   /api/v1/people/{id}/suspend           foreign  401 403 204 403 403 403 403 403 403 403
POST   /api/v1/people/{id}/suspend           absent   401 403 404 403 403 403 403 403 403 403
POST   /api/v1/people/{id}/restore           own      401 403 409 403 403 403 403 403 403 403
POST   /api/v1/people/{id}/restore           foreign  401 403 204 403 403 403 403 403 403 403
POST   /api/v1/people/{id}/restore           absent   401 403 404 403 403 403 403 403 403 403

GET    /api/v1/dead-jobs                     -        401 403 200 403 403 403 403 403 200 403
POST   /api/v1/dead-jobs/{id}/retry          foreign  401 403 204 403 403 403 403 403 204 403
POST   /api/v1/dead-jobs/{id}/retry          absent   401 403 404 403 403 403 403 403 404 403

DELETE /api/v1/me/second-factor              -        401 403 204 204 204 204 204 204 403 204
";

/// A line of the table.
#[derive(Debug, Clone)]
pub struct Row {
    pub method: &'static str,
    pub path: &'static str,
    pub whose: &'static str,
    /// In the order of [`ROLES`].
    pub statuses: Vec<u16>,
}

pub fn rows() -> Vec<Row> {
    let row = |line: &'static str| {
        let mut words = line.split_whitespace();
        let [method, path, whose] = std::array::from_fn(|_| words.next().unwrap());
        let statuses: Vec<u16> = words.map(|word| word.parse().unwrap()).collect();
        assert_eq!(statuses.len(), ROLES.len(), "{line}");
        Row { method, path, whose, statuses }
    };
    TABLES.iter().flat_map(|table| table.lines()).filter(|line| !line.is_empty()).map(row).collect()
}

/// The routes of the table, each once: (method, path).
pub fn routes() -> Vec<(&'static str, &'static str)> {
    let mut routes: Vec<_> = rows().iter().map(|row| (row.method, row.path)).collect();
    routes.sort_unstable();
    routes.dedup();
    routes
}

/// The column of a role.
pub fn column(role: &str) -> usize {
    ROLES.iter().position(|name| *name == role).unwrap()
}

/// The lines about what a role may do, were it there, and an applicant may not; about others than themselves.
pub fn needing_a_role(role: &str) -> Vec<Row> {
    let [applicant, column] = ["applicant", role].map(column);
    let needs = |row: &Row| row.statuses[applicant] == 403 && row.statuses[column] != 403;
    rows().into_iter().filter(|row| needs(row) && !row.path.contains("/me/")).collect()
}
