//! The statement that filters and an order are made into. It is not kept prepared, since clients could fill the server's
//! memory with their filters; but for the few shapes that [`is_common`] names, and for lists without a filter.
//!
//! Each part of a list selects the rows of one type; what follows is the same for one part as for several. Where nothing is
//! filtered, the total comes from `resource_counts` and the page may be found by walking an index; else everything that
//! matches is found once, and both total and page are taken from it.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use uuid::Uuid;

use super::place::{Found, Place};
use super::row::{Columns, GroupColumns, columns, group_columns, groups_of};
use super::{GroupsRow, Row, stored, stored_with_groups};
use crate::model::Stored;
use crate::scim::list::Position;
use crate::store::filter_sql::{Bind, KeyType, Resources, SortKey, Sql, anchor, condition, is_common, sort_key, sql};
use crate::store::{Page, Part, StoreError, TenantStore};

/// What a row has in front of the resource: the total, the place in the order of creation, the sort value, the part.
type Front = (BigInt, BigInt, Nullable<Text>, Integer);

/// Which resources, and which page of them.
pub(super) struct Search<'a> {
    tenant: Uuid,
    legs: Vec<Leg<'a>>,
    order: Option<Order>,
    place: &'a Place,
    rows: i64,
}

/// The rows of one type.
struct Leg<'a> {
    resource_type: &'a str,
    condition: Option<Sql>,
    anchor: Option<Sql>,
    value: Option<Sql>,
    is_common: bool,
}

/// What the sort values are, and in which order they come.
struct Order {
    key_type: KeyType,
    is_nullable: bool,
    descending: bool,
}

/// A statement made for one search, with rows of the type `R`.
#[derive(Clone, Copy)]
struct Statement<'a, R> {
    sql: &'a Sql,
    is_kept: bool,
    row: PhantomData<R>,
}

impl<R> QueryFragment<Pg> for Statement<'_, R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.is_kept {
            out.unsafe_to_cache_prepared();
        }
        self.sql.walk(&mut out)
    }
}

/// Those that are kept are told apart by their text.
impl<R> QueryId for Statement<'_, R> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<R> Query for Statement<'_, R> {
    type SqlType = R;
}

