//! Reading the members of groups, however many there are.
//!
//! They are read in pieces, each by one statement that goes on behind the last member seen. So no more than a piece is in
//! memory; a client that reads slowly holds neither a connection nor a snapshot; and no deadline counts the client's time. A
//! member that is there all the while comes exactly once; one that comes or goes meanwhile may be seen or not.

use std::collections::VecDeque;
use std::marker::PhantomData;

use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use futures_util::Stream;
use futures_util::stream::try_unfold;
use uuid::Uuid;

use super::written::uuids;
use crate::model::{MemberRef, ResourceId};
use crate::store::statement::statement;
use crate::store::{StoreError, TenantStore};

/// How many members are read at once.
const PIECE: i64 = 2_000;

statement! {
    /// The next members: of the first group those behind `after`, of the others all, in the order of groups and ids. The limits
    /// inside keep the planner from joining before it limits; the rows come in order since nothing reorders a nested loop.
    Members<'a> {
        groups: &'a [Uuid] => Array<SqlUuid>,
        tenant: Uuid => SqlUuid,
        after: Uuid => SqlUuid,
        limit: i64 => BigInt,
    } -> (SqlUuid, SqlUuid, Text, Nullable<Text>),
    "SELECT m.group_id, m.member_id, r.resource_type, r.display FROM unnest($1) WITH ORDINALITY AS g (id, place) \
        CROSS JOIN LATERAL ( \
            SELECT m.group_id, m.member_id FROM memberships m WHERE m.tenant_id = $2 AND m.group_id = g.id \
            AND m.member_id > CASE WHEN g.place = 1 THEN $3 ELSE '00000000-0000-0000-0000-000000000000' END \
            ORDER BY m.member_id LIMIT $4) AS m \
        CROSS JOIN LATERAL ( \
            SELECT r.resource_type, r.display FROM resources r WHERE r.tenant_id = $2 AND r.id = m.member_id OFFSET 0) AS r \
        LIMIT $4"
}

statement! {
    /// How many members a group has; no more than the limit are counted, and only the index is read.
    Count<'a> {
        tenant: Uuid => SqlUuid,
        group: Uuid => SqlUuid,
        limit: i64 => BigInt,
    } -> BigInt,
    "SELECT count(*) FROM ( \
        SELECT 1 FROM memberships m WHERE m.tenant_id = $1 AND m.group_id = $2 LIMIT $3) AS counted"
}

/// Where the reading stands.
struct Reading {
    tenant: TenantStore,
    /// The groups that are not done, the first of them perhaps in part.
    groups: Vec<Uuid>,
    after: Uuid,
    piece: VecDeque<MemberRef>,
    ended: bool,
}

impl TenantStore {
    /// Whether the group has more members than `limit`. Costs the same however many they are.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn has_more_members(&self, group: ResourceId, limit: u32) -> Result<bool, StoreError> {
        let count = Count { tenant: self.tenant.0, group: group.0, limit: i64::from(limit) + 1, lifetime: PhantomData };
        let counted: Vec<i64> = self.store.read(count).await?;
        Ok(counted.into_iter().any(|counted| counted > i64::from(limit)))
    }

    /// The members of `groups`, in the order given and then by id.
    pub fn members(&self, groups: &[ResourceId]) -> impl Stream<Item = Result<MemberRef, StoreError>> + use<> {
        let reading = Reading {
            tenant: self.clone(),
            groups: uuids(groups),
            after: Uuid::nil(),
            piece: VecDeque::new(),
            ended: groups.is_empty(),
        };
        try_unfold(reading, async |mut reading| {
            if reading.piece.is_empty() && !reading.ended {
                reading.next_piece().await?;
            }
            Ok(reading.piece.pop_front().map(|member| (member, reading)))
        })
    }
}

impl Reading {
    async fn next_piece(&mut self) -> Result<(), StoreError> {
        let statement = Members {
            groups: &self.groups,
            tenant: self.tenant.tenant.0,
            after: self.after,
            limit: PIECE,
            lifetime: PhantomData,
        };
        let rows: Vec<(Uuid, Uuid, String, Option<String>)> = self.tenant.store.read(statement).await?;
        self.ended = i64::try_from(rows.len()).is_ok_and(|read| read < PIECE);
        if let Some((group, member, ..)) = rows.last() {
            self.after = *member;
            let done = self.groups.iter().position(|id| id == group).unwrap_or_default();
            self.groups.drain(..done);
        }
        self.piece = rows
            .into_iter()
            .map(|(group, id, resource_type, display)| MemberRef {
                group: ResourceId(group),
                id: ResourceId(id),
                resource_type,
                display,
            })
            .collect();
        Ok(())
    }
}
