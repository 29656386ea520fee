use serde_json::{Value, json};

use crate::scim::bulk::{BulkLimits, BulkRequest, Plan, Unit};
use crate::scim::dialect::Dialect;
use crate::scim::schema::builtin;
use crate::scim::urn;

/// The plan for operations; new ids are `new-1`, `new-2` ... in the order of the POSTs.
fn plan(operations: Value) -> Plan {
    let body = json!({ "schemas": [urn::BULK_REQUEST], "Operations": operations });
    let limits = BulkLimits { operations: 100, data: 10_000 };
    let request = BulkRequest::parse(body, builtin(), &Dialect::default(), limits).unwrap();
    let mut count = 0;
    Plan::new(request, || {
        count += 1;
        format!("new-{count}")
    })
}

#[test]
fn changes_of_one_resource_wait_for_each_other() {
    let patch = |value: Value| json!({"method": "PATCH", "path": "/Groups/1", "data": {"Operations": [{"op": "add", "path": "members", "value": value}]}});
    let plan = plan(json!([
        patch(json!([{"value": "bulkId:u"}])),
        patch(json!([])),
        {"method": "DELETE", "path": "/Users/bulkId:u"},
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": {}},
    ]));
    assert_eq!(plan.operations[0].needs, [3]);
    assert_eq!(plan.order, [3, 0, 1, 2].map(Unit::One));
}

const ENTERPRISE: &str = urn::ENTERPRISE_USER;

#[test]
fn references_become_ids_where_ids_stand_and_nowhere_else() {
    let user = json!({"method": "POST", "path": "/Users", "bulkId": "a b/\"c", "data": {
        "userName": "bulkId:a b/\"c", "emails": [{"value": "bulkId:x"}], "profileUrl": "bulkId:x",
        ENTERPRISE.to_uppercase(): {"Manager": {"VALUE": "bulkId:a b/\"c", "$ref": "bulkId:a b/\"c", "displayName": "bulkId:x"}},
    }});
    let group = json!({"method": "POST", "path": "/Groups", "bulkId": "g", "data": {
        "displayName": "bulkId:g", "MEMBERS": ["bulkId:a b/\"c", {"value": "bulkId:a b/\"c", "display": "bulkId:x"}, 7, [["bulkId:x"]]],
    }});
    let change = json!({"method": "patch", "path": "Groups//bulkId:g", "data": {"operations": [
        {"op": "Remove", "Path": "members[value eq \"bulkId:a b/\\\"c\" or display eq \"x\\\"bulkId:g\"]"},
        {"op": "Add", "value": {"members": {"value": "bulkId:g"}, "displayName": "bulkId:x"}},
        {"op": "Add", "path": "members", "value": "bulkId:g"},
        {"op": "add", "path": "displayName", "value": "bulkId:x"},
        {"op": "add", "path": "nonsense[", "value": "bulkId:x"},
    ]}});
    let manager = json!({"method": "PATCH", "path": "/Users/1", "data": {"Operations": [
        {"op": "add", "path": "manager", "value": "bulkId:g"},
        {"op": "add", "path": format!("{ENTERPRISE}:manager.value"), "value": "bulkId:g"},
        {"op": "add", "path": ENTERPRISE, "value": {"manager": "bulkId:g", "division": "bulkId:x"}},
        {"op": "add", "value": [{ENTERPRISE: {"manager": {"value": "bulkId:g"}}}, {format!("{ENTERPRISE}:manager"): "bulkId:g"}]},
    ]}});
    let plan = plan(json!([user, group, change, manager]));
    let data = |index: usize| plan.operations[index].call.as_ref().unwrap().data.clone();
    let user = data(0);
    assert_eq!((&user["userName"], &user["profileUrl"]), (&json!("bulkId:a b/\"c"), &json!("bulkId:x")));
    assert_eq!(
        user[ENTERPRISE.to_uppercase()],
        json!({"Manager": {"VALUE": "new-1", "$ref": "new-1", "displayName": "bulkId:x"}})
    );
    assert_eq!(data(1)["displayName"], "bulkId:g");
    assert_eq!(data(1)["MEMBERS"], json!(["new-1", {"value": "new-1", "display": "bulkId:x"}, 7, [["bulkId:x"]]]));
    assert_eq!(
        data(2)["operations"],
        json!([
            {"op": "Remove", "Path": "members[value eq \"new-1\" or display eq \"x\\\"bulkId:g\"]"},
            {"op": "Add", "value": {"members": {"value": "new-2"}, "displayName": "bulkId:x"}},
            {"op": "Add", "path": "members", "value": "new-2"},
            {"op": "add", "path": "displayName", "value": "bulkId:x"},
            {"op": "add", "path": "nonsense[", "value": "bulkId:x"},
        ])
    );
    assert_eq!(
        data(3)["Operations"],
        json!([
            {"op": "add", "path": "manager", "value": "new-2"},
            {"op": "add", "path": format!("{ENTERPRISE}:manager.value"), "value": "new-2"},
            {"op": "add", "path": ENTERPRISE, "value": {"manager": "new-2", "division": "bulkId:x"}},
            {"op": "add", "value": [{ENTERPRISE: {"manager": {"value": "new-2"}}}, {format!("{ENTERPRISE}:manager"): "new-2"}]},
        ])
    );
    let needs: Vec<_> = plan.operations.iter().map(|operation| operation.needs.clone()).collect();
    assert_eq!(needs, [vec![], vec![0], vec![0, 1], vec![1]]);
    assert_eq!(plan.operations[2].resource.as_ref().unwrap().1, "new-2");
}

