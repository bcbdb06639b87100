-- An error in words for a user: by its beginning it is told from the engine's own.
CREATE OR REPLACE TEMP MACRO kql_error(message) AS error('KQL: ' || message);
