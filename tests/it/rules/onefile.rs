//! OneFile's mandatory fields, sensitive attributes and references.

use serde_json::{Value, json};

use super::{load, patch, read};
use crate::support::scim::{Scim, USER};

const URN: &str = "urn:ietf:params:scim:schemas:extension:onefile:2.0:User";
const NOBODY: &str = "01900000-0000-7000-8000-000000000001";

fn user(name: &str, role: &str, own: Value) -> Value {
    json!({
        "schemas": [USER, URN], "userName": name, "name": {"givenName": "G", "familyName": "F"},
        "emails": [{"value": format!("{name}@example.com")}], "roles": [{"value": role}], URN: own,
    })
}

async fn named(scim: &Scim, endpoint: &str, kind: &str, name: &str) -> String {
    let schema = format!("urn:ietf:params:scim:schemas:onefile:2.0:{kind}");
    scim.create(endpoint, json!({"schemas": [schema], "displayName": name})).await
}

/// A centre with an assessor, an employer, a classroom and a placement.
struct Centre {
    scim: Scim,
    assessor: String,
    employer: String,
    classroom: String,
    placement: String,
}

async fn centre() -> Centre {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let scim = load(&scim, &owner, "onefile", &["classroom", "placement"]).await;
    let classroom = named(&scim, "/Classrooms", "Classroom", "Room 1").await;
    let placement = named(&scim, "/Placements", "Placement", "Works").await;
    let assessor = scim.create("/Users", user("assessor", "5", json!({}))).await;
    let employer = scim.create("/Users", user("employer", "40", json!({"placement": placement}))).await;
    Centre { scim, assessor, employer, classroom, placement }
}

impl Centre {
    fn learner(&self, name: &str) -> Value {
        let own = json!({
            "defaultAssessor": self.assessor, "classroom": self.classroom, "placement": self.placement,
            "defaultEmployer": self.employer,
        });
        user(name, "1", own)
    }
}

#[tokio::test]
async fn row_3_2_roles_have_the_vendors_numbers() {
    let scim = centre().await.scim;
    let listed = scim.get("/Roles").await.expect(200).json();
    let mut ids: Vec<&str> =
        listed["Resources"].as_array().unwrap().iter().map(|role| role["value"].as_str().unwrap()).collect();
    ids.sort_unstable_by_key(|id| id.parse::<u32>().unwrap());
    assert_eq!(ids, ["1", "4", "5", "10", "40", "45"]);
}

#[tokio::test]
async fn row_3_3_what_is_mandatory_for_all_is_missing_all_at_once() {
    let scim = centre().await.scim;
    let refused = scim.post("/Users", json!({"schemas": [USER], "userName": "bare"})).await;
    refused.expect_error(400, "invalidValue", "must have name.givenName, name.familyName, emails.value, roles.value");
}

#[tokio::test]
async fn row_3_4_what_a_role_makes_mandatory_is_told_all_at_once_and_must_be_there() {
    let centre = centre().await;
    let scim = &centre.scim;
    let refused = scim.post("/Users", user("ada", "1", json!({}))).await;
    refused.expect_error(400, "invalidValue", "must have defaultAssessor, classroom, placement");
    // An employer is no assessor, a placement no classroom, and one placement is not there at all.
    let wrong = json!({"defaultAssessor": centre.employer, "classroom": centre.placement, "placement": NOBODY});
    let refused = scim.post("/Users", user("ada", "1", wrong)).await;
    for (path, id) in
        [("defaultAssessor", &centre.employer), ("classroom", &centre.placement), ("placement", &NOBODY.into())]
    {
        refused.expect_error(400, "invalidValue", path);
        refused.expect_error(400, "invalidValue", &format!("which {id:?} is not"));
    }
    for role in ["40", "45"] {
        let refused = scim.post("/Users", user("bob", role, json!({}))).await;
        refused.expect_error(400, "invalidValue", "must have placement");
    }
    for role in ["4", "5", "10"] {
        scim.create("/Users", user(&format!("role{role}"), role, json!({}))).await;
    }
    let ada = scim.create("/Users", centre.learner("ada")).await;
    let path = format!("/Users/{ada}");
    let own = |name: &str| format!("{URN}:{name}");
    let refused = scim.patch(&path, patch("remove", &own("classroom"), Value::Null)).await;
    refused.expect_error(400, "invalidValue", "must have classroom");
    let refused = scim.patch(&path, patch("replace", &own("placement"), json!("17"))).await;
    refused.expect_error(400, "invalidValue", "must have in placement the id of a Placement that is there");
    let refused = scim.put(&path, user("ada", "1", json!({"placement": centre.placement}))).await;
    refused.expect_error(400, "invalidValue", "must have defaultAssessor, classroom");
    // A role that comes later brings its demands along.
    let cook = scim.create("/Users", user("cook", "4", json!({}))).await;
    let refused = scim.patch(&format!("/Users/{cook}"), patch("add", "roles", json!([{"value": "45"}]))).await;
    refused.expect_error(400, "invalidValue", "must have placement");
    scim.put(&path, user("ada", "4", json!({}))).await.expect(200);
}

