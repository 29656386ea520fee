-- What administration stands on: connections, the kinds of credentials, and the log of what administrators did.

-- A connection is one identity provider or system of record that pushes into a tenant. Its credentials live and end with it.
-- profile and dialect override the tenant's for requests that come through it; null leaves the tenant's.
CREATE TABLE connections (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL CONSTRAINT connections_id UNIQUE,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    prefix text COLLATE "C",
    kind text COLLATE "C" NOT NULL,
    profile text COLLATE "C",
    enabled boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT connections_name UNIQUE (tenant_id, name_key),
    CONSTRAINT connections_prefix UNIQUE (tenant_id, prefix)
);

-- kind: token (a bearer token, secret_hash is its digest), client (OAuth 2.0 client credentials), issuer (a federated identity).
-- The last two have no secret of their own here: secret_hash is empty, which no digest equals.
-- scopes: null for credentials that the version before made; then the column scope tells.
ALTER TABLE credentials ADD COLUMN kind text COLLATE "C" NOT NULL DEFAULT 'token';
ALTER TABLE credentials ADD COLUMN connection_id uuid;
ALTER TABLE credentials ADD COLUMN scopes text[];
ALTER TABLE credentials ADD COLUMN allowed_addresses text[] NOT NULL DEFAULT '{}';
ALTER TABLE credentials ADD COLUMN rotated_to uuid;
ALTER TABLE credentials ADD CONSTRAINT credentials_connection FOREIGN KEY (tenant_id, connection_id)
    REFERENCES connections (tenant_id, id);
CREATE INDEX credentials_of_connection ON credentials (tenant_id, connection_id) WHERE connection_id IS NOT NULL;

-- When and from where a credential was last used, written now and then in the background. Apart from credentials, whose rows are
-- read by every worker and should not move for it.
CREATE TABLE credential_uses (
    tenant_id uuid NOT NULL,
    credential_id uuid NOT NULL,
    last_used_at timestamptz NOT NULL,
    last_address text,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    PRIMARY KEY (tenant_id, credential_id)
) WITH (fillfactor = 70);

-- What administrators did, in the transaction that did it, and who signed in or failed to. tenant_id is null for what concerns
-- the whole instance. details holds no secret.
CREATE SEQUENCE admin_actions_position;
CREATE TABLE admin_actions (
    position bigint NOT NULL DEFAULT nextval('admin_actions_position'),
    at timestamptz NOT NULL,
    tenant_id uuid,
    actor_kind text COLLATE "C" NOT NULL,
    actor_id uuid,
    actor text NOT NULL,
    action text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL DEFAULT 'success',
    target_kind text COLLATE "C" NOT NULL,
    target_id text,
    target_name text NOT NULL,
    details json NOT NULL,
    request_id uuid,
    address text,
    PRIMARY KEY (at, position)
) PARTITION BY RANGE (at);
CREATE INDEX admin_actions_tenant ON admin_actions (tenant_id, at, position);
CREATE TABLE admin_actions_default PARTITION OF admin_actions DEFAULT;
ALTER SEQUENCE admin_actions_position OWNED BY admin_actions.position;

-- One call in the statement that does the thing: WITH done AS (UPDATE ... RETURNING id) SELECT id, log_admin_action($n) FROM done
-- The action is one JSON object, so that each statement binds one value for it. Answers the position.
CREATE FUNCTION log_admin_action(p_action json) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO admin_actions (at, tenant_id, actor_kind, actor_id, actor, action, outcome, target_kind, target_id, target_name,
        details, request_id, address)
    VALUES ((p_action->>'at')::timestamptz, (p_action->>'tenant')::uuid, p_action->>'actorKind', (p_action->>'actorId')::uuid,
        p_action->>'actor', p_action->>'action', p_action->>'outcome', p_action->>'targetKind', p_action->>'targetId',
        p_action->>'targetName', p_action->'details', (p_action->>'request')::uuid, p_action->>'address')
    RETURNING position
$$;
