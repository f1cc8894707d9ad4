//! Applications: whoever is signed in may apply and sees what is theirs; administrators work on those of their calls.

//                                                                              nob app adm tre aut aud mem cha sta her
pub const TABLE: &str = "
POST   /api/v1/calls/{id}/applications                               own      401 200 201 201 201 201 201 201 201 201
POST   /api/v1/calls/{id}/applications                               foreign  401 201 201 201 201 201 201 201 201 201
POST   /api/v1/calls/{id}/applications                               draft    401 404 404 404 404 404 404 404 404 404
POST   /api/v1/calls/{id}/applications                               absent   401 404 404 404 404 404 404 404 404 404
GET    /api/v1/me/applications                                       -        401 200 200 200 200 200 200 200 200 200
GET    /api/v1/me/applications/{id}                                  own      401 200 404 404 404 404 404 404 404 404
GET    /api/v1/me/applications/{id}                                  foreign  401 404 404 404 404 404 404 404 404 404
GET    /api/v1/me/applications/{id}                                  absent   401 404 404 404 404 404 404 404 404 404
PATCH  /api/v1/me/applications/{id}                                  own      401 200 404 404 404 404 404 404 404 404
PATCH  /api/v1/me/applications/{id}                                  foreign  401 404 404 404 404 404 404 404 404 404
PATCH  /api/v1/me/applications/{id}                                  absent   401 404 404 404 404 404 404 404 404 404
DELETE /api/v1/me/applications/{id}                                  own      401 204 404 404 404 404 404 404 404 404
DELETE /api/v1/me/applications/{id}                                  foreign  401 404 404 404 404 404 404 404 404 404
DELETE /api/v1/me/applications/{id}                                  absent   401 404 404 404 404 404 404 404 404 404
POST   /api/v1/me/applications/{id}/submit                           own      401 200 404 404 404 404 404 404 404 404
POST   /api/v1/me/applications/{id}/submit                           foreign  401 404 404 404 404 404 404 404 404 404
POST   /api/v1/me/applications/{id}/submit                           absent   401 404 404 404 404 404 404 404 404 404
POST   /api/v1/me/applications/{id}/withdraw                         own      401 200 404 404 404 404 404 404 404 404
POST   /api/v1/me/applications/{id}/withdraw                         foreign  401 404 404 404 404 404 404 404 404 404
POST   /api/v1/me/applications/{id}/withdraw                         absent   401 404 404 404 404 404 404 404 404 404
POST   /api/v1/me/applications/{id}/decline                          own      401 200 404 404 404 404 404 404 404 404
POST   /api/v1/me/applications/{id}/decline                          foreign  401 404 404 404 404 404 404 404 404 404
POST   /api/v1/me/applications/{id}/decline                          absent   401 404 404 404 404 404 404 404 404 404
GET    /api/v1/me/applications/{id}/receipt                          own      401 200 404 404 404 404 404 404 404 404
GET    /api/v1/me/applications/{id}/receipt                          foreign  401 404 404 404 404 404 404 404 404 404
GET    /api/v1/me/applications/{id}/receipt                          absent   401 404 404 404 404 404 404 404 404 404
POST   /api/v1/me/applications/{id}/clarifications/{clarification}/answer own     401 200 404 404 404 404 404 404 404 404
POST   /api/v1/me/applications/{id}/clarifications/{clarification}/answer foreign 401 404 404 404 404 404 404 404 404 404
POST   /api/v1/me/applications/{id}/clarifications/{clarification}/answer absent  401 404 404 404 404 404 404 404 404 404

GET    /api/v1/calls/{id}/applications                               own      401 403 200 403 403 403 403 403 200 200
GET    /api/v1/calls/{id}/applications                               foreign  401 403 200 403 403 403 403 403 200 404
GET    /api/v1/calls/{id}/applications                               absent   401 403 404 403 403 403 403 403 404 404
GET    /api/v1/calls/{id}/applications.csv                           own      401 403 200 403 403 403 403 403 200 200
GET    /api/v1/calls/{id}/applications.csv                           foreign  401 403 200 403 403 403 403 403 200 404
GET    /api/v1/calls/{id}/applications.csv                           absent   401 403 404 403 403 403 403 403 404 404
GET    /api/v1/calls/{id}/findings                                   own      401 403 200 403 403 403 403 403 200 200
GET    /api/v1/calls/{id}/findings                                   foreign  401 403 200 403 403 403 403 403 200 404
GET    /api/v1/calls/{id}/findings                                   absent   401 403 404 403 403 403 403 403 404 404
POST   /api/v1/calls/{id}/entered-applications                       own      401 403 201 403 403 403 403 403 201 201
POST   /api/v1/calls/{id}/entered-applications                       foreign  401 403 201 403 403 403 403 403 201 404
POST   /api/v1/calls/{id}/entered-applications                       absent   401 403 404 403 403 403 403 403 404 404
GET    /api/v1/applications/{id}                                     own      401 403 200 403 403 403 403 403 200 200
GET    /api/v1/applications/{id}                                     foreign  401 403 200 403 403 403 403 403 200 404
GET    /api/v1/applications/{id}                                     absent   401 403 404 403 403 403 403 403 404 404
POST   /api/v1/applications/{id}/person                              own      401 403 200 403 403 403 403 403 200 200
POST   /api/v1/applications/{id}/person                              foreign  401 403 200 403 403 403 403 403 200 404
POST   /api/v1/applications/{id}/person                              absent   401 403 404 403 403 403 403 403 404 404
POST   /api/v1/applications/{id}/receipt                             own      401 403 200 403 403 403 403 403 200 200
POST   /api/v1/applications/{id}/receipt                             foreign  401 403 200 403 403 403 403 403 200 404
POST   /api/v1/applications/{id}/receipt                             absent   401 403 404 403 403 403 403 403 404 404
POST   /api/v1/applications/{id}/clarifications                      own      401 403 201 403 403 403 403 403 201 201
POST   /api/v1/applications/{id}/clarifications                      foreign  401 403 201 403 403 403 403 403 201 404
POST   /api/v1/applications/{id}/clarifications                      absent   401 403 404 403 403 403 403 403 404 404
POST   /api/v1/applications/{id}/findings/{finding}/resolutions      own      401 403 200 403 403 403 403 403 200 200
POST   /api/v1/applications/{id}/findings/{finding}/resolutions      foreign  401 403 200 403 403 403 403 403 200 404
POST   /api/v1/applications/{id}/findings/{finding}/resolutions      absent   401 403 404 403 403 403 403 403 404 404
POST   /api/v1/applications/{id}/merge                               own      401 403 200 403 403 403 403 403 200 200
POST   /api/v1/applications/{id}/merge                               foreign  401 403 200 403 403 403 403 403 200 404
POST   /api/v1/applications/{id}/merge                               absent   401 403 404 403 403 403 403 403 404 404
POST   /api/v1/applications/{id}/unmerge                             own      401 403 200 403 403 403 403 403 200 200
POST   /api/v1/applications/{id}/unmerge                             foreign  401 403 200 403 403 403 403 403 200 404
POST   /api/v1/applications/{id}/unmerge                             absent   401 403 404 403 403 403 403 403 404 404
";
