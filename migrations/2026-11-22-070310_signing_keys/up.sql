-- The keys that access tokens are signed with. sealed_key is the private key, sealed under a key that the database does not have,
-- and erased once nothing is signed with it any more. The latest key that may sign (not_before) does; a key is published,
-- and what it signed is taken, from created_at until retired_at.
CREATE TABLE signing_keys (
    id uuid PRIMARY KEY,
    algorithm text COLLATE "C" NOT NULL,
    public_key json NOT NULL,
    sealed_key bytea,
    created_at timestamptz NOT NULL,
    not_before timestamptz NOT NULL,
    retired_at timestamptz
);

-- Adds a key behind the last one, if that is p_after (null: there is none); so of several nodes that make one at once, one
-- does. The others retire at p_retire_at.
CREATE FUNCTION add_signing_key(p_key json, p_after uuid, p_retire_at timestamptz, p_action json) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_at timestamptz := (p_key->>'createdAt')::timestamptz;
    v_last uuid;
BEGIN
    LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE;
    SELECT k.id INTO v_last FROM signing_keys k ORDER BY k.created_at DESC, k.id DESC LIMIT 1;
    IF v_last IS DISTINCT FROM p_after THEN
        RETURN false;
    END IF;
    UPDATE signing_keys SET retired_at = p_retire_at WHERE retired_at IS NULL OR retired_at > p_retire_at;
    UPDATE signing_keys SET sealed_key = NULL WHERE retired_at <= v_at AND sealed_key IS NOT NULL;
    INSERT INTO signing_keys (id, algorithm, public_key, sealed_key, created_at, not_before)
    VALUES ((p_key->>'id')::uuid, p_key->>'algorithm', p_key->'publicKey', decode(p_key->>'sealedKey', 'base64'), v_at,
        (p_key->>'notBefore')::timestamptz);
    PERFORM log_admin_action(p_action);
    RETURN true;
END
$$;
