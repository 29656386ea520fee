//! The tables that are reached through Diesel's own queries: those that are small and change seldom.

diesel::table! {
    tenants (id) {
        id -> Uuid,
        slug -> Text,
        name -> Text,
        profile -> Text,
        dialect -> Jsonb,
        provisioning -> Jsonb,
        created_at -> Timestamptz,
        catalog_version -> BigInt,
        suspended_at -> Nullable<Timestamptz>,
        deleted_at -> Nullable<Timestamptz>,
        purge_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    credentials (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        label -> Text,
        secret_hash -> Bytea,
        scope -> Text,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        user_id -> Nullable<Uuid>,
        kind -> Text,
        connection_id -> Nullable<Uuid>,
        scopes -> Nullable<Array<Text>>,
        allowed_addresses -> Array<Text>,
        rotated_to -> Nullable<Uuid>,
        max_role_weight -> Nullable<BigInt>,
        disabled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    connections (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        name_key -> Text,
        prefix -> Nullable<Text>,
        kind -> Text,
        profile -> Nullable<Text>,
        enabled -> Bool,
        created_at -> Timestamptz,
        modified_at -> Timestamptz,
    }
}

diesel::table! {
    admins (id) {
        id -> Uuid,
        email -> Text,
        email_key -> Text,
        name -> Text,
        role -> Text,
        tenant_id -> Nullable<Uuid>,
        password_hash -> Nullable<Text>,
        totp_secret -> Nullable<Bytea>,
        totp_enabled_at -> Nullable<Timestamptz>,
        totp_step -> BigInt,
        recovery_codes -> Array<Bytea>,
        failed_attempts -> Integer,
        locked_until -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        last_sign_in_at -> Nullable<Timestamptz>,
        disabled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    admin_sessions (digest) {
        digest -> Bytea,
        id -> Uuid,
        admin_id -> Uuid,
        is_complete -> Bool,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        expires_at -> Timestamptz,
        address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
    }
}

diesel::joinable!(credentials -> tenants (tenant_id));
diesel::joinable!(admin_sessions -> admins (admin_id));
diesel::allow_tables_to_appear_in_same_query!(admins, admin_sessions);
diesel::allow_tables_to_appear_in_same_query!(tenants, credentials, connections);
