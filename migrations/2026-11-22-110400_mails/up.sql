-- Mails wait in a table, written in the statement that causes them, so that none is lost and none is sent for what was not done.

-- What a tenant's mails look like, and how its invitations go: name, logoUrl, language, signInUrl, identityProviderUrls,
-- invitationDays. What is absent is as it is for everybody.
ALTER TABLE tenants ADD COLUMN mail jsonb NOT NULL DEFAULT '{}';

-- state: queued (is to be sent at next_attempt_at; while somebody is at it, that is when the claim ends), sent (the mail server has
-- taken it), failed (given up, or withdrawn), bounced (nobody has the address), caught (there is no mail server; it is shown only).
-- data is what the text is made of. Under 'secret' stands what opens a door: it goes once the mail is sent or given up.
-- about is what the mail belongs to, for example an invitation.
CREATE TABLE mails (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    to_address text NOT NULL,
    to_key text COLLATE "C" NOT NULL,
    to_name text NOT NULL,
    kind text COLLATE "C" NOT NULL,
    language text COLLATE "C" NOT NULL,
    data jsonb NOT NULL,
    about uuid,
    state text COLLATE "C" NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    error text,
    sent_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX mails_due ON mails (next_attempt_at) WHERE state = 'queued';
CREATE INDEX mails_about ON mails (tenant_id, about) WHERE about IS NOT NULL;
CREATE INDEX mails_to ON mails (tenant_id, to_key) WHERE state = 'queued';

-- Addresses that a mail server said nobody has. They are not mailed again until somebody clears them.
CREATE TABLE bounced_addresses (
    tenant_id uuid NOT NULL,
    address_key text COLLATE "C" NOT NULL,
    address text NOT NULL,
    at timestamptz NOT NULL,
    error text NOT NULL,
    PRIMARY KEY (tenant_id, address_key)
);

-- Queues a mail, in the statement that does what it tells of:
--   WITH done AS (INSERT ... RETURNING id) SELECT id, queue_mail($n) FROM done
-- The mail is one JSON object: tenant, id, to (the address), toKey (folded), toName, kind, data, at, and, where they are
-- known, language (else the tenant's) and about. Answers the mail's id.
CREATE FUNCTION queue_mail(p_mail json) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    tenant uuid := (p_mail->>'tenant')::uuid;
    has_bounced boolean := EXISTS (
        SELECT FROM bounced_addresses b WHERE b.tenant_id = tenant AND b.address_key = p_mail->>'toKey'
    );
BEGIN
    INSERT INTO mails (tenant_id, id, to_address, to_key, to_name, kind, language, data, about, state, created_at, next_attempt_at,
        error)
    VALUES (
        tenant, (p_mail->>'id')::uuid, p_mail->>'to', p_mail->>'toKey', coalesce(p_mail->>'toName', ''), p_mail->>'kind',
        coalesce(p_mail->>'language', (SELECT t.mail->>'language' FROM tenants t WHERE t.id = tenant), 'en'),
        CASE WHEN has_bounced THEN (p_mail->'data')::jsonb - 'secret' ELSE (p_mail->'data')::jsonb END,
        (p_mail->>'about')::uuid, CASE WHEN has_bounced THEN 'bounced' ELSE 'queued' END,
        (p_mail->>'at')::timestamptz, (p_mail->>'at')::timestamptz,
        CASE WHEN has_bounced THEN 'an earlier mail to this address bounced; clear the address to mail it again' END
    );
    RETURN (p_mail->>'id')::uuid;
END
$$;

-- What became of an attempt to send a mail: the next state, and for queued when to try again. An attempt that took so long that
-- another one has begun says nothing any more (p_attempts). A bounce is kept for the address, and what else waits for it is not
-- sent. p_action tells of what went wrong for good, or is null. Answers whether the attempt counted.
CREATE FUNCTION settle_mail(
    p_tenant uuid, p_id uuid, p_attempts integer, p_state text, p_error text, p_at timestamptz, p_next timestamptz, p_action json
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    mailed record;
BEGIN
    UPDATE mails m SET state = p_state, error = p_error, next_attempt_at = p_next,
        sent_at = CASE WHEN p_state IN ('sent', 'caught') THEN p_at END,
        data = CASE WHEN p_state IN ('sent', 'failed', 'bounced') THEN m.data - 'secret' ELSE m.data END
    WHERE m.tenant_id = p_tenant AND m.id = p_id AND m.state = 'queued' AND m.attempts = p_attempts
    RETURNING m.to_address, m.to_key INTO mailed;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF p_state = 'bounced' THEN
        INSERT INTO bounced_addresses AS b (tenant_id, address_key, address, at, error)
        VALUES (p_tenant, mailed.to_key, mailed.to_address, p_at, p_error)
        ON CONFLICT (tenant_id, address_key) DO UPDATE SET at = p_at, error = p_error;
        UPDATE mails m SET state = 'bounced', data = m.data - 'secret',
            error = 'an earlier mail to this address bounced; clear the address to mail it again'
        WHERE m.tenant_id = p_tenant AND m.to_key = mailed.to_key AND m.state = 'queued';
    END IF;
    IF p_action IS NOT NULL THEN
        PERFORM log_admin_action(p_action);
    END IF;
    RETURN true;
END
$$;
