//! Trusted issuers, and the assertions of theirs that were used.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Bool, Json, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::{Value, json};
use uuid::Uuid;

use super::credentials::{CredentialRow, scope_before};
use super::statement::statement;
use super::tables::credentials;
use super::{Store, StoreError};
use crate::model::{
    AdminAction, Credential, CredentialId, Issuer, IssuerUrl, JwksUrl, SigningAlgorithm, TenantId, Trust, TrustedIssuer,
};

diesel::table! {
    trusted_issuers (tenant_id, credential_id) {
        tenant_id -> Uuid,
        credential_id -> Uuid,
        issuer -> Text,
        audiences -> Array<Text>,
        subject_claim -> Text,
        subject -> Text,
        tid -> Nullable<Text>,
        claims -> Json,
        jwks_url -> Text,
        algorithms -> Array<Text>,
        single_use -> Bool,
        modified_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(trusted_issuers, credentials);

/// A row of `trusted_issuers`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = trusted_issuers, check_for_backend(diesel::pg::Pg))]
struct TrustedIssuerRow {
    tenant_id: Uuid,
    credential_id: Uuid,
    issuer: String,
    audiences: Vec<String>,
    subject_claim: String,
    subject: String,
    tid: Option<String>,
    claims: Value,
    jwks_url: String,
    algorithms: Vec<String>,
    single_use: bool,
    modified_at: DateTime<Utc>,
}

type Columns = trusted_issuers::SqlType;

statement! {
    /// The issuer of a credential that is not revoked.
    FindTrustedIssuer<'a> {
        id: Uuid => SqlUuid,
    } -> Columns,
    "SELECT t.tenant_id, t.credential_id, t.issuer, t.audiences, t.subject_claim, t.subject, t.tid, t.claims, t.jwks_url, \
        t.algorithms, t.single_use, t.modified_at FROM credentials c JOIN trusted_issuers t \
        ON t.tenant_id = c.tenant_id AND t.credential_id = c.id WHERE c.id = $1 AND c.revoked_at IS NULL"
}

statement! {
    /// Those that a token could act as: the ones that know its subject and audience. If there are none, a few others of its issuer,
    /// since with one of them it can be told what is wrong with the token.
    TrustedIssuersOf<'a> {
        issuer: &'a str => Text,
        subjects: &'a [String] => Array<Text>,
        audiences: &'a [String] => Array<Text>,
    } -> Columns,
    "WITH live AS NOT MATERIALIZED (SELECT t.* FROM trusted_issuers t JOIN credentials c \
            ON c.tenant_id = t.tenant_id AND c.id = t.credential_id WHERE t.issuer = $1 AND c.revoked_at IS NULL), \
        known AS (SELECT * FROM live WHERE subject = ANY ($2) AND audiences && $3 LIMIT 64), \
        near AS (SELECT * FROM live WHERE subject = ANY ($2) AND NOT EXISTS (SELECT FROM known) LIMIT 4), \
        far AS (SELECT * FROM live WHERE NOT EXISTS (SELECT FROM known) AND NOT EXISTS (SELECT FROM near) LIMIT 4) \
        SELECT t.tenant_id, t.credential_id, t.issuer, t.audiences, t.subject_claim, t.subject, t.tid, t.claims, t.jwks_url, \
        t.algorithms, t.single_use, t.modified_at \
        FROM (SELECT * FROM known UNION ALL SELECT * FROM near UNION ALL SELECT * FROM far) AS t"
}

statement! {
    /// Marks an assertion as used, unless it was; and forgets some of those whose life is over.
    UseAssertion<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        jti_hash: &'a [u8] => Binary,
        expires_at: DateTime<Utc> => Timestamptz,
        now: DateTime<Utc> => Timestamptz,
    } -> SqlUuid,
    "WITH used AS (INSERT INTO used_assertions (tenant_id, credential_id, jti_hash, expires_at) VALUES ($1, $2, $3, $4) \
            ON CONFLICT DO NOTHING RETURNING credential_id), \
        gone AS (DELETE FROM used_assertions WHERE (tenant_id, credential_id, jti_hash) IN (SELECT tenant_id, credential_id, \
            jti_hash FROM used_assertions WHERE expires_at < $5 ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED)) \
        SELECT credential_id FROM used"
}

