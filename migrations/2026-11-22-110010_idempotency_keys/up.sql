-- Requests of the provisioning API that carried an Idempotency-Key: what they asked for, and what was answered. A credential has
-- its own keys. The newest 1,000 of each are kept, for a day. answer holds no password; it does hold personal data.
CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL CONSTRAINT idempotency_keys_tenant REFERENCES tenants (id) ON DELETE CASCADE,
    credential_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    -- SHA-256 of method, path and body.
    fingerprint bytea NOT NULL,
    began_at timestamptz NOT NULL,
    -- Until then the request may be under way still; after it, it broke off.
    until timestamptz NOT NULL,
    status integer,
    answer text,
    PRIMARY KEY (tenant_id, credential_id, key)
);
CREATE INDEX idempotency_keys_began_at ON idempotency_keys (began_at);

-- Begins a request with a key. Answers 'new' if it is to be carried out, 'busy' while it is under way elsewhere, 'other' if the key
-- was used for another request, and 'answered' with the answer.
CREATE FUNCTION begin_idempotent(
    p_tenant uuid, p_credential uuid, p_key text, p_fingerprint bytea, p_now timestamptz, p_until timestamptz
) RETURNS TABLE (state text, status integer, answer text) LANGUAGE plpgsql AS $$
DECLARE
    known idempotency_keys;
BEGIN
    DELETE FROM idempotency_keys k WHERE k.tenant_id = p_tenant AND k.credential_id = p_credential AND k.key = p_key
        AND k.began_at < p_now - interval '24 hours';
    INSERT INTO idempotency_keys (tenant_id, credential_id, key, fingerprint, began_at, until)
    VALUES (p_tenant, p_credential, p_key, p_fingerprint, p_now, p_until) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        DELETE FROM idempotency_keys k WHERE k.tenant_id = p_tenant AND k.credential_id = p_credential AND k.key IN (
            SELECT o.key FROM idempotency_keys o WHERE o.tenant_id = p_tenant AND o.credential_id = p_credential
            AND (o.status IS NOT NULL OR o.until < p_now) ORDER BY o.began_at DESC OFFSET 999);
        RETURN QUERY SELECT 'new', NULL::integer, NULL::text;
        RETURN;
    END IF;
    SELECT * INTO known FROM idempotency_keys k
    WHERE k.tenant_id = p_tenant AND k.credential_id = p_credential AND k.key = p_key FOR UPDATE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'busy', NULL::integer, NULL::text;
    ELSIF known.fingerprint <> p_fingerprint THEN
        RETURN QUERY SELECT 'other', NULL::integer, NULL::text;
    ELSIF known.status IS NOT NULL THEN
        RETURN QUERY SELECT 'answered', known.status, known.answer;
    ELSIF known.until < p_now THEN
        UPDATE idempotency_keys k SET began_at = p_now, until = p_until
        WHERE k.tenant_id = p_tenant AND k.credential_id = p_credential AND k.key = p_key;
        RETURN QUERY SELECT 'new', NULL::integer, NULL::text;
    ELSE
        RETURN QUERY SELECT 'busy', NULL::integer, NULL::text;
    END IF;
END
$$;
