//! Calls: what everybody sees of them, and how administrators make, publish and close them.

//                                                     nob app adm tre aut aud mem cha sta her
pub const TABLE: &str = "
GET    /api/v1/calls                         -        200 200 200 200 200 200 200 200 200 200
GET    /api/v1/calls.csv                     -        200 200 200 200 200 200 200 200 200 200
GET    /api/v1/calls/{id}                    own      200 200 200 200 200 200 200 200 200 200
GET    /api/v1/calls/{id}                    foreign  200 200 200 200 200 200 200 200 200 200
GET    /api/v1/calls/{id}                    draft    404 404 404 404 404 404 404 404 404 404
GET    /api/v1/calls/{id}                    absent   404 404 404 404 404 404 404 404 404 404
POST   /api/v1/calls/{id}/pre-check          own      200 200 200 200 200 200 200 200 200 200
POST   /api/v1/calls/{id}/pre-check          foreign  200 200 200 200 200 200 200 200 200 200
POST   /api/v1/calls/{id}/pre-check          draft    404 404 404 404 404 404 404 404 404 404
POST   /api/v1/calls/{id}/pre-check          absent   404 404 404 404 404 404 404 404 404 404

POST   /api/v1/calls                         -        401 403 201 403 403 403 403 403 201 403
GET    /api/v1/call-drafts                   -        401 403 200 403 403 403 403 403 200 403
GET    /api/v1/calls/{id}/rules              own      401 403 200 403 403 403 403 403 200 200
GET    /api/v1/calls/{id}/rules              foreign  401 403 200 403 403 403 403 403 200 404
GET    /api/v1/calls/{id}/rules              draft    401 403 200 403 403 403 403 403 200 404
GET    /api/v1/calls/{id}/rules              absent   401 403 404 403 403 403 403 403 404 404
PUT    /api/v1/calls/{id}/rules              own      401 403 409 403 403 403 403 403 409 409
PUT    /api/v1/calls/{id}/rules              foreign  401 403 409 403 403 403 403 403 409 404
PUT    /api/v1/calls/{id}/rules              draft    401 403 200 403 403 403 403 403 200 404
PUT    /api/v1/calls/{id}/rules              absent   401 403 404 403 403 403 403 403 404 404
POST   /api/v1/calls/{id}/open               own      401 403 409 403 403 403 403 403 403 409
POST   /api/v1/calls/{id}/open               foreign  401 403 409 403 403 403 403 403 403 404
POST   /api/v1/calls/{id}/open               draft    401 403 200 403 403 403 403 403 403 404
POST   /api/v1/calls/{id}/open               absent   401 403 404 403 403 403 403 403 404 404
POST   /api/v1/calls/{id}/close              own      401 403 200 403 403 403 403 403 403 200
POST   /api/v1/calls/{id}/close              foreign  401 403 200 403 403 403 403 403 403 404
POST   /api/v1/calls/{id}/close              draft    401 403 409 403 403 403 403 403 403 404
POST   /api/v1/calls/{id}/close              absent   401 403 404 403 403 403 403 403 404 404
";
