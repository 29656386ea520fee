-- The life of a credential: made, replaced, warned of. And what connections own.

-- Makes a token, and tells of it. If p_replaces is given, that token ends at p_replaced_ends, or earlier if it would have. Answers
-- created, no_connection, full (p_limit tokens of the connection work still) or not_live (there is no token p_replaces that works
-- and was not replaced before). The connection's row is locked first, so that tokens of one connection are made one after the
-- other and their number is right.
CREATE FUNCTION add_token(
    p_tenant uuid, p_id uuid, p_label text, p_secret_hash bytea, p_scope text, p_scopes text[], p_connection uuid,
    p_allowed_addresses text[], p_user uuid, p_at timestamptz, p_expires_at timestamptz, p_replaces uuid,
    p_replaced_ends timestamptz, p_limit bigint, p_action json
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    live bigint;
BEGIN
    IF p_connection IS NOT NULL THEN
        PERFORM 1 FROM connections c WHERE c.tenant_id = p_tenant AND c.id = p_connection FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RETURN 'no_connection';
        END IF;
        SELECT count(*) INTO live FROM credentials c
        WHERE c.tenant_id = p_tenant AND c.connection_id = p_connection AND c.kind = 'token' AND c.revoked_at IS NULL
            AND (c.expires_at IS NULL OR c.expires_at > p_at)
            AND NOT (c.id IS NOT DISTINCT FROM p_replaces AND p_replaced_ends <= p_at);
        IF live >= p_limit THEN
            RETURN 'full';
        END IF;
    END IF;
    IF p_replaces IS NOT NULL THEN
        UPDATE credentials c SET expires_at = least(c.expires_at, p_replaced_ends), rotated_to = p_id
        WHERE c.tenant_id = p_tenant AND c.id = p_replaces AND c.kind = 'token' AND c.rotated_to IS NULL
            AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > p_at);
        IF NOT FOUND THEN
            RETURN 'not_live';
        END IF;
    END IF;
    INSERT INTO credentials (tenant_id, id, kind, label, secret_hash, scope, scopes, connection_id, allowed_addresses, user_id,
        created_at, expires_at)
    VALUES (p_tenant, p_id, 'token', p_label, p_secret_hash, p_scope, p_scopes, p_connection, p_allowed_addresses, p_user,
        p_at, p_expires_at);
    PERFORM log_admin_action(p_action);
    RETURN 'created';
END
$$;

-- The warnings that were given of a credential's end, each once. A credential whose end is moved is warned of anew. A node that
-- sends the mails of a warning claims it for a while; mailed_at is set once nothing is left to send.
CREATE TABLE credential_warnings (
    tenant_id uuid NOT NULL,
    credential_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    days integer NOT NULL,
    warned_at timestamptz NOT NULL,
    claimed_at timestamptz,
    mailed_at timestamptz,
    PRIMARY KEY (tenant_id, credential_id, expires_at, days)
);
CREATE INDEX credential_warnings_to_mail ON credential_warnings (warned_at) WHERE mailed_at IS NULL;

-- Which connection made a resource, where the tenant fences its connections. Written before the resource and removed after it, so
-- that no resource is without its owner; a row without a resource says nothing, since ids are not used twice.
CREATE TABLE resource_owners (
    tenant_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, resource_id)
);
