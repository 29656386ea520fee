-- Administrators: accounts of people who run the gateway. They have nothing to do with SCIM users, and no row of a tenant's data
-- leads to one. tenant_id is null for those who reach the whole instance, so these keys do not begin with the tenant.

-- totp_secret is sealed, and counts once totp_enabled_at is set; totp_step is the last time step whose code was accepted.
-- recovery_codes are digests of those not used yet. failed_attempts is set back by a sign-in.
CREATE TABLE admins (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL CONSTRAINT admins_email UNIQUE,
    name text NOT NULL,
    role text COLLATE "C" NOT NULL,
    tenant_id uuid REFERENCES tenants (id),
    password_hash text,
    totp_secret bytea,
    totp_enabled_at timestamptz,
    totp_step bigint NOT NULL DEFAULT 0,
    recovery_codes bytea[] NOT NULL DEFAULT '{}',
    failed_attempts integer NOT NULL DEFAULT 0,
    locked_until timestamptz,
    created_at timestamptz NOT NULL,
    last_sign_in_at timestamptz,
    disabled_at timestamptz
);
CREATE INDEX admins_tenant ON admins (tenant_id) WHERE tenant_id IS NOT NULL;

-- digest is that of the secret in the cookie. A session that waits for the second factor is worth nothing else: is_complete.
CREATE TABLE admin_sessions (
    digest bytea PRIMARY KEY,
    id uuid NOT NULL CONSTRAINT admin_sessions_id UNIQUE,
    admin_id uuid NOT NULL REFERENCES admins (id) ON DELETE CASCADE,
    is_complete boolean NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    address text,
    user_agent text
);
CREATE INDEX admin_sessions_admin ON admin_sessions (admin_id);
CREATE INDEX admin_sessions_expires_at ON admin_sessions (expires_at);

-- One-time links: to make the first owner (admin_id is null), to set a first password or a new one.
CREATE TABLE admin_links (
    digest bytea PRIMARY KEY,
    admin_id uuid REFERENCES admins (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX admin_links_admin ON admin_links (admin_id);

-- Failed sign-ins by client address.
CREATE TABLE sign_in_failures (
    address text COLLATE "C" PRIMARY KEY,
    failed_attempts integer NOT NULL,
    locked_until timestamptz,
    last_at timestamptz NOT NULL
);
