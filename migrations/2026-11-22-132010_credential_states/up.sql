-- Since when a credential is out of use until somebody enables it again; null while it is in use. The version before takes no
-- notice.
ALTER TABLE credentials ADD COLUMN disabled_at timestamptz;

-- As change_issuer, and sets how heavy a role may be that it gives, and whether it is in use.
CREATE FUNCTION change_issuer_2(p_tenant uuid, p_id uuid, p_seen timestamptz, p_credential json, p_rules json, p_at timestamptz,
    p_action json)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    changed boolean;
BEGIN
    changed := change_issuer(p_tenant, p_id, p_seen, p_credential, p_rules, p_at, p_action);
    IF changed THEN
        UPDATE credentials SET max_role_weight = (p_credential->>'maxRoleWeight')::bigint,
                disabled_at = (p_credential->>'disabledAt')::timestamptz
            WHERE tenant_id = p_tenant AND id = p_id;
    END IF;
    RETURN changed;
END
$$;

-- Changes of a client what p_change names: its label, scope, scopes, allowedAddresses, maxRoleWeight, disabledAt. Answers whether
-- there is such a client that is not revoked.
CREATE FUNCTION change_client(p_tenant uuid, p_id uuid, p_change json, p_action json) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE credentials c SET label = coalesce(p_change->>'label', c.label), scope = coalesce(p_change->>'scope', c.scope),
            scopes = CASE WHEN p_change->'scopes' IS NULL THEN c.scopes
                ELSE ARRAY(SELECT json_array_elements_text(p_change->'scopes')) END,
            allowed_addresses = CASE WHEN p_change->'allowedAddresses' IS NULL THEN c.allowed_addresses
                ELSE ARRAY(SELECT json_array_elements_text(p_change->'allowedAddresses')) END,
            max_role_weight = CASE WHEN p_change->'maxRoleWeight' IS NULL THEN c.max_role_weight
                ELSE (p_change->>'maxRoleWeight')::bigint END,
            disabled_at = CASE WHEN p_change->'disabledAt' IS NULL THEN c.disabled_at
                ELSE (p_change->>'disabledAt')::timestamptz END
        WHERE c.tenant_id = p_tenant AND c.id = p_id AND c.kind = 'client' AND c.revoked_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM log_admin_action(p_action);
    RETURN true;
END
$$;