impl<'a> Search<'a> {
    /// The search for a page.
    pub fn new(tenant: &'a TenantStore, page: &Page<'a>, place: &'a Place) -> Self {
        let resources = |part: &Part<'a>| Resources {
            tenant: tenant.tenant.0,
            resource_type: part.kind,
            base_url: tenant.store.base_url(),
        };
        let (order, values) = order(page, resources);
        let legs = page.parts.iter().zip(values).map(|(part, value)| Leg {
            resource_type: &part.kind.name,
            condition: part.filter.map(|filter| condition(filter, &resources(part))),
            anchor: part.filter.and_then(|filter| anchor(filter, &resources(part))),
            value,
            is_common: part.filter.is_none_or(|filter| is_common(filter, &resources(part))),
        });
        Self { tenant: tenant.tenant.0, legs: legs.collect(), order, place, rows: place.rows(page.limit) }
    }

    fn is_kept(&self) -> bool {
        self.legs.len() == 1 && self.legs.iter().all(|leg| leg.is_common)
    }

    fn is_filtered(&self) -> bool {
        self.legs.iter().any(|leg| leg.condition.is_some())
    }

    fn tenant(&self) -> Bind {
        Bind::Id(self.tenant)
    }

    fn types(&self) -> Bind {
        Bind::Texts(self.legs.iter().map(|leg| leg.resource_type.to_owned()).collect())
    }

    /// The rows that match. On a walk through all of several types each leg gives the page that it would have alone, since the
    /// planner does not walk their indexes side by side.
    fn matching(&self) -> Sql {
        let is_cut_early = self.legs.len() > 1 && !self.is_filtered() && matches!(self.place, Place::Walk(_));
        let legs = self.legs.iter().zip(0_i64..).map(|(leg, number)| {
            let rows = self.leg(leg, number);
            if !is_cut_early {
                return rows;
            }
            sql![
                "(SELECT p.* FROM (",
                rows,
                ") p",
                self.on_from(),
                self.in_order(),
                " LIMIT ",
                Bind::Integer(self.rows),
                ")"
            ]
        });
        Sql::list(legs, " UNION ALL ", "")
    }

    /// The rows of one type that match.
    fn leg(&self, leg: &Leg<'_>, number: i64) -> Sql {
        let source = match leg.anchor.clone() {
            None => "resources r".into(),
            // What stands behind OFFSET is not moved inside.
            Some(anchor) => sql!["(SELECT x.* FROM resources x WHERE ", anchor, " OFFSET 0) r"],
        };
        sql![
            "SELECT r.seq, ",
            if self.legs.len() == 1 { Sql::from("0") } else { sql![Bind::Integer(number), "::integer"] },
            " AS part",
            leg.value.clone().map_or_else(Sql::default, |value| sql![", ", value, " AS value"]),
            " FROM ",
            source,
            " WHERE r.tenant_id = ",
            self.tenant(),
            " AND r.resource_type = ",
            Bind::Text(leg.resource_type.to_owned()),
            leg.condition.clone().map_or_else(Sql::default, |condition| sql![" AND ", condition])
        ]
    }

    /// How many match.
    fn total(&self) -> Sql {
        if self.is_filtered() {
            return "(SELECT count(*) FROM matching)".into();
        }
        sql![
            "(SELECT coalesce(sum(c.n), 0)::bigint FROM resource_counts c WHERE c.tenant_id = ",
            self.tenant(),
            " AND c.resource_type = ANY (",
            self.types(),
            "))"
        ]
    }

    /// The names `columns` of the page's resources.
    fn page(&self, columns: &'static str, source: &'static str) -> Sql {
        let value = self.order.as_ref().map(|order| order.key_type.printed("p.value".into()));
        let resource_type = match self.legs.as_slice() {
            [leg] => Sql::from(Bind::Text(leg.resource_type.to_owned())),
            _ => sql!["(", self.types(), ")[p.part + 1]"],
        };
        let offset = match self.place {
            Place::Offset(offset) => sql![" OFFSET ", Bind::Integer(*offset)],
            Place::Walk(_) => Sql::default(),
        };
        sql![
            "WITH matching AS ",
            if self.is_filtered() { "MATERIALIZED " } else { "NOT MATERIALIZED " },
            self.matching(),
            ", page AS (SELECT * FROM matching p",
            self.on_from(),
            self.in_order(),
            offset,
            " LIMIT ",
            Bind::Integer(self.rows),
            ") SELECT ",
            self.total(),
            ", p.seq, ",
            value.unwrap_or_else(|| "NULL::text".into()),
            ", p.part, ",
            columns,
            // The limit keeps the planner from anything but one look into the index for each row.
            " FROM page p CROSS JOIN LATERAL (SELECT x.* FROM resources x WHERE x.tenant_id = ",
            self.tenant(),
            " AND x.resource_type = ",
            resource_type,
            " AND x.seq = p.seq LIMIT 1) r ",
            source,
            self.in_order()
        ]
    }

    /// The order in which a walk goes on.
    fn in_order(&self) -> &'static str {
        let backwards = self.place.is_backwards();
        match self.order.as_ref().map(|order| order.descending) {
            None if backwards => " ORDER BY p.seq DESC",
            None => " ORDER BY p.seq",
            Some(false) if backwards => " ORDER BY p.value DESC, p.seq DESC",
            Some(false) => " ORDER BY p.value, p.seq",
            Some(true) if backwards => " ORDER BY p.value, p.seq DESC",
            Some(true) => " ORDER BY p.value DESC, p.seq",
        }
    }

    /// The part of the list that is still to come.
    fn on_from(&self) -> Sql {
        self.place.position().map_or_else(Sql::default, |position| sql![" WHERE ", self.behind(position)])
    }

    /// What comes behind the position in that order. What has no value counts as the greatest.
    fn behind(&self, position: &Position) -> Sql {
        let seq = || sql![if position.backwards { "p.seq < " } else { "p.seq > " }, Bind::Integer(position.seq)];
        let Some(order) = &self.order else { return seq() };
        let towards_less = order.descending != position.backwards;
        let Some(text) = &position.value else {
            let or_any_value = if towards_less { " OR p.value IS NOT NULL)" } else { ")" };
            return sql!["((p.value IS NULL AND ", seq(), ")", or_any_value];
        };
        let value = || order.key_type.parsed(text);
        let (from, beyond) =
            if towards_less { ("(p.value <= ", " AND (p.value < ") } else { ("(p.value >= ", " AND (p.value > ") };
        // Written so that an index on the value can begin at it.
        let behind = sql![from, value(), beyond, value(), " OR ", seq(), "))"];
        if order.is_nullable && !towards_less { sql!["(", behind, " OR p.value IS NULL)"] } else { behind }
    }
}

