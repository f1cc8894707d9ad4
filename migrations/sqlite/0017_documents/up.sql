-- Documents that people send with their applications. What is in them lies sealed outside the database.

CREATE TABLE documents (
    id BLOB NOT NULL PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES people,
    call_id BLOB NOT NULL REFERENCES calls,
    -- A draft, and once that is sent the application, which keeps its id.
    application_id BLOB NOT NULL,
    -- One of those that the rules of the call ask for.
    kind TEXT NOT NULL,
    media_type TEXT NOT NULL CHECK (media_type IN ('application/pdf', 'image/jpeg', 'image/png', 'image/heic')),
    size INTEGER NOT NULL CHECK (size > 0),
    -- Of what is kept, and what the file was called. Both are forgotten when it is removed.
    sha256 BLOB,
    name_sealed BLOB,
    object_name TEXT NOT NULL UNIQUE,
    uploaded_at INTEGER NOT NULL,
    removed_at INTEGER,
    CHECK ((removed_at IS NULL) = (sha256 IS NOT NULL)),
    CHECK (removed_at IS NULL OR name_sealed IS NULL)
) STRICT;

CREATE INDEX documents_application ON documents (application_id, id) WHERE removed_at IS NULL;

CREATE INDEX documents_person ON documents (person_id, id) WHERE removed_at IS NULL;

CREATE INDEX documents_call ON documents (call_id, id) WHERE removed_at IS NULL;

-- What lies in the store and belongs to no document: put there by a request that is not done or failed, or removed and not
-- taken out yet. Only this is ever swept, so that no other database takes away what it does not know.
CREATE TABLE document_leftovers (
    object_name TEXT NOT NULL PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT;

CREATE INDEX document_leftovers_since ON document_leftovers (since);
