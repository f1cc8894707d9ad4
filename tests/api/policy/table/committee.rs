//! The committee: who sits on it acts on its call alone; what it decided is read by others too. And totals and the log.

//                                                                  nob app adm tre aut aud mem cha sta her
pub const TABLE: &str = "
GET    /api/v1/me/seats                                  -        401 200 200 200 200 200 200 200 200 200
GET    /api/v1/calls/{id}/seats                          own      401 403 200 403 403 403 403 200 200 200
GET    /api/v1/calls/{id}/seats                          foreign  401 403 200 403 403 403 403 404 200 404
GET    /api/v1/calls/{id}/seats                          absent   401 403 404 403 403 403 403 404 404 404
POST   /api/v1/seats/{id}/end                            own      401 403 200 403 403 403 403 403 403 200
POST   /api/v1/seats/{id}/end                            foreign  401 403 200 403 403 403 403 403 403 404
POST   /api/v1/seats/{id}/end                            absent   401 403 404 403 403 403 403 403 404 404
GET    /api/v1/calls/{id}/committee/queue                own      401 403 403 403 403 403 200 200 403 403
GET    /api/v1/calls/{id}/committee/queue                foreign  401 403 403 403 403 403 404 404 403 403
GET    /api/v1/calls/{id}/committee/queue                absent   401 403 403 403 403 403 404 404 403 403
POST   /api/v1/committee/applications/{id}/declarations  own      401 403 403 403 403 403 201 201 403 403
POST   /api/v1/committee/applications/{id}/declarations  foreign  401 403 403 403 403 403 404 404 403 403
POST   /api/v1/committee/applications/{id}/declarations  absent   401 403 403 403 403 403 404 404 403 403
GET    /api/v1/committee/applications/{id}               own      401 403 403 403 403 403 200 200 403 403
GET    /api/v1/committee/applications/{id}               foreign  401 403 403 403 403 403 404 404 403 403
GET    /api/v1/committee/applications/{id}               absent   401 403 403 403 403 403 404 404 403 403
POST   /api/v1/committee/applications/{id}/votes         own      401 403 403 403 403 403 201 201 403 403
POST   /api/v1/committee/applications/{id}/votes         foreign  401 403 403 403 403 403 404 404 403 403
POST   /api/v1/committee/applications/{id}/votes         absent   401 403 403 403 403 403 404 404 403 403
POST   /api/v1/calls/{id}/voting/open                    own      401 403 403 403 403 403 403 200 403 403
POST   /api/v1/calls/{id}/voting/open                    foreign  401 403 403 403 403 403 403 404 403 403
POST   /api/v1/calls/{id}/voting/open                    absent   401 403 403 403 403 403 403 404 403 403
GET    /api/v1/calls/{id}/voting/progress                own      401 403 403 403 403 403 403 200 403 403
GET    /api/v1/calls/{id}/voting/progress                foreign  401 403 403 403 403 403 403 404 403 403
GET    /api/v1/calls/{id}/voting/progress                absent   401 403 403 403 403 403 403 404 403 403
POST   /api/v1/calls/{id}/voting/close                   own      401 403 403 403 403 403 403 409 403 403
POST   /api/v1/calls/{id}/voting/close                   foreign  401 403 403 403 403 403 403 404 403 403
POST   /api/v1/calls/{id}/voting/close                   absent   401 403 403 403 403 403 403 404 403 403

GET    /api/v1/calls/{id}/decisions                      own      401 403 200 200 403 200 200 200 200 200
GET    /api/v1/calls/{id}/decisions                      foreign  401 403 200 200 403 200 404 404 200 404
GET    /api/v1/calls/{id}/decisions                      absent   401 403 404 404 403 404 404 404 404 404
GET    /api/v1/calls/{id}/decisions.csv                  own      401 403 200 200 403 200 200 200 200 200
GET    /api/v1/calls/{id}/decisions.csv                  foreign  401 403 200 200 403 200 404 404 200 404
GET    /api/v1/calls/{id}/decisions.csv                  absent   401 403 404 404 403 404 404 404 404 404
GET    /api/v1/calls/{id}/minutes                        own      401 403 200 403 403 403 403 200 200 200
GET    /api/v1/calls/{id}/minutes                        foreign  401 403 200 403 403 403 403 404 200 404
GET    /api/v1/calls/{id}/minutes                        absent   401 403 404 403 403 403 403 404 404 404

GET    /api/v1/calls/{id}/totals                         own      401 403 200 200 403 200 403 403 200 200
GET    /api/v1/calls/{id}/totals                         foreign  401 403 200 200 403 200 403 403 200 404
GET    /api/v1/calls/{id}/totals                         absent   401 403 404 404 403 404 403 403 404 404
GET    /api/v1/calls/{id}/totals.csv                     own      401 403 200 200 403 200 403 403 200 200
GET    /api/v1/calls/{id}/totals.csv                     foreign  401 403 200 200 403 200 403 403 200 404
GET    /api/v1/calls/{id}/totals.csv                     absent   401 403 404 404 403 404 403 403 404 404
GET    /api/v1/events                                    -        401 403 200 403 403 200 403 403 200 403
GET    /api/v1/events.csv                                -        401 403 200 403 403 200 403 403 200 403
";
