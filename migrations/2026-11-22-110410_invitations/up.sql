-- Invitations: somebody who has a user proves with a link in a mail that the mailbox is theirs.

-- organizations: [{"id", "name"}], those that the user comes to by accepting. secret_hash is SHA-256 of what the link holds; nothing
-- else is kept of it. While somebody is accepting, claimed_until is when that attempt ends: a link is used once, and one whose
-- use broke off can be used again. state: pending, accepted, rejected, expired, revoked.
CREATE TABLE invitations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    organizations jsonb NOT NULL,
    connection_id uuid,
    inviter text NOT NULL,
    message text,
    state text COLLATE "C" NOT NULL DEFAULT 'pending',
    secret_hash bytea NOT NULL CONSTRAINT invitations_secret UNIQUE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    sent_at timestamptz,
    send_count integer NOT NULL,
    decided_at timestamptz,
    claimed_until timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX invitations_user ON invitations (tenant_id, user_id);
CREATE INDEX invitations_pending ON invitations (expires_at) WHERE state = 'pending';

-- Takes the link out of the mails of an invitation, and those back that were not sent yet.
CREATE FUNCTION withdraw_mails(p_tenant uuid, p_about uuid, p_why text) RETURNS void LANGUAGE sql AS $$
    UPDATE mails SET data = data - 'secret', error = CASE WHEN state = 'queued' THEN p_why ELSE error END,
        state = CASE WHEN state = 'queued' THEN 'failed' ELSE state END
    WHERE tenant_id = p_tenant AND about = p_about AND (state = 'queued' OR data ? 'secret')
$$;

-- Invites a user to those organizations for which no invitation is open yet, queues the mail (unless it is null) and tells of it.
-- held: the organizations with an open invitation before, each with its id; the key of one to no organization is ''. Invitations of
-- one user are made one after the other, so that none is doubled. invitation: the id of the new one, if one was made.
CREATE FUNCTION invite_user(
    p_invitation json, p_secret_hash bytea, p_mail json, p_action json, OUT invitation uuid, OUT held jsonb
) LANGUAGE plpgsql AS $$
DECLARE
    tenant uuid := (p_invitation->>'tenant')::uuid;
    invited uuid := (p_invitation->>'user')::uuid;
    at timestamptz := (p_invitation->>'at')::timestamptz;
    wanted jsonb := (p_invitation->'organizations')::jsonb;
    fresh jsonb;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('invite ' || tenant || ' ' || invited, 0));
    SELECT coalesce(jsonb_object_agg(coalesce(o.value->>'id', ''), i.id ORDER BY i.id), '{}') INTO held
    FROM invitations i LEFT JOIN LATERAL jsonb_array_elements(i.organizations) AS o ON true
    WHERE i.tenant_id = tenant AND i.user_id = invited AND i.state = 'pending' AND i.expires_at > at;
    SELECT coalesce(jsonb_agg(w.value ORDER BY w.ordinality), '[]') INTO fresh
    FROM jsonb_array_elements(wanted) WITH ORDINALITY AS w WHERE NOT held ? (w.value->>'id');
    IF fresh = '[]' AND (wanted <> '[]' OR held ? '') THEN
        RETURN;
    END IF;
    invitation := (p_invitation->>'id')::uuid;
    INSERT INTO invitations (tenant_id, id, user_id, email, email_key, organizations, connection_id, inviter, message, secret_hash,
        created_at, expires_at, sent_at, send_count)
    VALUES (tenant, invitation, invited, p_invitation->>'email', p_invitation->>'emailKey', fresh,
        (p_invitation->>'connection')::uuid, p_invitation->>'inviter', p_invitation->>'message', p_secret_hash, at,
        (p_invitation->>'expiresAt')::timestamptz, CASE WHEN p_mail IS NOT NULL THEN at END,
        CASE WHEN p_mail IS NULL THEN 0 ELSE 1 END);
    IF p_mail IS NOT NULL THEN
        PERFORM queue_mail(jsonb_set(p_mail::jsonb, '{data,organizations}', coalesce(
            (SELECT jsonb_agg(f.value->>'name' ORDER BY f.ordinality) FROM jsonb_array_elements(fresh) WITH ORDINALITY AS f), '[]'
        ))::json);
    END IF;
    PERFORM log_admin_action(jsonb_set(p_action::jsonb, '{details,organizations}', fresh)::json);
END
$$;

-- Gives an open invitation a new secret and a new end, and mails it; the link before leads nowhere any more. Answers whether it
-- was open.
CREATE FUNCTION resend_invitation(
    p_tenant uuid, p_id uuid, p_secret_hash bytea, p_at timestamptz, p_expires_at timestamptz, p_mail json, p_action json
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE invitations i SET secret_hash = p_secret_hash, expires_at = p_expires_at, sent_at = p_at, send_count = i.send_count + 1
    WHERE i.tenant_id = p_tenant AND i.id = p_id AND i.state = 'pending' AND i.expires_at > p_at
        AND (i.claimed_until IS NULL OR i.claimed_until <= p_at);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM withdraw_mails(p_tenant, p_id, 'withdrawn: the invitation was sent anew');
    PERFORM queue_mail(p_mail);
    PERFORM log_admin_action(p_action);
    RETURN true;
END
$$;

-- Ends an open invitation, and tells of it: p_claim is the end of the attempt to accept that got through, null for everything
-- else. Answers whether it was open.
CREATE FUNCTION decide_invitation(
    p_tenant uuid, p_id uuid, p_state text, p_at timestamptz, p_claim timestamptz, p_action json
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE invitations i SET state = p_state, decided_at = p_at, claimed_until = NULL
    WHERE i.tenant_id = p_tenant AND i.id = p_id AND i.state = 'pending' AND CASE
        WHEN p_claim IS NOT NULL THEN i.claimed_until = p_claim
        ELSE i.expires_at > p_at AND (i.claimed_until IS NULL OR i.claimed_until <= p_at)
    END;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM withdraw_mails(p_tenant, p_id, 'withdrawn: the invitation is ' || p_state);
    PERFORM log_admin_action(p_action);
    RETURN true;
END
$$;

-- Ends invitations whose time is over, at most p_limit of them, and tells of each. Answers how many.
CREATE FUNCTION expire_invitations(p_at timestamptz, p_told_at text, p_limit integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    gone record;
    ended bigint := 0;
BEGIN
    FOR gone IN
        UPDATE invitations i SET state = 'expired', decided_at = i.expires_at, claimed_until = NULL
        FROM (
            SELECT d.tenant_id, d.id FROM invitations d WHERE d.state = 'pending' AND d.expires_at <= p_at
                AND (d.claimed_until IS NULL OR d.claimed_until <= p_at) ORDER BY d.expires_at LIMIT p_limit
            FOR UPDATE SKIP LOCKED
        ) AS due
        WHERE i.tenant_id = due.tenant_id AND i.id = due.id
        RETURNING i.tenant_id, i.id, i.user_id, i.email
    LOOP
        PERFORM withdraw_mails(gone.tenant_id, gone.id, 'withdrawn: the invitation is expired');
        PERFORM log_admin_action(json_build_object('at', p_told_at, 'tenant', gone.tenant_id, 'actorKind', 'system',
            'actor', 'scimgate', 'action', 'invitation.expire', 'outcome', 'success', 'targetKind', 'invitation',
            'targetId', gone.id, 'targetName', gone.email, 'details', json_build_object('user', gone.user_id)));
        ended := ended + 1;
    END LOOP;
    RETURN ended;
END
$$;