#[test]
fn what_cannot_be_carried_out_is_the_error_of_its_operation() {
    let told = |operation: Value| {
        let plan = plan(json!([{"method": "POST", "path": "/Users", "bulkId": "twin", "data": {}}, operation]));
        let error = plan.operations[1].call.as_ref().unwrap_err().clone();
        assert!(plan.operations[0].call.is_ok());
        (error.status, error.detail)
    };
    let data = json!({});
    let cases = [
        (json!({}), 400, "\"method\" must be POST, PUT, PATCH or DELETE"),
        (json!({"method": "GET", "path": "/Users/1"}), 400, "\"method\" must be POST, PUT, PATCH or DELETE"),
        (json!({"method": 1}), 400, "\"method\" must be POST, PUT, PATCH or DELETE"),
        (
            json!({"method": "POST", "path": "/Users", "data": data}),
            400,
            "a POST needs a \"bulkId\", by which its answer is found; send one",
        ),
        (
            json!({"method": "POST", "path": "/Users", "bulkId": "", "data": data}),
            400,
            "\"bulkId\" must be a string of 1 to 1024 bytes",
        ),
        (
            json!({"method": "DELETE", "path": "/Users/1", "bulkId": 7}),
            400,
            "\"bulkId\" must be a string of 1 to 1024 bytes",
        ),
        (
            json!({"method": "POST", "path": "/Users", "bulkId": "twin", "data": data}),
            400,
            "operation 1 has the bulkId \"twin\" already; give each its own",
        ),
        (
            json!({"method": "POST", "bulkId": "x", "data": data}),
            400,
            "\"path\" must be a string such as /Users or /Users/{id}",
        ),
        (
            json!({"method": "POST", "path": "/users", "bulkId": "x", "data": data}),
            404,
            "there is nothing at the path \"/users\"; the endpoints are listed at /ResourceTypes",
        ),
        (
            json!({"method": "DELETE", "path": "/Users/1/2"}),
            404,
            "there is nothing at the path \"/Users/1/2\"; the endpoints are listed at /ResourceTypes",
        ),
        (
            json!({"method": "DELETE", "path": "/scim/v2/Users/1"}),
            404,
            "there is nothing at the path \"/scim/v2/Users/1\"; the endpoints are listed at /ResourceTypes",
        ),
        (
            json!({"method": "PUT", "path": "/Users/1?attributes=id", "data": data}),
            400,
            "\"path\" of an operation takes no query; leave it out, since answers of bulk operations have no body",
        ),
        (
            json!({"method": "POST", "path": "/Users/1", "bulkId": "x", "data": data}),
            405,
            "POST creates a resource; send it to the path /Users",
        ),
        (
            json!({"method": "DELETE", "path": "/Groups/"}),
            405,
            "DELETE is about one resource; send it to the path /Groups/{id}",
        ),
        (json!({"method": "PUT", "path": "/Users/1"}), 400, "a PUT needs \"data\", the body of the request"),
        (
            json!({"method": "PUT", "path": "/Users/1", "version": 3, "data": data}),
            400,
            "\"version\" must be an entity tag, as meta.version has it",
        ),
        (
            json!({"method": "PUT", "path": "/Users/1", "data": {"title": "x".repeat(10_001)}}),
            413,
            "\"data\" may have at most 10000 bytes; split the operation",
        ),
        (
            json!({"method": "DELETE", "path": "/Users/bulkId:x?y"}),
            400,
            "\"bulkId:x?y\" refers to no operation of this request; send a POST with that bulkId along, or use the id",
        ),
    ];
    for (operation, status, detail) in cases {
        assert_eq!(told(operation.clone()), (status, detail.to_owned()), "{operation}");
    }
}

