-- Files of people that were sent to the console and are looked at there: what they were found to be, and their rows as they came
-- but for passwords, until somebody imports them, discards them, or their time is over.

-- found: what reading the file told, its columns among it. profile: how it was to be read, and what its columns are to mean.
-- tried_as: the task of the last dry run. taken_until: somebody is making a task of it, and nobody else may until then.
CREATE TABLE import_uploads (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL,
    found json NOT NULL,
    profile json NOT NULL,
    mode text COLLATE "C" NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    is_complete boolean NOT NULL DEFAULT false,
    tried_as bigint,
    taken_until timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX import_uploads_expires_at ON import_uploads (expires_at);

CREATE TABLE import_upload_rows (
    tenant_id uuid NOT NULL,
    upload_id uuid NOT NULL,
    first_place bigint NOT NULL,
    rows json NOT NULL,
    PRIMARY KEY (tenant_id, upload_id, first_place),
    FOREIGN KEY (tenant_id, upload_id) REFERENCES import_uploads (tenant_id, id) ON DELETE CASCADE
);
