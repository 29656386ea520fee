-- OAuth 2.0 clients (RFC 6749, section 4.4): what a credential of the kind client has besides, and its secrets.

CREATE TABLE clients (
    tenant_id uuid NOT NULL,
    credential_id uuid NOT NULL,
    token_minutes integer NOT NULL,
    PRIMARY KEY (tenant_id, credential_id),
    CONSTRAINT clients_credential FOREIGN KEY (tenant_id, credential_id) REFERENCES credentials (tenant_id, id) ON DELETE CASCADE
);

-- Of a secret, which has 256 random bits, SHA-256 is kept. Several live at once, so that one can be replaced without a gap.
-- hint: its last characters, which are a checksum, so that people can tell which one an identity provider has.
CREATE TABLE client_secrets (
    tenant_id uuid NOT NULL,
    credential_id uuid NOT NULL,
    id uuid NOT NULL,
    digest bytea NOT NULL,
    hint text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, credential_id, id),
    CONSTRAINT client_secrets_client FOREIGN KEY (tenant_id, credential_id) REFERENCES clients (tenant_id, credential_id) ON DELETE CASCADE
);

CREATE FUNCTION insert_client_secret(p_tenant uuid, p_client uuid, p_secret json) RETURNS void LANGUAGE sql AS $$
    INSERT INTO client_secrets (tenant_id, credential_id, id, digest, hint, created_at, expires_at)
    VALUES (p_tenant, p_client, (p_secret->>'id')::uuid, decode(p_secret->>'digest', 'base64'), p_secret->>'hint',
        (p_secret->>'createdAt')::timestamptz, (p_secret->>'expiresAt')::timestamptz)
$$;

-- Keeps a client with its first secret.
CREATE FUNCTION create_client(p_tenant uuid, p_client json, p_secret json, p_action json) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_id uuid := (p_client->>'id')::uuid;
BEGIN
    INSERT INTO credentials (tenant_id, id, kind, label, secret_hash, scope, scopes, connection_id, allowed_addresses, created_at)
    VALUES (p_tenant, v_id, 'client', p_client->>'label', '', p_client->>'scopeBefore',
        ARRAY(SELECT json_array_elements_text(p_client->'scopes')), (p_client->>'connection')::uuid,
        ARRAY(SELECT json_array_elements_text(p_client->'allowedAddresses')), (p_client->>'createdAt')::timestamptz);
    INSERT INTO clients (tenant_id, credential_id, token_minutes) VALUES (p_tenant, v_id, (p_client->>'tokenMinutes')::integer);
    PERFORM insert_client_secret(p_tenant, v_id, p_secret);
    PERFORM log_admin_action(p_action);
    RETURN true;
END
$$;

-- Adds a secret to a client that is not revoked, unless p_most of its secrets live at p_at. Answers what came of it.
CREATE FUNCTION add_client_secret(p_tenant uuid, p_client uuid, p_secret json, p_at timestamptz, p_most integer, p_action json)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    -- One at a time, or two could both be the last one that fits.
    PERFORM FROM clients c JOIN credentials k ON k.tenant_id = c.tenant_id AND k.id = c.credential_id
        WHERE c.tenant_id = p_tenant AND c.credential_id = p_client AND k.revoked_at IS NULL FOR UPDATE OF c;
    IF NOT FOUND THEN
        RETURN 'no client';
    END IF;
    IF (SELECT count(*) FROM client_secrets s WHERE s.tenant_id = p_tenant AND s.credential_id = p_client
            AND s.revoked_at IS NULL AND s.expires_at > p_at) >= p_most THEN
        RETURN 'too many';
    END IF;
    PERFORM insert_client_secret(p_tenant, p_client, p_secret);
    PERFORM log_admin_action(p_action);
    RETURN 'added';
END
$$;

-- Revokes a secret, unless it was revoked before. Answers whether the client has such a secret.
CREATE FUNCTION revoke_client_secret(p_tenant uuid, p_client uuid, p_secret uuid, p_at timestamptz, p_action json)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE client_secrets SET revoked_at = p_at
        WHERE tenant_id = p_tenant AND credential_id = p_client AND id = p_secret AND revoked_at IS NULL;
    IF FOUND THEN
        PERFORM log_admin_action(p_action);
        RETURN true;
    END IF;
    RETURN EXISTS (SELECT FROM client_secrets WHERE tenant_id = p_tenant AND credential_id = p_client AND id = p_secret);
END
$$;
