//! RFC 7644, section 3.5.2.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{ENTERPRISE, ID, after, apply, check, keyword, refused, strict, user};
use crate::scim::patch::PasswordChange;
use crate::scim::resource::AttributeChange;
use crate::scim::{ScimType, urn};

fn emails() -> Value {
    json!({ "emails": [{ "value": "w@x.t", "type": "work", "primary": true }, { "value": "h@x.t", "type": "home" }] })
}

#[test]
fn add_replaces_single_values_and_appends_to_lists() {
    let operations = json!([
        { "op": "add", "path": "title", "value": "new" },
        { "op": "add", "path": "emails", "value": { "value": "o@x.t", "type": "other" } },
    ]);
    let expected = json!({ "title": "new", "emails": [
        { "value": "w@x.t", "type": "work", "primary": true }, { "value": "h@x.t", "type": "home" },
        { "value": "o@x.t", "type": "other" },
    ] });
    let mut before = emails();
    before["title"] = "old".into();
    assert_eq!(after(before, operations), expected);
}

#[test]
fn adding_what_is_there_changes_nothing() {
    for operations in [
        json!([{ "op": "add", "path": "emails", "value": [{ "value": "W@X.T", "type": "WORK" }] }]),
        json!([{ "op": "add", "path": "emails", "value": [] }]),
        json!([{ "op": "add", "path": "emails[type eq \"work\"].value", "value": "w@x.t" }]),
        json!([{ "op": "add", "path": "userName", "value": "u" }]),
        json!([{ "op": "replace", "path": "title", "value": "x" }, { "op": "remove", "path": "title" }]),
        json!([{ "op": "replace", "path": "name", "value": {} }]),
    ] {
        let before = user(emails());
        let outcome = apply(&before, operations.clone()).unwrap();
        assert!(outcome.is_unchanged(), "{operations}");
        assert_eq!(outcome.after, before);
    }
}

#[test]
fn adding_a_known_value_merges_what_else_it_says() {
    let operations =
        json!([{ "op": "add", "path": "emails", "value": [{ "value": "h@x.t", "type": "home", "display": "H" }] }]);
    assert_eq!(after(emails(), operations)["emails"][1], json!({ "value": "h@x.t", "display": "H", "type": "home" }));
}

#[test]
fn the_same_value_under_another_type_is_another_element() {
    let operations = json!([{ "op": "add", "path": "emails", "value": [{ "value": "w@x.t", "type": "home" }] }]);
    assert_eq!(after(emails(), operations)["emails"].as_array().unwrap().len(), 3);
}

#[test]
fn whoever_becomes_primary_takes_the_mark_from_the_others() {
    let handed_over = json!([
        { "value": "w@x.t", "type": "work", "primary": false }, { "value": "h@x.t", "type": "home", "primary": true },
    ]);
    for operations in [
        json!([{ "op": "replace", "path": "emails[type eq \"home\"].primary", "value": true }]),
        json!([{ "op": "add", "path": "emails[type eq \"home\"]", "value": { "primary": "True" } }]),
        json!([{ "op": "add", "path": "emails", "value": [{ "type": "home", "value": "h@x.t", "primary": true }] }]),
        json!([{ "op": "replace", "path": "emails[value eq \"h@x.t\"]", "value": { "type": "home", "primary": true } }]),
    ] {
        assert_eq!(after(emails(), operations.clone())["emails"], handed_over, "{operations}");
    }
}

#[test]
fn two_values_cannot_become_primary_at_once() {
    let operations = json!([{ "op": "replace", "path": "emails.primary", "value": true }]);
    assert_eq!(
        refused(emails(), operations),
        (ScimType::InvalidValue, "emails has more than one value with primary true; set primary on one of them".into())
    );
}

#[test]
fn replace_of_a_list_replaces_it_whole_and_of_a_complex_value_merges() {
    let mut before = emails();
    before["name"] = json!({ "familyName": "F", "givenName": "G" });
    let operations = json!([
        { "op": "replace", "path": "emails", "value": [{ "value": "n@x.t" }] },
        { "op": "replace", "path": "name", "value": { "givenName": "N", "middleName": null } },
    ]);
    assert_eq!(
        after(before, operations),
        json!({ "name": { "familyName": "F", "givenName": "N" }, "emails": [{ "value": "n@x.t" }] })
    );
}

#[test]
fn replace_of_selected_values_keeps_only_what_selected_them() {
    let operations = json!([{ "op": "replace", "path": "emails[type eq \"work\"]", "value": { "value": "n@x.t" } }]);
    assert_eq!(after(emails(), operations)["emails"][0], json!({ "value": "n@x.t", "type": "work" }));
}

