-- A tenant that is suspended or deleted refuses its credentials. One that is deleted can be restored until purge_at.
ALTER TABLE tenants ADD COLUMN suspended_at timestamptz;
ALTER TABLE tenants ADD COLUMN deleted_at timestamptz;
ALTER TABLE tenants ADD COLUMN purge_at timestamptz;

-- Removes up to p_limit rows of a tenant whose time has come, from whatever tables have any; at last the tenant itself, told by
-- p_action. Answers how many rows went, 0 with the tenant itself, or null if its time has not come or another node is at it.
-- Each call is one short transaction, so nobody waits for it.
CREATE FUNCTION purge_tenant(p_tenant uuid, p_now timestamptz, p_limit integer, p_action json) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    place record;
    gone bigint;
    total bigint := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended(p_tenant::text, 702)) THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM tenants t WHERE t.id = p_tenant AND t.purge_at <= p_now FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    FOR place IN
        SELECT c.oid::regclass::text AS name FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
        WHERE c.relkind = 'r'
            AND c.relnamespace = (SELECT t.relnamespace FROM pg_class t WHERE t.oid = 'tenants'::regclass)
        ORDER BY c.relname
    LOOP
        -- Rows that others refer to go after those: a later call finds them free.
        BEGIN
            EXECUTE format(
                'DELETE FROM %s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %s WHERE tenant_id = $1 LIMIT $2))',
                place.name, place.name
            ) USING p_tenant, p_limit - total;
            GET DIAGNOSTICS gone = ROW_COUNT;
            total := total + gone;
        EXCEPTION WHEN foreign_key_violation THEN
            NULL;
        END;
        EXIT WHEN total >= p_limit;
    END LOOP;
    IF total = 0 THEN
        DELETE FROM tenants t WHERE t.id = p_tenant;
        PERFORM log_admin_action(p_action);
    END IF;
    RETURN total;
END
$$;