#[test]
fn a_body_that_is_no_bulk_request_is_refused_as_a_whole() {
    let limits = BulkLimits { operations: 2, data: 100 };
    let told = |body: Value, dialect: &Dialect| {
        let error = BulkRequest::parse(body, builtin(), dialect, limits).unwrap_err();
        (error.status, error.detail)
    };
    let lenient = Dialect::default();
    let with = |operations: Value| json!({"schemas": [urn::BULK_REQUEST], "Operations": operations});
    let strict = crate::scim::dialect::Dialect {
        unknown_attributes: crate::scim::dialect::UnknownAttributes::Refuse,
        ..Dialect::default()
    };
    let cases = [
        (json!([]), 400, "the body of a bulk request is an object with \"schemas\" and \"Operations\"".to_owned()),
        (
            json!({"Operations": [{}]}),
            400,
            format!("\"schemas\" of a bulk request must contain \"{}\"", urn::BULK_REQUEST),
        ),
        (
            json!({"schemas": urn::PATCH_OP, "Operations": [{}]}),
            400,
            format!("\"schemas\" of a bulk request must contain \"{}\"", urn::BULK_REQUEST),
        ),
        (with(json!({})), 400, "\"Operations\" of a bulk request must be an array of operations".into()),
        (with(json!([])), 400, "\"Operations\" of a bulk request is empty; send at least one operation".into()),
        (with(json!([{}, 1])), 400, "operation 2 of a bulk request must be an object".into()),
        (
            with(json!([{}, {}, {}])),
            413,
            "a bulk request may hold at most 2 operations (maxOperations), and this one holds 3; split it".into(),
        ),
    ];
    for (body, status, detail) in cases {
        assert_eq!(told(body, &lenient), (status, detail));
    }
    for count in [json!(0), json!(-1), json!("1"), json!(1.5), json!([])] {
        let body = json!({"schemas": [urn::BULK_REQUEST], "failOnErrors": count, "Operations": [{}]});
        assert_eq!(
            told(body, &lenient).1,
            "\"failOnErrors\" must be a whole number of 1 or more; leave it out to go on after errors"
        );
    }
    let odd = json!({"schemas": [urn::BULK_REQUEST], "failOnError": 1, "Operations": [{}]});
    assert!(BulkRequest::parse(odd.clone(), builtin(), &lenient, limits).is_ok());
    assert_eq!(told(odd, &strict).1, "a bulk request has no member \"failOnError\"; leave it out");
}