#[test]
fn a_sub_attribute_of_every_value_can_be_named_without_a_filter() {
    let operations = json!([{ "op": "replace", "path": "emails.display", "value": "D" }]);
    let displays = after(emails(), operations)["emails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["display"].clone())
        .collect::<Vec<_>>();
    assert_eq!(displays, ["D", "D"]);
    let operations = json!([{ "op": "add", "path": "emails.value", "value": "n@x.t" }]);
    assert_eq!(after(json!({}), operations), json!({ "emails": [{ "value": "n@x.t" }] }));
}

#[test]
fn values_that_become_equal_become_one() {
    let before = json!({ "emails": [{ "value": "a@x.t", "type": "work" }, { "value": "b@x.t", "type": "work" }] });
    let operations = json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "c@x.t" }]);
    assert_eq!(after(before, operations), json!({ "emails": [{ "value": "c@x.t", "type": "work" }] }));
}

#[test]
fn remove_takes_attributes_sub_attributes_values_and_extensions() {
    let before = json!({
        "name": { "familyName": "F", "givenName": "G" }, "title": "t", "emails": emails()["emails"],
        ENTERPRISE: { "department": "D" },
    });
    let cases = [
        (json!([{ "op": "remove", "path": "TITLE" }]), "title"),
        (json!([{ "op": "remove", "path": "name" }]), "name"),
        (json!([{ "op": "remove", "path": "emails" }]), "emails"),
        (json!([{ "op": "remove", "path": "emails[value ew \"x.t\"]" }]), "emails"),
        (json!([{ "op": "remove", "path": ENTERPRISE }]), ENTERPRISE),
        (json!([{ "op": "remove", "path": format!("{ENTERPRISE}:department") }]), ENTERPRISE),
        (json!([{ "op": "remove", "path": "name.familyName" }, { "op": "remove", "path": "name.givenName" }]), "name"),
    ];
    for (operations, gone) in cases {
        let mut expected = after(before.clone(), json!([{ "op": "replace", "value": {} }]));
        expected.as_object_mut().unwrap().shift_remove(gone);
        assert_eq!(after(before.clone(), operations.clone()), expected, "{operations}");
    }
}

#[test]
fn removing_what_is_not_there_changes_nothing() {
    for path in ["title", "name.givenName", "emails[type eq \"fax\"]", "emails[type eq \"fax\"].value", ENTERPRISE] {
        let outcome = apply(&user(emails()), json!([{ "op": "remove", "path": path }])).unwrap();
        assert!(outcome.is_unchanged(), "{path}");
    }
}

#[test]
fn an_element_of_which_only_marks_are_left_leaves() {
    let before = json!({ "addresses": [{ "country": "DE", "type": "work", "primary": true }] });
    let operations = json!([{ "op": "remove", "path": "addresses[type eq \"work\"].country" }]);
    assert_eq!(after(before, operations), json!({}));
}

#[test]
fn schemas_follows_the_extensions() {
    let outcome =
        apply(&user(json!({})), json!([{ "op": "add", "path": format!("{ENTERPRISE}:employeeNumber"), "value": "7" }]))
            .unwrap();
    assert_eq!(outcome.after.as_map()["schemas"], json!([urn::USER, ENTERPRISE]));
    assert_eq!(
        outcome.touched,
        [AttributeChange { path: format!("{ENTERPRISE}:employeeNumber"), old: None, new: Some(json!("7")) }]
    );
    let gone = apply(&outcome.after, json!([{ "op": "remove", "path": ENTERPRISE }])).unwrap();
    assert_eq!(gone.after.as_map()["schemas"], json!([urn::USER]));
    for op in ["add", "replace"] {
        let kept = apply(&outcome.after, json!([{ "op": op, "path": "schemas", "value": [urn::USER] }])).unwrap();
        assert!(kept.is_unchanged());
    }
    assert_eq!(refused(json!({}), json!([{ "op": "remove", "path": "schemas" }])).0, ScimType::Mutability);
}

#[test]
fn touched_names_each_attribute_with_both_values() {
    let operations = json!([
        { "op": "replace", "path": "title", "value": "b" },
        { "op": "remove", "path": "nickName" },
        { "op": "add", "path": "locale", "value": "de-DE" },
    ]);
    let outcome = apply(&user(json!({ "title": "a", "nickName": "n", "userType": "t" })), operations).unwrap();
    let touched = |path: &str, old: Option<&str>, new: Option<&str>| AttributeChange {
        path: path.into(),
        old: old.map(Value::from),
        new: new.map(Value::from),
    };
    assert_eq!(
        outcome.touched,
        [
            touched("nickName", Some("n"), None),
            touched("title", Some("a"), Some("b")),
            touched("locale", None, Some("de-DE")),
        ]
    );
}

