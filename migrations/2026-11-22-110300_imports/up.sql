-- Files that became tasks: their rows as they came, so that those that failed can be handed back in the file's own columns. Rows
-- are kept some hundred at a time, since they are read by the hundred too. They go with their task.

CREATE TABLE imports (
    tenant_id uuid NOT NULL,
    task_id bigint NOT NULL,
    columns json NOT NULL,
    PRIMARY KEY (tenant_id, task_id),
    FOREIGN KEY (tenant_id, task_id) REFERENCES tasks (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE import_rows (
    tenant_id uuid NOT NULL,
    task_id bigint NOT NULL,
    first_place bigint NOT NULL,
    row_count bigint NOT NULL,
    rows json NOT NULL,
    PRIMARY KEY (tenant_id, task_id, first_place),
    FOREIGN KEY (tenant_id, task_id) REFERENCES imports (tenant_id, task_id) ON DELETE CASCADE
);

-- What a tenant's files mean: which column tells which field, and how they are read.
CREATE TABLE import_mappings (
    tenant_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    profile json NOT NULL,
    modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