statement! {
    /// Calls `create_trusted_issuer_2`, which the migrations describe.
    CreateTrustedIssuer<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        credential: &'a Value => Json,
        trust: &'a Value => Json,
        at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> Bool,
    "SELECT create_trusted_issuer_2($1, $2, $3, $4, $5, $6)"
}

statement! {
    /// Calls `change_issuer_2`.
    ChangeIssuer<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        seen: DateTime<Utc> => Timestamptz,
        credential: &'a Value => Json,
        trust: &'a Value => Json,
        at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> Bool,
    "SELECT change_issuer_2($1, $2, $3, $4, $5, $6, $7)"
}

statement! {
    /// Calls `remove_trusted_issuer`.
    RemoveTrustedIssuer<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> Bool,
    "SELECT remove_trusted_issuer($1, $2, $3, $4)"
}

impl TrustedIssuerRow {
    fn trusted_issuer(self) -> Result<TrustedIssuer, StoreError> {
        let algorithms = self.algorithms.iter().map(|name| name.parse());
        let algorithms: Result<Vec<SigningAlgorithm>, String> = algorithms.collect();
        let claims: BTreeMap<String, String> = serde_json::from_value(self.claims).map_err(StoreError::internal)?;
        Ok(TrustedIssuer {
            tenant: TenantId(self.tenant_id),
            id: CredentialId(self.credential_id),
            trust: Trust {
                issuer: IssuerUrl::kept(self.issuer),
                audiences: self.audiences,
                subject_claim: self.subject_claim.parse().map_err(|error: String| StoreError::internal(error))?,
                subject: self.subject,
                tid: self.tid,
                claims,
                jwks_url: JwksUrl::kept(self.jwks_url),
                algorithms: algorithms.map_err(StoreError::internal)?,
                single_use: self.single_use,
            },
            modified_at: self.modified_at,
        })
    }
}

fn issuer((credential, trusted): (CredentialRow, TrustedIssuerRow)) -> Result<Issuer, StoreError> {
    Ok(Issuer { credential: credential.credential()?, trusted: trusted.trusted_issuer()? })
}

/// What is written of a credential.
fn parts(credential: &Credential) -> Value {
    json!({
        "label": credential.label,
        "connection": credential.connection,
        "scope": scope_before(credential.scopes),
        "scopes": credential.scopes.names(),
        "allowedAddresses": credential.allowed_addresses.names(),
        "expiresAt": credential.expires_at,
        "maxRoleWeight": credential.max_role_weight,
        "disabledAt": credential.disabled_at,
    })
}

/// The trusted issuers of a tenant with their credentials.
#[diesel::dsl::auto_type(no_type_alias)]
fn registered(tenant: TenantId) -> _ {
    let tenant: Uuid = tenant.0;
    let same =
        credentials::tenant_id.eq(trusted_issuers::tenant_id).and(credentials::id.eq(trusted_issuers::credential_id));
    credentials::table
        .inner_join(trusted_issuers::table.on(same))
        .filter(trusted_issuers::tenant_id.eq(tenant))
        .filter(credentials::revoked_at.is_null())
}

