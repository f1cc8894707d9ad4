//! Other aid: the catalogue of a call, which everybody sees with the call, and its registers, which administrators keep.

//                                                     nob app adm tre aut aud mem cha sta her
pub const TABLE: &str = "
GET    /api/v1/calls/{id}/aid-programmes     own      200 200 200 200 200 200 200 200 200 200
GET    /api/v1/calls/{id}/aid-programmes     foreign  200 200 200 200 200 200 200 200 200 200
GET    /api/v1/calls/{id}/aid-programmes     draft    404 404 200 404 404 404 404 404 200 404
GET    /api/v1/calls/{id}/aid-programmes     absent   404 404 404 404 404 404 404 404 404 404
POST   /api/v1/calls/{id}/aid-programmes     own      401 403 201 403 403 403 403 403 201 201
POST   /api/v1/calls/{id}/aid-programmes     foreign  401 403 201 403 403 403 403 403 201 404
POST   /api/v1/calls/{id}/aid-programmes     draft    401 403 201 403 403 403 403 403 201 404
POST   /api/v1/calls/{id}/aid-programmes     absent   401 403 404 403 403 403 403 403 404 404
DELETE /api/v1/aid-programmes/{id}           own      401 403 409 403 403 403 403 403 409 409
DELETE /api/v1/aid-programmes/{id}           foreign  401 403 409 403 403 403 403 403 409 404
DELETE /api/v1/aid-programmes/{id}           draft    401 403 204 403 403 403 403 403 204 404
DELETE /api/v1/aid-programmes/{id}           absent   401 403 404 403 403 403 403 403 404 404
POST   /api/v1/aid-programmes/{id}/registers own      401 403 201 403 403 403 403 403 201 201
POST   /api/v1/aid-programmes/{id}/registers foreign  401 403 201 403 403 403 403 403 201 404
POST   /api/v1/aid-programmes/{id}/registers absent   401 403 404 403 403 403 403 403 404 404
GET    /api/v1/calls/{id}/aid-registers      own      401 403 200 403 403 403 403 403 200 200
GET    /api/v1/calls/{id}/aid-registers      foreign  401 403 200 403 403 403 403 403 200 404
GET    /api/v1/calls/{id}/aid-registers      absent   401 403 404 403 403 403 403 403 404 404
GET    /api/v1/calls/{id}/aid-registers.csv  own      401 403 200 403 403 403 403 403 200 200
GET    /api/v1/calls/{id}/aid-registers.csv  foreign  401 403 200 403 403 403 403 403 200 404
GET    /api/v1/calls/{id}/aid-registers.csv  absent   401 403 404 403 403 403 403 403 404 404
GET    /api/v1/aid-registers/{id}            own      401 403 200 403 403 403 403 403 200 200
GET    /api/v1/aid-registers/{id}            foreign  401 403 200 403 403 403 403 403 200 404
GET    /api/v1/aid-registers/{id}            absent   401 403 404 403 403 403 403 403 404 404
POST   /api/v1/aid-registers/{id}/withdraw   own      401 403 200 403 403 403 403 403 200 200
POST   /api/v1/aid-registers/{id}/withdraw   foreign  401 403 200 403 403 403 403 403 200 404
POST   /api/v1/aid-registers/{id}/withdraw   absent   401 403 404 403 403 403 403 403 404 404
";
