//! Creating, changing, suspending and deleting tenants. Each is written together with the row that tells who did it.

use chrono::{TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{Gateway, ROUNDS};
use crate::model::{AdminAction, Origin, Profile, Provisioning, Tenant, TenantId, TenantSlug, TenantState};
use crate::store::StoreError;

/// How long a deleted tenant can be restored, unless it is said otherwise.
pub const DEFAULT_GRACE: TimeDelta = TimeDelta::days(30);

/// Why a tenant stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum TenantError {
    /// There is none of that name.
    #[error("there is no tenant {0}")]
    NotFound(TenantSlug),
    /// Another one has the name.
    #[error("there is a tenant {0} already; choose another name")]
    SlugTaken(TenantSlug),
    /// It is deleted, and not to be changed before it is restored.
    #[error("the tenant {0} is deleted; restore it first")]
    Deleted(TenantSlug),
    /// There is nothing to restore.
    #[error("the tenant {0} is not deleted")]
    NotDeleted(TenantSlug),
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Gateway {
    /// Creates a tenant, which behaves as its profile says; without a name it is called by its short name.
    ///
    /// # Errors
    /// [`TenantError`]; then nothing was written.
    pub async fn create_tenant(
        &self,
        slug: TenantSlug,
        name: Option<String>,
        profile: Profile,
        origin: &Origin,
    ) -> Result<Tenant, TenantError> {
        let created_at = self.clock.now();
        let name = name.unwrap_or_else(|| slug.to_string());
        let (id, dialect) = (TenantId::new(created_at), profile.dialect());
        let (provisioning, state) = (Provisioning::default(), TenantState::Active);
        let tenant = Tenant { id, slug, name, profile, dialect, provisioning, state, created_at };
        let action = self.on_tenant("tenant.create", &tenant, json!({"profile": profile}), origin);
        match self.store.insert_tenant(&tenant, &action).await {
            Err(StoreError::Uniqueness { .. }) => Err(TenantError::SlugTaken(tenant.slug)),
            outcome => Ok(outcome.map(|()| tenant)?),
        }
    }

    /// Changes a tenant's name, profile and switches by `edit`, which may be asked more than once. A tenant that stays as it
    /// is is not written, and nothing is told.
    ///
    /// # Errors
    /// [`TenantError`]; then nothing was written.
    pub async fn change_tenant(
        &self,
        slug: &TenantSlug,
        origin: &Origin,
        edit: impl Fn(&mut Tenant),
    ) -> Result<Tenant, TenantError> {
        self.rewrite(slug, "tenant.change", origin, |tenant| {
            if matches!(tenant.state, TenantState::Deleted { .. }) {
                return Err(TenantError::Deleted(tenant.slug.clone()));
            }
            edit(tenant);
            Ok(())
        })
        .await
    }

    /// Suspends a tenant: its credentials are refused everywhere within a second. Again changes nothing.
    ///
    /// # Errors
    /// [`TenantError`]; then nothing was written.
    pub async fn suspend_tenant(&self, slug: &TenantSlug, origin: &Origin) -> Result<Tenant, TenantError> {
        let since = self.clock.now();
        self.rewrite(slug, "tenant.suspend", origin, |tenant| match tenant.state {
            TenantState::Deleted { .. } => Err(TenantError::Deleted(tenant.slug.clone())),
            TenantState::Suspended { .. } => Ok(()),
            TenantState::Active => {
                tenant.state = TenantState::Suspended { since };
                Ok(())
            }
        })
        .await
    }

    /// Lets a suspended tenant's credentials be taken again.
    ///
    /// # Errors
    /// [`TenantError`]; then nothing was written.
    pub async fn resume_tenant(&self, slug: &TenantSlug, origin: &Origin) -> Result<Tenant, TenantError> {
        self.rewrite(slug, "tenant.resume", origin, |tenant| match tenant.state {
            TenantState::Deleted { .. } => Err(TenantError::Deleted(tenant.slug.clone())),
            TenantState::Suspended { .. } | TenantState::Active => {
                tenant.state = TenantState::Active;
                Ok(())
            }
        })
        .await
    }

    /// Deletes a tenant: its credentials are refused everywhere within a second, its administrators are out, and after `grace`
    /// all its data goes. Again changes nothing.
    ///
    /// # Errors
    /// [`TenantError`]; then nothing was written.
    pub async fn delete_tenant(
        &self,
        slug: &TenantSlug,
        grace: TimeDelta,
        origin: &Origin,
    ) -> Result<Tenant, TenantError> {
        let since = self.clock.now();
        let purge_at = since.checked_add_signed(grace).unwrap_or(chrono::DateTime::<Utc>::MAX_UTC);
        self.rewrite(slug, "tenant.delete", origin, |tenant| {
            if !matches!(tenant.state, TenantState::Deleted { .. }) {
                tenant.state = TenantState::Deleted { since, purge_at };
            }
            Ok(())
        })
        .await
    }

    /// Brings a deleted tenant back, whose data has not begun to go.
    ///
    /// # Errors
    /// [`TenantError`]; then nothing was written.
    pub async fn restore_tenant(&self, slug: &TenantSlug, origin: &Origin) -> Result<Tenant, TenantError> {
        let now = self.clock.now();
        self.rewrite(slug, "tenant.restore", origin, |tenant| match tenant.state {
            TenantState::Deleted { purge_at, .. } if purge_at > now => {
                tenant.state = TenantState::Active;
                Ok(())
            }
            TenantState::Deleted { .. } => Err(TenantError::NotFound(tenant.slug.clone())),
            TenantState::Active | TenantState::Suspended { .. } => Err(TenantError::NotDeleted(tenant.slug.clone())),
        })
        .await
    }

    /// Changes a tenant as it is now, anew if somebody else was faster.
    async fn rewrite(
        &self,
        slug: &TenantSlug,
        what: &'static str,
        origin: &Origin,
        change: impl Fn(&mut Tenant) -> Result<(), TenantError>,
    ) -> Result<Tenant, TenantError> {
        for _ in 0..ROUNDS {
            let seen = self.store.find_tenant(slug).await?.ok_or_else(|| TenantError::NotFound(slug.clone()))?;
            let mut wanted = seen.clone();
            change(&mut wanted)?;
            if wanted == seen {
                return Ok(seen);
            }
            let action = self.on_tenant(what, &seen, differences(&seen, &wanted), origin);
            if self.store.change_tenant(&seen, &wanted, &action).await? {
                return Ok(wanted);
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// The row that tells of an act on a tenant. Its end concerns the whole instance, and is told there: it outlives the tenant.
    fn on_tenant(&self, action: &'static str, tenant: &Tenant, details: Value, origin: &Origin) -> AdminAction {
        let outlives = matches!(action, "tenant.create" | "tenant.delete" | "tenant.restore");
        AdminAction {
            tenant: (!outlives).then_some(tenant.id),
            at: self.clock.now(),
            origin: origin.clone(),
            action,
            succeeded: true,
            target: ("tenant", Some(tenant.id.to_string()), tenant.slug.to_string()),
            details,
        }
    }
}

/// What differs, each with its value before and after.
fn differences(before: &Tenant, after: &Tenant) -> Value {
    let (before, after) = (shown(before), shown(after));
    let differing = after.into_iter().filter_map(|(name, after)| {
        let before = before.get(&name).cloned().unwrap_or(Value::Null);
        (before != after).then(|| (name, json!({"before": before, "after": after})))
    });
    Value::Object(differing.collect())
}

fn shown(tenant: &Tenant) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("name".into(), json!(tenant.name));
    shown.insert("profile".into(), json!(tenant.profile));
    shown.insert("state".into(), json!(tenant.state.as_str()));
    if let TenantState::Deleted { purge_at, .. } = tenant.state {
        shown.insert("purgeAt".into(), json!(purge_at));
    }
    if let Value::Object(dialect) = json!(tenant.dialect) {
        shown.extend(dialect);
    }
    if let Value::Object(provisioning) = json!(tenant.provisioning) {
        shown.extend(provisioning.into_iter().map(|(name, value)| (format!("provisioning.{name}"), value)));
    }
    shown
}