#[tokio::test]
async fn row_3_4_holds_in_bulk_and_what_the_same_request_makes_is_there() {
    let centre = centre().await;
    let (scim, ada) = (&centre.scim, centre.learner("ada"));
    let classroom = json!({"schemas": ["urn:ietf:params:scim:schemas:onefile:2.0:Classroom"], "displayName": "New"});
    let mut bob = centre.learner("bob");
    bob[URN]["classroom"] = json!("bulkId:room");
    let post = |path: &str, id: &str, data: Value| json!({"method": "POST", "path": path, "bulkId": id, "data": data});
    let request = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            post("/Users", "ada", ada), post("/Classrooms", "room", classroom), post("/Users", "bob", bob),
            post("/Users", "eve", user("eve", "1", json!({}))), post("/Users", "fay", user("fay", "40", json!({}))),
        ],
    });
    let answer = scim.post("/Bulk", request).await.expect(200).json();
    let told = |place: usize| (answer["Operations"][place]["status"].clone(), answer["Operations"][place].to_string());
    for place in 0..3 {
        assert_eq!(told(place).0, "201", "{}", told(place).1);
    }
    assert!(told(3).0 == "400" && told(3).1.contains("must have defaultAssessor, classroom, placement"), "{answer}");
    assert!(told(4).0 == "400" && told(4).1.contains("must have placement"), "{answer}");
    let room = answer["Operations"][1]["location"].as_str().unwrap().rsplit('/').next().unwrap();
    let bob = scim.get("/Users?filter=userName%20eq%20%22bob%22").await.json()["Resources"][0].clone();
    assert_eq!(bob[URN]["classroom"], room);
}

#[tokio::test]
async fn a_learner_who_goes_is_let_go_and_is_whole_again_on_the_way_back() {
    let centre = centre().await;
    let scim = &centre.scim;
    let ada = scim.create("/Users", centre.learner("ada")).await;
    let path = format!("/Users/{ada}");
    // What is referred to may go; what held before is not held against a change.
    scim.delete(&format!("/Classrooms/{}", centre.classroom)).await.expect(204);
    scim.patch(&path, patch("replace", "title", json!("Dr"))).await.expect(200);
    let mut gone = user("ada", "1", json!({}));
    gone["active"] = json!(false);
    scim.put(&path, gone).await.expect(200);
    scim.patch(&path, patch("replace", "title", json!("Prof"))).await.expect(200);
    let refused = scim.patch(&path, patch("replace", "active", json!(true))).await;
    refused.expect_error(400, "invalidValue", "must have defaultAssessor, classroom, placement");
    let mut back = centre.learner("ada");
    back["active"] = json!(true);
    let refused = scim.put(&path, back.clone()).await;
    refused.expect_error(400, "invalidValue", "must have in classroom the id of a Classroom that is there");
    back[URN]["classroom"] = json!(named(scim, "/Classrooms", "Classroom", "Room 2").await);
    scim.put(&path, back).await.expect(200);
}

#[tokio::test]
async fn users_are_held_to_rules_in_what_they_do_themselves() {
    let centre = centre().await;
    let ada = centre.scim.create("/Users", centre.learner("ada")).await;
    let scopes = "users:read,users:write".parse().unwrap();
    let her = centre.scim.as_user(&ada, scopes).await;
    let refused = her.patch("/Me", patch("remove", "emails", Value::Null)).await;
    refused.expect_error(400, "invalidValue", "must have emails.value");
    her.patch("/Me", patch("replace", "nickName", json!("A"))).await.expect(200);
}

#[tokio::test]
async fn what_is_restored_is_held_to_rules() {
    let centre = centre().await;
    let (scim, owner) = (&centre.scim, centre.scim.owner().await);
    let ada = scim.create("/Users", centre.learner("ada")).await;
    scim.delete(&format!("/Users/{ada}")).await.expect(204);
    scim.delete(&format!("/Placements/{}", centre.placement)).await.expect(204);
    let restore = format!("/tenants/first/resources/{ada}/versions/1/restore");
    owner.post(&restore, json!({})).await.expect_problem(400, "must have in placement the id of a Placement");
    scim.get(&format!("/Users/{ada}")).await.expect(404);
}

