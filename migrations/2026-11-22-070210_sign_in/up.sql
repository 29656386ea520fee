-- Signing in, and what has to hold between several administrators. Each function is one call of one statement.

-- How long nobody may try after that many failures in a row: not at all for the first ones, then 30 s, doubled each time, 15
-- minutes at most.
CREATE FUNCTION sign_in_pause(p_failed integer, p_free integer) RETURNS interval LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_failed >= p_free THEN least(30 * 2 ^ least(p_failed - p_free, 10), 900) * interval '1 second' END
$$;

-- Begins an attempt to sign in, by e-mail address or, for the second factor, by id. It counts as failed until take_sign_in
-- takes that back: attempts that run at once cannot get past the limit. Answers nothing of an administrator who is locked,
-- disabled, without a password or not there, and until when the client's address is locked, if it is.
CREATE FUNCTION begin_sign_in(
    p_address text, p_now timestamptz, p_email_key text, p_admin uuid,
    OUT address_locked_until timestamptz, OUT admin_id uuid, OUT email text, OUT password_hash text, OUT totp_secret bytea
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO sign_in_failures AS f (address, failed_attempts, last_at) VALUES (p_address, 1, p_now)
    ON CONFLICT (address) DO UPDATE SET
        failed_attempts = CASE WHEN f.last_at < p_now - interval '1 hour' THEN 1 ELSE f.failed_attempts + 1 END,
        locked_until = p_now
            + sign_in_pause(CASE WHEN f.last_at < p_now - interval '1 hour' THEN 1 ELSE f.failed_attempts + 1 END, 20),
        last_at = p_now
    WHERE f.locked_until IS NULL OR f.locked_until <= p_now;
    IF NOT FOUND THEN
        SELECT f.locked_until INTO address_locked_until FROM sign_in_failures f WHERE f.address = p_address;
        RETURN;
    END IF;
    UPDATE admins a SET failed_attempts = a.failed_attempts + 1,
        locked_until = p_now + sign_in_pause(a.failed_attempts + 1, 5)
    WHERE (a.email_key = p_email_key OR a.id = p_admin) AND a.disabled_at IS NULL AND a.password_hash IS NOT NULL
        AND (a.locked_until IS NULL OR a.locked_until <= p_now)
    RETURNING a.id, a.email, a.password_hash, CASE WHEN a.totp_enabled_at IS NOT NULL THEN a.totp_secret END
    INTO admin_id, email, password_hash, totp_secret;
END
$$;

-- An attempt went well: it counts as failed no more. p_is_complete tells whether no further factor is asked for.
CREATE FUNCTION forgive_sign_in(p_admin uuid, p_address text, p_is_complete boolean) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE admins a SET locked_until = NULL,
        failed_attempts = CASE WHEN p_is_complete THEN 0 ELSE greatest(a.failed_attempts - 1, 0) END
    WHERE a.id = p_admin;
    UPDATE sign_in_failures f SET failed_attempts = greatest(f.failed_attempts - 1, 0), locked_until = NULL
    WHERE f.address = p_address;
    RETURN true;
END
$$;

-- Begins a session for an administrator whose factor was checked, in the place of p_old. Answers false, and changes nothing, if
-- meanwhile the administrator was disabled, the password changed, or the code used (p_step, p_recovery).
CREATE FUNCTION take_sign_in(
    p_admin uuid, p_password_hash text, p_step bigint, p_recovery bytea, p_is_complete boolean, p_old bytea,
    p_digest bytea, p_session uuid, p_now timestamptz, p_expires_at timestamptz, p_address text, p_user_agent text,
    p_action json
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE admins a SET
        last_sign_in_at = CASE WHEN p_is_complete THEN p_now ELSE a.last_sign_in_at END,
        totp_step = coalesce(p_step, a.totp_step),
        recovery_codes = CASE WHEN p_recovery IS NULL THEN a.recovery_codes ELSE array_remove(a.recovery_codes, p_recovery) END
    WHERE a.id = p_admin AND a.disabled_at IS NULL AND (p_password_hash IS NULL OR a.password_hash = p_password_hash)
        AND (p_step IS NULL OR a.totp_step < p_step) AND (p_recovery IS NULL OR p_recovery = ANY (a.recovery_codes))
        AND (NOT p_is_complete OR p_step IS NOT NULL OR p_recovery IS NOT NULL OR a.totp_enabled_at IS NULL);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM forgive_sign_in(p_admin, coalesce(p_address, ''), p_is_complete);
    DELETE FROM admin_sessions s WHERE s.digest = p_old OR (s.admin_id = p_admin AND s.expires_at <= p_now);
    INSERT INTO admin_sessions (digest, id, admin_id, is_complete, created_at, last_seen_at, expires_at, address, user_agent)
    VALUES (p_digest, p_session, p_admin, p_is_complete, p_now, p_now, p_expires_at, p_address, p_user_agent);
    IF p_is_complete THEN
        PERFORM log_admin_action(p_action);
    END IF;
    RETURN true;
END
$$;

-- Changes or removes an administrator who is still what the caller saw. outcome: done, moved, last_owner.
CREATE FUNCTION change_admin(
    p_id uuid, p_seen_role text, p_seen_tenant uuid, p_name text, p_role text, p_is_disabled boolean, p_is_removed boolean,
    p_at timestamptz, p_action json
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    target admins;
BEGIN
    -- Every owner of the instance is locked, in one order, so that two of them cannot remove each other.
    PERFORM 1 FROM admins a WHERE a.id = p_id OR (a.tenant_id IS NULL AND a.role = 'owner') ORDER BY a.id FOR UPDATE;
    SELECT * INTO target FROM admins a WHERE a.id = p_id;
    IF NOT FOUND OR target.role <> p_seen_role OR target.tenant_id IS DISTINCT FROM p_seen_tenant THEN
        RETURN 'moved';
    END IF;
    IF target.role = 'owner' AND target.tenant_id IS NULL AND target.disabled_at IS NULL
        AND (p_is_removed OR p_is_disabled OR p_role <> 'owner')
        AND NOT EXISTS (
            SELECT 1 FROM admins a WHERE a.id <> p_id AND a.role = 'owner' AND a.tenant_id IS NULL AND a.disabled_at IS NULL
        )
    THEN
        RETURN 'last_owner';
    END IF;
    IF p_is_removed THEN
        DELETE FROM admins a WHERE a.id = p_id;
    ELSE
        UPDATE admins a SET name = p_name, role = p_role,
            disabled_at = CASE WHEN p_is_disabled THEN coalesce(a.disabled_at, p_at) END
        WHERE a.id = p_id;
    END IF;
    IF p_is_disabled THEN
        DELETE FROM admin_sessions s WHERE s.admin_id = p_id;
        DELETE FROM admin_links l WHERE l.admin_id = p_id;
    END IF;
    PERFORM log_admin_action(p_action);
    RETURN 'done';
END
$$;

-- Uses a one-time link: to make the first owner, p_new, or to give an administrator a password. Answers whose password was
-- set, or nothing if the link is not worth anything now.
CREATE FUNCTION redeem_link(
    p_digest bytea, p_now timestamptz, p_password_hash text, p_new uuid, p_email text, p_email_key text, p_name text,
    p_action json
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    chosen uuid;
BEGIN
    DELETE FROM admin_links l WHERE l.digest = p_digest AND l.expires_at > p_now RETURNING l.admin_id INTO chosen;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF chosen IS NULL THEN
        LOCK TABLE admins IN SHARE ROW EXCLUSIVE MODE;
        IF EXISTS (SELECT 1 FROM admins) THEN
            RETURN NULL;
        END IF;
        INSERT INTO admins (id, email, email_key, name, role, password_hash, created_at)
        VALUES (p_new, p_email, p_email_key, p_name, 'owner', p_password_hash, p_now);
        DELETE FROM admin_links l WHERE l.admin_id IS NULL;
        chosen := p_new;
    ELSE
        UPDATE admins a SET password_hash = p_password_hash, failed_attempts = 0, locked_until = NULL
        WHERE a.id = chosen AND a.disabled_at IS NULL;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        DELETE FROM admin_sessions s WHERE s.admin_id = chosen;
        DELETE FROM admin_links l WHERE l.admin_id = chosen;
    END IF;
    PERFORM log_admin_action(p_action);
    RETURN chosen;
END
$$;
