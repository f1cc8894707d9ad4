DROP TABLE document_leftovers;
DROP TABLE documents;
