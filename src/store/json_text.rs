//! JSON that is text already, bound as `jsonb` without a tree between.

use std::io::Write;

use diesel::pg::Pg;
use diesel::serialize::{IsNull, Output, Result, ToSql};
use diesel::sql_types::Jsonb;

/// The version of the binary form, which every `jsonb` on the wire begins with.
const VERSION: u8 = 1;

/// One JSON value as text.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct JsonText<'a>(pub &'a str);

impl ToSql<Jsonb, Pg> for JsonText<'_> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> Result {
        out.write_all(&[VERSION])?;
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}
