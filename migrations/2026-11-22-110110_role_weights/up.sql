-- How heavy a role may be that a credential gives to users; null is without a limit. The version before knows nothing of it and
-- takes no notice.
ALTER TABLE credentials ADD COLUMN max_role_weight bigint;

-- A token that takes the place of another has its limit, whichever version makes it.
CREATE FUNCTION keep_role_weight() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT c.max_role_weight INTO NEW.max_role_weight FROM credentials c
    WHERE c.tenant_id = NEW.tenant_id AND c.rotated_to = NEW.id;
    RETURN NEW;
END
$$;
CREATE TRIGGER credentials_role_weight BEFORE INSERT ON credentials FOR EACH ROW WHEN (NEW.max_role_weight IS NULL)
    EXECUTE FUNCTION keep_role_weight();

CREATE FUNCTION limit_role_weight(p_tenant uuid, p_id uuid, p_weight bigint) RETURNS void LANGUAGE sql AS $$
    UPDATE credentials SET max_role_weight = p_weight WHERE tenant_id = p_tenant AND id = p_id AND p_weight IS NOT NULL
$$;

-- As add_token, create_client and create_trusted_issuer, with a limit.
CREATE FUNCTION add_token_2(
    p_tenant uuid, p_id uuid, p_label text, p_secret_hash bytea, p_scope text, p_scopes text[], p_connection uuid,
    p_allowed_addresses text[], p_user uuid, p_at timestamptz, p_expires_at timestamptz, p_replaces uuid,
    p_replaced_ends timestamptz, p_limit bigint, p_action json, p_max_role_weight bigint
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    outcome text;
BEGIN
    outcome := add_token(p_tenant, p_id, p_label, p_secret_hash, p_scope, p_scopes, p_connection, p_allowed_addresses, p_user, p_at,
        p_expires_at, p_replaces, p_replaced_ends, p_limit, p_action);
    PERFORM limit_role_weight(p_tenant, p_id, p_max_role_weight);
    RETURN outcome;
END
$$;

CREATE FUNCTION create_client_2(p_tenant uuid, p_client json, p_secret json, p_action json) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM create_client(p_tenant, p_client, p_secret, p_action);
    PERFORM limit_role_weight(p_tenant, (p_client->>'id')::uuid, (p_client->>'maxRoleWeight')::bigint);
    RETURN true;
END
$$;

CREATE FUNCTION create_trusted_issuer_2(
    p_tenant uuid, p_id uuid, p_credential json, p_rules json, p_at timestamptz, p_action json
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    created boolean;
BEGIN
    created := create_trusted_issuer(p_tenant, p_id, p_credential, p_rules, p_at, p_action);
    PERFORM limit_role_weight(p_tenant, p_id, (p_credential->>'maxRoleWeight')::bigint);
    RETURN created;
END
$$;
