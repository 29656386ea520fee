-- Trusted issuers: whose signed tokens (JWT, RFC 7519) act as which credential.

-- What belongs to a credential of the kind issuer. A token acts as the credential if it is signed with a key of jwks_url and says
-- all that stands here. algorithms: those of any kind of key if empty. claims: further claims and the texts that they must have.
CREATE TABLE trusted_issuers (
    tenant_id uuid NOT NULL,
    credential_id uuid NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    audiences text[] NOT NULL,
    subject_claim text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    tid text COLLATE "C",
    claims json NOT NULL,
    jwks_url text COLLATE "C" NOT NULL,
    algorithms text[] NOT NULL,
    single_use boolean NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, credential_id),
    CONSTRAINT trusted_issuers_credential FOREIGN KEY (tenant_id, credential_id) REFERENCES credentials (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX trusted_issuers_subject ON trusted_issuers (issuer, subject);

-- The tenant comes from the row that a token matches, so no two rows of the whole instance may match one token. Therefore this key
-- does not begin with the tenant, as that of tenants' names does not.
CREATE TABLE trusted_audiences (
    tenant_id uuid NOT NULL,
    credential_id uuid NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    audience text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, credential_id, audience),
    CONSTRAINT trusted_audiences_identity UNIQUE (issuer, audience, subject),
    CONSTRAINT trusted_audiences_issuer FOREIGN KEY (tenant_id, credential_id) REFERENCES trusted_issuers (tenant_id, credential_id)
        ON DELETE CASCADE
);

-- Client assertions that were used, by the SHA-256 of their jti, for as long as they live (RFC 7523, section 3, point 7).
CREATE TABLE used_assertions (
    tenant_id uuid NOT NULL,
    credential_id uuid NOT NULL,
    jti_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, credential_id, jti_hash)
);
CREATE INDEX used_assertions_expires_at ON used_assertions (expires_at);

-- Puts p_rules in the place of what there is for the credential. An identity that a revoked credential holds is free.
CREATE FUNCTION keep_trusted_issuer(p_tenant uuid, p_id uuid, p_rules json, p_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_audiences text[] := ARRAY(SELECT json_array_elements_text(p_rules->'audiences'));
BEGIN
    DELETE FROM trusted_audiences a USING credentials c
        WHERE a.issuer = p_rules->>'issuer' AND a.subject = p_rules->>'subject' AND a.audience = ANY (v_audiences)
            AND c.tenant_id = a.tenant_id AND c.id = a.credential_id AND c.revoked_at IS NOT NULL;
    DELETE FROM trusted_audiences a WHERE a.tenant_id = p_tenant AND a.credential_id = p_id;
    INSERT INTO trusted_issuers (tenant_id, credential_id, issuer, audiences, subject_claim, subject, tid, claims, jwks_url,
            algorithms, single_use, created_at, modified_at)
        VALUES (p_tenant, p_id, p_rules->>'issuer', v_audiences, p_rules->>'subjectClaim', p_rules->>'subject', p_rules->>'tid',
            p_rules->'claims', p_rules->>'jwksUrl', ARRAY(SELECT json_array_elements_text(p_rules->'algorithms')),
            (p_rules->>'singleUse')::boolean, p_at, p_at)
        ON CONFLICT (tenant_id, credential_id) DO UPDATE SET issuer = excluded.issuer, audiences = excluded.audiences,
            subject_claim = excluded.subject_claim, subject = excluded.subject, tid = excluded.tid, claims = excluded.claims,
            jwks_url = excluded.jwks_url, algorithms = excluded.algorithms, single_use = excluded.single_use,
            modified_at = greatest(excluded.modified_at, trusted_issuers.modified_at + interval '1 microsecond');
    INSERT INTO trusted_audiences (tenant_id, credential_id, issuer, audience, subject)
        SELECT p_tenant, p_id, p_rules->>'issuer', audience, p_rules->>'subject' FROM unnest(v_audiences) AS audience;
END
$$;

-- A new credential of the kind issuer. Answers whether the connection is the tenant's.
CREATE FUNCTION create_trusted_issuer(p_tenant uuid, p_id uuid, p_credential json, p_rules json, p_at timestamptz, p_action json)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM connections WHERE tenant_id = p_tenant AND id = (p_credential->>'connection')::uuid FOR KEY SHARE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO credentials (tenant_id, id, label, secret_hash, scope, created_at, expires_at, kind, connection_id, scopes,
            allowed_addresses)
        VALUES (p_tenant, p_id, p_credential->>'label', '', p_credential->>'scope', p_at,
            (p_credential->>'expiresAt')::timestamptz, 'issuer', (p_credential->>'connection')::uuid,
            ARRAY(SELECT json_array_elements_text(p_credential->'scopes')),
            ARRAY(SELECT json_array_elements_text(p_credential->'allowedAddresses')));
    PERFORM keep_trusted_issuer(p_tenant, p_id, p_rules, p_at);
    PERFORM log_admin_action(p_action);
    RETURN true;
END
$$;

-- Changes what an issuer's tokens have to say. Answers whether there is such an issuer that is not revoked.
CREATE FUNCTION change_trusted_issuer(p_tenant uuid, p_id uuid, p_rules json, p_at timestamptz, p_action json) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM credentials WHERE tenant_id = p_tenant AND id = p_id AND kind = 'issuer' AND revoked_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM keep_trusted_issuer(p_tenant, p_id, p_rules, p_at);
    PERFORM log_admin_action(p_action);
    RETURN true;
END
$$;

-- Revokes an issuer and frees its identity for another. Answers whether there was such an issuer that was not revoked.
CREATE FUNCTION remove_trusted_issuer(p_tenant uuid, p_id uuid, p_at timestamptz, p_action json) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE credentials SET revoked_at = p_at WHERE tenant_id = p_tenant AND id = p_id AND kind = 'issuer' AND revoked_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM trusted_issuers WHERE tenant_id = p_tenant AND credential_id = p_id;
    PERFORM log_admin_action(p_action);
    RETURN true;
END
$$;
