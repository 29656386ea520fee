//! Statements written in SQL, prepared once per connection.
//!
//! `diesel::sql_query` is never kept as a prepared statement. [`statement!`] makes a type of its own for each SQL text, whose
//! `QueryId` is static, so that Diesel prepares it once on each connection. Values stand in it as `$1`, `$2` ... and are bound
//! by the types given; nothing is ever pasted into the text.

use diesel::pg::Pg;
use diesel::query_builder::AstPass;

/// A statement's text, cut at the first appearance of each parameter, where the parameter is bound. Later appearances stay in
/// the text: they refer to the same value.
pub(super) struct Template(Vec<&'static str>);

impl Template {
    /// Cuts `sql`, in which the parameters from 1 to `parameters` must first appear in that order.
    pub fn new(sql: &'static str, parameters: usize) -> Self {
        let mut pieces = Vec::with_capacity(parameters + 1);
        let mut rest = sql;
        for number in 1..=parameters {
            let name = format!("${number}");
            let (before, after) = rest.split_once(&name).unwrap_or((rest, ""));
            pieces.push(before);
            rest = after;
        }
        pieces.push(rest);
        Self(pieces)
    }

    /// Writes the text before parameter `index` (from 0), or after the last one.
    pub fn write(&self, index: usize, out: &mut AstPass<'_, '_, Pg>) {
        out.push_sql(self.0.get(index).copied().unwrap_or_default());
    }
}

/// Whether the parameters from 1 to `parameters`, and no others, appear in `sql`, each for the first time after the one before.
pub(super) const fn is_in_order(sql: &str, parameters: usize) -> bool {
    let (text, mut at, mut seen) = (sql.as_bytes(), 0, 0);
    while at < text.len() {
        let is_name = text[at] == b'$';
        at += 1;
        let mut number = 0;
        while is_name && at < text.len() && text[at].is_ascii_digit() {
            number = number * 10 + (text[at] - b'0') as usize;
            at += 1;
        }
        if number == seen + 1 {
            seen = number;
        } else if number > seen {
            return false;
        }
    }
    seen == parameters
}

/// Declares a statement: the type, its parameters in order with their SQL types, the types of the columns it returns, its text.
macro_rules! statement {
    (
        $(#[$doc:meta])*
        $name:ident<$lifetime:lifetime> { $($field:ident: $rust:ty => $sql_type:ty,)* } -> $row:ty, $sql:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(in crate::store) struct $name<$lifetime> {
            $(pub $field: $rust,)*
            pub lifetime: ::std::marker::PhantomData<&$lifetime ()>,
        }

        impl<$lifetime> ::diesel::query_builder::QueryFragment<::diesel::pg::Pg> for $name<$lifetime> {
            fn walk_ast<'b>(&'b self, mut out: ::diesel::query_builder::AstPass<'_, 'b, ::diesel::pg::Pg>) -> ::diesel::QueryResult<()> {
                const PARAMETERS: &[&str] = &[$(stringify!($field)),*];
                const _: () = assert!(
                    $crate::store::statement::is_in_order($sql, PARAMETERS.len()),
                    "parameters are bound in the order in which they first appear"
                );
                static TEMPLATE: ::std::sync::LazyLock<$crate::store::statement::Template> =
                    ::std::sync::LazyLock::new(|| $crate::store::statement::Template::new($sql, PARAMETERS.len()));
                #[allow(unused_mut, reason = "a statement without parameters counts none")]
                let mut index = 0;
                $(
                    TEMPLATE.write(index, &mut out);
                    out.push_bind_param::<$sql_type, $rust>(&self.$field)?;
                    index += 1;
                )*
                TEMPLATE.write(index, &mut out);
                Ok(())
            }
        }

        impl<$lifetime> ::diesel::query_builder::QueryId for $name<$lifetime> {
            type QueryId = $name<'static>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl<$lifetime> ::diesel::query_builder::Query for $name<$lifetime> {
            type SqlType = $row;
        }
    };
}
pub(super) use statement;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_cut_where_each_parameter_first_appears() {
        let template = Template::new("SELECT $1, $2, $1 WHERE $3 = $2", 3);
        assert_eq!(template.0, ["SELECT ", ", ", ", $1 WHERE ", " = $2"]);
    }

    #[test]
    fn parameters_are_named_in_the_order_in_which_they_are_bound() {
        assert!(is_in_order("SELECT $1, $2, $1 WHERE $3 = $2 AND jsonb_path_exists(x, '$[*]')", 3));
        assert!(is_in_order("$1 $2 $3 $4 $5 $6 $7 $8 $9 $10 $1", 10));
        for (sql, parameters) in [("SELECT $2, $1", 2), ("SELECT $1", 2), ("SELECT $1, $2", 1), ("SELECT $1, $3", 3)] {
            assert!(!is_in_order(sql, parameters), "{sql}");
        }
    }
}