/// The order of a page, and the sort value of each part.
fn order<'a>(page: &Page<'a>, resources: impl Fn(&Part<'a>) -> Resources<'a>) -> (Option<Order>, Vec<Option<Sql>>) {
    let key = |part: &Part<'a>| part.sort.map(|target| sort_key(target, &resources(part)));
    let mut keys: Vec<Option<SortKey>> = page.parts.iter().map(key).collect();
    let mut types = keys.iter().flatten().map(|key| key.key_type);
    let Some(first) = types.next() else { return (None, vec![None; page.parts.len()]) };
    let is_one_type = types.all(|key_type| key_type == first);
    if !is_one_type {
        keys = keys.into_iter().map(|key| key.map(SortKey::printed)).collect();
    }
    let key_type = if is_one_type { first } else { KeyType::Text };
    let is_nullable = keys.iter().any(|key| key.as_ref().is_none_or(|key| key.is_nullable));
    let values = keys.into_iter().map(|key| Some(key.map_or_else(|| key_type.absent(), |key| key.sql)));
    (Some(Order { key_type, is_nullable, descending: page.descending }), values.collect())
}

impl TenantStore {
    /// The rows of the page, each beside the total.
    pub(super) async fn search_page(
        &self,
        search: &Search<'_>,
        with_groups: bool,
    ) -> Result<Vec<(i64, Found)>, StoreError> {
        let is_kept = search.is_kept();
        if with_groups {
            let sql = &search.page(concat!(columns!(), group_columns!()), groups_of!());
            let statement = Statement::<(Front, GroupColumns)> { sql, is_kept, row: PhantomData };
            let rows: Vec<(FrontRow, GroupsRow)> = self.store.search(statement).await?;
            return Ok(rows.into_iter().map(|(front, row)| found(front, stored_with_groups(row))).collect());
        }
        let sql = &search.page(columns!(), "");
        let statement = Statement::<(Front, Columns)> { sql, is_kept, row: PhantomData };
        let rows: Vec<(FrontRow, Row)> = self.store.search(statement).await?;
        Ok(rows.into_iter().map(|(front, row)| found(front, stored(row))).collect())
    }

    /// How many resources match.
    pub(super) async fn search_total(&self, search: &Search<'_>) -> Result<u64, StoreError> {
        let matching = if search.is_filtered() { sql!["WITH matching AS ", search.matching()] } else { Sql::default() };
        let sql = &sql![matching, " SELECT ", search.total()];
        let statement = Statement::<BigInt> { sql, is_kept: search.is_kept(), row: PhantomData };
        let rows: Vec<i64> = self.store.search(statement).await?;
        Ok(rows.first().map_or(0, |total| total.unsigned_abs()))
    }
}

/// The Rust types of [`Front`].
type FrontRow = (i64, i64, Option<String>, i32);

fn found((total, seq, value, part): FrontRow, stored: Stored) -> (i64, Found) {
    (total, Found { seq, value, part: usize::try_from(part).unwrap_or(0), stored })
}