#[test]
fn errors_have_the_keyword_of_the_rfc_and_say_what_to_change() {
    let cases = [
        (json!({ "op": "remove" }), ScimType::NoTarget, "\"remove\" needs a \"path\" that names what to remove"),
        (
            json!({ "op": "replace", "path": "emails[type eq \"nonexistent\"].value", "value": "x" }),
            ScimType::NoTarget,
            "no value of emails matches the filter of the path; add the value to emails first, or filter by a canonical type",
        ),
        (
            json!({ "op": "remove", "path": "userName" }),
            ScimType::Mutability,
            "userName is required and cannot be removed; replace its value",
        ),
        (
            json!({ "op": "replace", "path": "userName", "value": "" }),
            ScimType::InvalidValue,
            "userName is required and cannot be removed; replace its value",
        ),
        (
            json!({ "op": "replace", "path": "meta.created", "value": "x" }),
            ScimType::Mutability,
            "meta.created is read-only; leave it out of the request",
        ),
        (
            json!({ "op": "add", "path": "groups", "value": [{ "value": "g" }] }),
            ScimType::Mutability,
            "groups is read-only; leave it out of the request",
        ),
        (
            json!({ "op": "replace", "path": "id", "value": "another" }),
            ScimType::Mutability,
            "id is read-only; leave it out of the request",
        ),
        (
            json!({ "op": "replace", "path": "active", "value": "perhaps" }),
            ScimType::InvalidValue,
            "active must be true or false",
        ),
        (
            json!({ "op": "replace", "value": "x" }),
            ScimType::InvalidValue,
            "the \"value\" of an operation without a \"path\" to one attribute must be an object of attributes",
        ),
        (
            json!({ "op": "replace", "path": "name[givenName eq \"x\"].familyName", "value": "x" }),
            ScimType::InvalidPath,
            "name has one value only, so its path takes no filter; name name or one of its sub-attributes",
        ),
    ];
    for (operation, scim_type, detail) in cases {
        assert_eq!(refused(json!({}), json!([operation])), (scim_type, detail.to_owned()), "{operation}");
    }
}

#[test]
fn a_malformed_path_is_invalid_in_every_dialect() {
    for path in ["emails[type eq \"work\"", "emails[]", "a b", ".", "emails[type eq \"work\"]x", "name..x", " ", "1"] {
        let (scim_type, _) = refused(json!({}), json!([{ "op": "replace", "path": path, "value": "x" }]));
        assert_eq!(scim_type, ScimType::InvalidPath, "{path}");
    }
    assert_eq!(
        refused(json!({}), json!([{ "op": "remove", "path": "emails[colour eq \"x\"]" }])).0,
        ScimType::InvalidFilter
    );
}

#[test]
fn unknown_attributes_are_ignored_or_refused_as_the_dialect_says() {
    let by_path = json!([{ "op": "replace", "path": "colour", "value": "x" }]);
    let sub = json!([{ "op": "replace", "path": "name.colour", "value": "x" }]);
    let in_value = json!([{ "op": "replace", "value": { "colour": "x" } }]);
    let sub_in_value = json!([{ "op": "replace", "path": "name", "value": { "colour": "x" } }]);
    for (operations, scim_type) in [
        (by_path, ScimType::InvalidPath),
        (sub, ScimType::InvalidPath),
        (in_value, ScimType::InvalidSyntax),
        (sub_in_value, ScimType::InvalidSyntax),
    ] {
        assert!(apply(&user(json!({})), operations.clone()).unwrap().is_unchanged());
        assert_eq!(keyword(check("User", operations, &strict()).unwrap_err()).0, scim_type);
    }
}

#[test]
fn the_first_error_names_its_operation_and_nothing_is_applied() {
    let before = user(json!({ "title": "t" }));
    let operations = json!([
        { "op": "replace", "path": "title", "value": "changed" },
        { "op": "replace", "path": "emails[value eq \"x\"].value", "value": "y" },
        { "op": "replace", "path": "nickName", "value": "n" },
    ]);
    let (scim_type, detail) = keyword(apply(&before, operations).unwrap_err());
    assert_eq!(scim_type, ScimType::NoTarget);
    assert!(detail.starts_with("operation 2: no value of emails"), "{detail}");
    assert_eq!(before.as_map()["title"], "t");
}

#[test]
fn its_own_id_may_be_sent_by_path() {
    assert!(apply(&user(json!({})), json!([{ "op": "replace", "path": "id", "value": ID }])).unwrap().is_unchanged());
}

#[test]
fn each_operation_sees_what_the_one_before_made() {
    let operations = json!([
        { "op": "add", "path": "emails", "value": [{ "value": "a@x.t", "type": "work" }] },
        { "op": "replace", "path": "emails[value eq \"a@x.t\"].type", "value": "home" },
        { "op": "remove", "path": "emails[type eq \"work\"]" },
    ]);
    assert_eq!(after(json!({}), operations), json!({ "emails": [{ "value": "a@x.t", "type": "home" }] }));
}

#[test]
fn a_password_comes_out_beside_the_resource() {
    let change = |operation: Value| {
        let outcome = apply(&user(json!({})), json!([operation])).unwrap();
        assert!(outcome.touched.is_empty() && !format!("{outcome:?}").contains("s3cret"));
        outcome.password
    };
    for operation in [
        json!({ "op": "add", "path": "password", "value": "s3cret" }),
        json!({ "op": "replace", "value": { "password": "s3cret" } }),
    ] {
        assert!(matches!(change(operation), PasswordChange::Set(password) if password.expose_secret() == "s3cret"));
    }
    for operation in
        [json!({ "op": "remove", "path": "password" }), json!({ "op": "replace", "path": "password", "value": null })]
    {
        assert!(matches!(change(operation), PasswordChange::Clear));
    }
}
