//! Rules hold for records of the provisioning API too, and are told there by codes.

use scimgate::gateway::NewToken;
use scimgate::model::Scopes;
use serde_json::{Value, json};

use super::load;
use crate::api::Api;
use crate::api::users::{person, ready};
use crate::support::scim::{GROUP, Scim, plain};

const ROLE: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Role";
const NOBODY: &str = "01900000-0000-7000-8000-000000000001";

/// A record with a role and attributes of an extension.
fn record(key: &str, role: &str, urn: &str, own: &[(&str, Value)]) -> Value {
    let mut record = person(key, &format!("{key}@example.com"));
    record["roles"] = json!([role]);
    record["attributes"] = own.iter().map(|(name, value)| (format!("{urn}:{name}"), value.clone())).collect();
    record
}

#[tokio::test]
async fn row_2_9_records_that_break_the_rule_of_the_role_are_all_named_with_its_code() {
    let urn = "urn:ietf:params:scim:schemas:extension:skedulo:2.0:User";
    let scim = Scim::start().await;
    let scim = load(&scim, &scim.owner().await, "skedulo", &["resource", "region"]).await;
    let of = |kind: &str| json!({"schemas": [format!("urn:ietf:params:scim:schemas:skedulo:2.0:{kind}")], "displayName": "X"});
    let resource = json!(scim.create("/Resources", of("Resource")).await);
    let region = json!(scim.create("/Regions", of("Region")).await);
    let api = ready(&scim).await;
    let whole = [("resource", resource), ("regionId", region), ("isActive", json!(true))];
    let records = json!([
        record("good", "Resource", urn, &whole),
        record("bare", "Resource", urn, &[]),
        record("other", "Scheduler", urn, &whole),
    ]);
    let answer = api.records("POST", records).await;
    assert_eq!((&answer["inserted"], answer["failures"].as_object().unwrap().len()), (&json!(1), 2), "{answer}");
    for key in ["bare", "other"] {
        let failure = &answer["failures"][key];
        assert_eq!(failure["code"], "users_need_resource_role", "{failure}");
        let message = failure["message"].as_str().unwrap();
        assert!(message.contains("must have Resource role and vice versa"), "{message}");
    }
    assert_eq!(answer["failures"]["bare"]["field"], "resource, regionId");
}

#[tokio::test]
async fn row_3_4_records_tell_all_that_a_role_makes_mandatory_and_what_is_not_there() {
    let urn = "urn:ietf:params:scim:schemas:extension:onefile:2.0:User";
    let scim = Scim::start().await;
    let scim = load(&scim, &scim.owner().await, "onefile", &["classroom", "placement"]).await;
    let api = ready(&scim).await;
    let placement = json!({"schemas": ["urn:ietf:params:scim:schemas:onefile:2.0:Placement"], "displayName": "Works"});
    let placement = json!(scim.create("/Placements", placement).await);
    let records = json!([
        record("learner", "1", urn, &[]),
        record("employer", "40", urn, &[("placement", placement)]),
        record("observer", "45", urn, &[("placement", json!(NOBODY))]),
    ]);
    let answer = api.records("POST", records).await;
    let of = |key: &str, member: &str| answer["failures"][key][member].clone();
    assert_eq!(answer["inserted"], 1, "{answer}");
    assert_eq!(of("learner", "code"), "missing_required_attributes");
    assert_eq!(of("learner", "field"), "defaultAssessor, classroom, placement");
    assert_eq!((of("observer", "code"), of("observer", "field")), (json!("unknown_reference"), json!("placement")));
    let tried = api.send("POST", "/users?dryRun=true", Some(&json!([record("dry", "1", urn, &[])])), &[]).await;
    assert_eq!(tried.expect(200).json()["result"]["failures"]["dry"]["code"], "missing_required_attributes");
}

#[tokio::test]
async fn row_1_13_records_give_no_role_that_is_too_heavy() {
    let scim = Scim::start().await;
    ready(&scim).await;
    let role = json!({"schemas": [GROUP, ROLE], "displayName": "Admins", ROLE: {"roleId": "admin", "weight": 10}});
    scim.again().await.create("/Groups", role).await;
    let scopes = "provision,users:write".parse::<Scopes>().unwrap();
    let limited = scim.with_new_token(NewToken { scopes, max_role_weight: Some(5), ..plain() }).await;
    let api = Api::with_token_of(&limited);
    let answer = api.records("POST", json!([record("ada", "admin", "", &[])])).await;
    assert_eq!(answer["failures"]["ada"]["code"], "role_too_heavy", "{answer}");
}

#[tokio::test]
async fn row_2_12_a_template_for_a_role_has_what_the_rules_ask_of_whoever_has_it() {
    let learner = ["attributes.classroom", "attributes.defaultAssessor", "attributes.placement", "roles"].as_slice();
    let resource = ["attributes.isActive", "attributes.regionId", "attributes.resource"].as_slice();
    for (example, types, expected) in [
        (
            "onefile",
            ["classroom", "placement"],
            [("Learner", learner), ("40", &["attributes.placement", "roles"]), ("5", &["roles"])],
        ),
        ("skedulo", ["resource", "region"], [("Resource", resource), ("Scheduler", &[]), ("Administrator", &[])]),
    ] {
        let scim = Scim::start().await;
        let scim = load(&scim, &scim.owner().await, example, &types).await;
        let api = ready(&scim).await;
        for (role, columns) in expected {
            let template = api.get(&format!("/imports/template.csv?role={role}")).await.expect(200).text;
            let (required, _) = template.split_once(",employeeId,").unwrap();
            let mut required: Vec<&str> = required.split(',').skip(3).collect();
            required.sort_unstable();
            assert_eq!(required, columns, "{template}");
        }
    }
}
