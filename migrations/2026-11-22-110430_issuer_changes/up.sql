-- Changes an issuer that was last changed at p_seen: its credential's name, scopes, addresses and end, and what its tokens have to
-- say. Answers whether there was such an issuer, not revoked and not changed since.
CREATE FUNCTION change_issuer(p_tenant uuid, p_id uuid, p_seen timestamptz, p_credential json, p_rules json, p_at timestamptz,
    p_action json)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM credentials WHERE tenant_id = p_tenant AND id = p_id AND kind = 'issuer' AND revoked_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    -- Every change of an issuer holds the lock on its credential.
    PERFORM 1 FROM trusted_issuers WHERE tenant_id = p_tenant AND credential_id = p_id AND modified_at = p_seen;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE credentials SET label = p_credential->>'label', scope = p_credential->>'scope',
            scopes = ARRAY(SELECT json_array_elements_text(p_credential->'scopes')),
            allowed_addresses = ARRAY(SELECT json_array_elements_text(p_credential->'allowedAddresses')),
            expires_at = (p_credential->>'expiresAt')::timestamptz
        WHERE tenant_id = p_tenant AND id = p_id;
    PERFORM keep_trusted_issuer(p_tenant, p_id, p_rules, p_at);
    PERFORM log_admin_action(p_action);
    RETURN true;
END
$$;