#[tokio::test]
async fn row_3_5_optional_fields_of_learners_are_typed_and_sensitive_ones_are_told_nowhere() {
    let centre = centre().await;
    let scim = &centre.scim;
    let secrets = json!({
        "uln": "9000000001", "nino": "QQ123456C", "dateOfBirth": "2004-02-23T12:49:33.150Z", "ethnicity": "White-Irish-L12",
        "sex": "Female-L13", "difficultiesDisabilitiesHealth": "Asthma-L14", "disability": "None-L15",
        "learningDifficulty": "Dyslexia-L16", "homeAddress": "1 Home Lane", "mobileNumber": "07700900000",
    });
    let plain = json!({
        "misId": "MIS1", "createdOn": "2022-02-23T12:49:33.150Z", "companyName": "Acme", "telephone": "0201",
        "website": "https://example.com", "workAddress": "2 Work Street", "providerId": 7, "episodeName": "E1",
        "centreRegister": "2022-02-23T12:49:33.150Z", "startOn": "2022-03-01T00:00:00.000Z",
        "plannedEndDate": "2024-03-01T00:00:00.000Z", "supportFunding": true, "learnerStatusId": 0,
    });
    let mut ada = centre.learner("ada");
    for (name, value) in [&secrets, &plain].into_iter().flat_map(|own| own.as_object().unwrap()) {
        ada[URN][name] = value.clone();
    }
    let id = scim.create("/Users", ada).await;
    let path = format!("/Users/{id}");
    let shown = scim.get(&path).await.expect(200);
    for value in secrets.as_object().unwrap().values().filter_map(Value::as_str) {
        assert!(!shown.text.contains(value), "{value} is shown unasked");
    }
    for (name, value) in plain.as_object().unwrap() {
        assert_eq!(&shown.json()[URN][name], value, "{name}");
    }
    let asked: Vec<String> = secrets.as_object().unwrap().keys().map(|name| format!("{URN}:{name}")).collect();
    let answer = scim.list(&path, &[("attributes", &asked.join(","))]).await.expect(200).json();
    assert_eq!(answer[URN], secrets);

    for (name, value) in
        [("providerId", json!("seven")), ("supportFunding", json!("maybe")), ("dateOfBirth", json!("1.2.2004"))]
    {
        let wrong = patch("replace", &format!("{URN}:{name}"), value);
        scim.patch(&path, wrong).await.expect_error(400, "invalidValue", name);
    }
    // A request that is refused is kept without what it said of them, in whatever form it said it.
    let mut refused = centre.learner("eve");
    refused[URN]["nino"] = json!("QQ999999C");
    refused[URN]["dateOfBirth"] = json!("2001-01-01T00:00:00Z");
    refused[URN]["classroom"] = json!(NOBODY);
    scim.post("/Users", refused).await.expect(400);
    scim.patch(&path, patch("replace", &format!("{URN}:nino"), json!("QQ777777C"))).await.expect(200);
    scim.patch(&path, patch("replace", &format!("{URN}:misId"), json!("MIS2"))).await.expect(200);
    scim.delete(&path).await.expect(204);

    let changes = scim.changes().await;
    let lines = || changes.iter().flat_map(|change| &change.attributes);
    let nino = format!("{URN}:nino");
    assert!(lines().filter(|line| line.path == nino).count() == 3, "that it changed is told");
    assert!(lines().any(|line| line.path == format!("{URN}:misId") && line.new == Some(json!("MIS2"))));
    let told = format!("{changes:?}");
    let kept = scim.dump_all().await;
    let hidden = secrets.as_object().unwrap().values().filter_map(Value::as_str);
    for value in hidden.chain(["QQ999999C", "QQ777777C", "2001-01-01"]) {
        assert!(!told.contains(value), "a change tells {value}");
        assert!(!kept.contains(value), "{value} is kept after the user is gone");
    }
}

#[tokio::test]
async fn a_sensitive_attribute_is_shown_as_one_and_belongs_to_the_whole() {
    let scim = centre().await.scim;
    let schema = scim.get(&format!("/Schemas/{URN}")).await.expect(200).json();
    let of = |name: &str| {
        let attributes = schema["attributes"].as_array().unwrap();
        attributes.iter().find(|attribute| attribute["name"] == name).unwrap().clone()
    };
    assert_eq!((&of("nino")["sensitive"], &of("nino")["returned"]), (&json!(true), &json!("request")));
    assert_eq!(of("misId").get("sensitive"), None);
    let owner = scim.owner().await;
    let mut wrong = read("onefile/classroom.json");
    wrong["attributes"] =
        json!([{"name": "a", "type": "complex", "subAttributes": [{"name": "b", "sensitive": true}]}]);
    let path = format!("/tenants/first/schemas/{}", wrong["id"].as_str().unwrap());
    let refused = owner.put(&path, wrong).await.expect(422);
    assert!(refused.text.contains("belongs to the attribute as a whole"), "{}", refused.text);
}
