//! Tests of one value.

use super::columns::Source;
use super::sql::{Bind, Sql, sql};
use super::text::{TextExpression, order_test, text_test};
use crate::model::ResourceId;
use crate::scim::filter::{CompareOp, Operand};
use crate::scim::resource::fixed_width;

/// Whether the value is there and not empty.
pub(super) fn present(source: &Source) -> Sql {
    match source.clone() {
        Source::Text(text) => sql![text.sql, " <> ''"],
        // A number, a boolean or a text that is not empty, at any depth.
        Source::Json(value) => sql![
            "jsonb_path_exists(",
            value,
            ", 'strict $.** ? (@.type() == \"number\" || @.type() == \"boolean\" || (@.type() == \"string\" && @ != \"\"))')"
        ],
        Source::Boolean(value) | Source::Instant(value) | Source::Id(value) => sql![value, " IS NOT NULL"],
    }
}

/// Whether there is a value, be it empty.
pub(super) fn assigned(source: &Source) -> Sql {
    match source.clone() {
        Source::Text(text) => sql![text.sql, " IS NOT NULL"],
        Source::Json(value) | Source::Boolean(value) | Source::Instant(value) | Source::Id(value) => {
            sql![value, " IS NOT NULL"]
        }
    }
}

/// Whether the value compares so with the operand. A value of another type than the operand's does not.
pub(super) fn compares(source: &Source, op: CompareOp, operand: &Operand) -> Sql {
    match (source.clone(), operand) {
        (Source::Text(text), Operand::Folded(operand) | Operand::Exact(operand)) => text_test(&text, op, operand),
        (Source::Id(id), Operand::Folded(operand) | Operand::Exact(operand)) => id_test(id, op, operand),
        (Source::Boolean(value), Operand::Boolean(operand)) => order_test(value, op, Bind::Boolean(*operand)),
        (Source::Instant(value), Operand::Instant(operand)) => order_test(value, op, Bind::Instant(*operand)),
        (Source::Json(value), operand) => json_test(value, op, operand),
        _ => Sql::from("false"),
    }
}

/// Ids have one spelling, so equality needs no text and can use an index.
fn id_test(id: Sql, op: CompareOp, operand: &str) -> Sql {
    match (op, operand.parse::<ResourceId>()) {
        (CompareOp::Equal | CompareOp::NotEqual, Ok(operand)) => order_test(id, op, Bind::Id(operand.0)),
        (CompareOp::Equal, Err(_)) => Sql::from("false"),
        _ => {
            let text = TextExpression { sql: sql!["(", id, ")::text COLLATE \"C\""], indexed: false };
            text_test(&text, op, operand)
        }
    }
}

fn json_test(value: Sql, op: CompareOp, operand: &Operand) -> Sql {
    let json_type = |name: &'static str| sql!["jsonb_typeof(", value.clone(), ") = ", name];
    let as_text = sql!["(", value.clone(), " #>> '{}')"];
    let text = TextExpression { sql: sql![as_text.clone(), " COLLATE \"C\""], indexed: false };
    let string_test = |operand: &str| sql!["(", json_type("'string'"), " AND ", text_test(&text, op, operand), ")"];
    match operand {
        Operand::Folded(operand) | Operand::Exact(operand) => string_test(operand),
        // In `search` every instant has one width and one offset, so text order is time order.
        Operand::Instant(operand) => string_test(&fixed_width(*operand)),
        Operand::Boolean(operand) => {
            let test = order_test(value.clone(), op, sql!["to_jsonb(", Bind::Boolean(*operand), ")"]);
            sql!["(", json_type("'boolean'"), " AND ", test, ")"]
        }
        Operand::Integer(operand) => {
            let number = sql![
                "CASE WHEN ",
                json_type("'number'"),
                " AND ",
                as_text.clone(),
                " ~ '^-?[0-9]+$' THEN ",
                as_text.clone(),
                "::numeric END"
            ];
            order_test(sql!["(", number, ")"], op, Bind::Integer(*operand))
        }
        Operand::Decimal(operand) => {
            let number = sql!["CASE WHEN ", json_type("'number'"), " THEN ", as_text.clone(), "::double precision END"];
            order_test(sql!["(", number, ")"], op, Bind::Decimal(*operand))
        }
    }
}