impl Store {
    /// The trusted issuer of that credential, unless it is revoked.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn trusted_issuer(&self, id: CredentialId) -> Result<Option<TrustedIssuer>, StoreError> {
        let statement = FindTrustedIssuer { id: id.0, lifetime: PhantomData };
        let rows: Vec<TrustedIssuerRow> = self.read(statement).await?;
        rows.into_iter().next().map(TrustedIssuerRow::trusted_issuer).transpose()
    }

    /// The trusted issuers, of all tenants, that a token of `issuer` with these possible subjects and audiences may act as; a few
    /// others of that issuer if there are none. Whether it may is for the caller to check.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn trusted_issuers_of(
        &self,
        issuer: &str,
        subjects: &[String],
        audiences: &[String],
    ) -> Result<Vec<TrustedIssuer>, StoreError> {
        let statement = TrustedIssuersOf { issuer, subjects, audiences, lifetime: PhantomData };
        let rows: Vec<TrustedIssuerRow> = self.read(statement).await?;
        rows.into_iter().map(TrustedIssuerRow::trusted_issuer).collect()
    }

    /// Marks the assertion with that `jti` as used until it expires. Answers whether this was its first use, on any node.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn use_assertion(
        &self,
        (tenant, id): (TenantId, CredentialId),
        jti_hash: &[u8; 32],
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (tenant, id, lifetime) = (tenant.0, id.0, PhantomData);
        let first: Vec<Uuid> = self.save(UseAssertion { tenant, id, jti_hash, expires_at, now, lifetime }).await?;
        Ok(!first.is_empty())
    }

    /// The trusted issuers of `tenant` that are not revoked, in the order in which they were registered: those behind `after`, at
    /// most `limit`.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn issuers(
        &self,
        tenant: TenantId,
        after: Option<CredentialId>,
        limit: i64,
    ) -> Result<Vec<Issuer>, StoreError> {
        let after = after.map_or(Uuid::nil(), |id| id.0);
        let query = registered(tenant)
            .filter(trusted_issuers::credential_id.gt(after))
            .order(trusted_issuers::credential_id)
            .limit(limit)
            .select((CredentialRow::as_select(), TrustedIssuerRow::as_select()));
        let rows: Vec<(CredentialRow, TrustedIssuerRow)> = self.read(query).await?;
        rows.into_iter().map(issuer).collect()
    }

    /// The trusted issuer of `tenant` with that id, unless it is revoked.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn issuer(&self, tenant: TenantId, id: CredentialId) -> Result<Option<Issuer>, StoreError> {
        let query = registered(tenant)
            .filter(trusted_issuers::credential_id.eq(id.0))
            .select((CredentialRow::as_select(), TrustedIssuerRow::as_select()));
        let rows: Vec<(CredentialRow, TrustedIssuerRow)> = self.read(query).await?;
        rows.into_iter().next().map(issuer).transpose()
    }

    /// Keeps a new trusted issuer and its credential. Answers whether the connection is the tenant's.
    ///
    /// # Errors
    /// [`StoreError::Uniqueness`] of `identity` if tokens that it would accept act as another credential already, or that the
    /// database is away or at fault.
    pub async fn create_trusted_issuer(&self, issuer: &Issuer, action: &AdminAction) -> Result<bool, StoreError> {
        let Issuer { credential, trusted } = issuer;
        let trust = &serde_json::to_value(&trusted.trust).map_err(StoreError::internal)?;
        let (tenant, id, at) = (trusted.tenant.0, trusted.id.0, trusted.modified_at);
        let (credential, action, lifetime) = (&parts(credential), &action.to_json(), PhantomData);
        let done: Vec<bool> =
            self.save(CreateTrustedIssuer { tenant, id, credential, trust, at, action, lifetime }).await?;
        Ok(done == [true])
    }

    /// Gives an issuer that was last changed at `seen` another name, scopes, addresses, end and trust. Answers whether there is
    /// such an issuer, and nobody has changed it since.
    ///
    /// # Errors
    /// As [`Store::create_trusted_issuer`].
    pub async fn change_issuer(
        &self,
        issuer: &Issuer,
        seen: DateTime<Utc>,
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let Issuer { credential, trusted } = issuer;
        let trust = &serde_json::to_value(&trusted.trust).map_err(StoreError::internal)?;
        let (tenant, id, at) = (trusted.tenant.0, trusted.id.0, trusted.modified_at);
        let (credential, action, lifetime) = (&parts(credential), &action.to_json(), PhantomData);
        let done: Vec<bool> =
            self.save(ChangeIssuer { tenant, id, seen, credential, trust, at, action, lifetime }).await?;
        Ok(done == [true])
    }

    /// Revokes an issuer of the tenant for ever. Answers whether there was one.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn remove_trusted_issuer(
        &self,
        tenant: TenantId,
        id: CredentialId,
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let (tenant, id, at, lifetime) = (tenant.0, id.0, action.at, PhantomData);
        let action = &action.to_json();
        let done: Vec<bool> = self.save(RemoveTrustedIssuer { tenant, id, at, action, lifetime }).await?;
        Ok(done == [true])
    }
}
