//! Bulk requests in the background (RFC 9967, sections 2.5.1, 3 and 4). Each test cites the sentences that it holds the server to.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use scimgate::auth::Standing;
use scimgate::model::{Clock, FixedClock, Origin, Profile, Scope, TaskId};
use scimgate::store::{Holder, RecordsPage};
use scimgate::tasks::{TaskRunner, forget};
use tokio::sync::watch;
use uuid::Uuid;

use super::*;
use crate::support::oauth::part;
use crate::support::scim::sealer;

const ASYNC: (&str, &str) = ("prefer", "respond-async");
const LEASE: Duration = Duration::from_secs(5);

/// Sends a request for the background and answers where its outcome is to be found.
async fn send(scim: &Scim, body: Value) -> String {
    let answer = scim.send_with("POST", "/Bulk", Some(body), &[ASYNC]).await.expect(202);
    place(scim, &answer)
}

fn place(scim: &Scim, answer: &Answer) -> String {
    answer.header("location").strip_prefix(&scim.base).unwrap().to_owned()
}

fn node(scim: &Scim) -> (TaskRunner, watch::Sender<bool>) {
    let (stop, stopped) = watch::channel(false);
    let clock = Arc::new(FixedClock::new(scim.clock().now()));
    (TaskRunner::new(scim.store(), clock, Some(sealer()), LEASE, stopped), stop)
}

/// Does what there is to do.
async fn work(scim: &Scim) {
    let (runner, _stop) = node(scim);
    runner.run_until_idle().await.unwrap();
}

async fn told(scim: &Scim, place: &str) -> Vec<Value> {
    answers(scim.get(place).await)
}

/// What the token of an operation says, whose signature is that of the server.
async fn event(scim: &Scim, place: &str, index: usize) -> Value {
    let answer =
        scim.get_with(&format!("{place}:{index}"), &[("accept", "application/secevent+jwt")]).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/secevent+jwt");
    let (header, keys) = (part(&answer.text, 0), scim.get_raw("/.well-known/jwks.json").await.expect(200).json());
    assert_eq!((&header["typ"], &header["alg"]), (&json!("secevent+jwt"), &json!("ES256")));
    let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap();
    let key = DecodingKey::from_ec_components(key["x"].as_str().unwrap(), key["y"].as_str().unwrap()).unwrap();
    let (signed, signature) = answer.text.rsplit_once('.').unwrap();
    assert!(crypto::verify(signature, signed.as_bytes(), &key, Algorithm::ES256).unwrap());
    part(&answer.text, 1)
}

/// 2.5.1.1: "The asynchronous response MUST contain no response body", "Set-Txn is returned", "the response will also include the
/// Preference-Applied header", Location is "a URI where the completion SCIM Event Token MAY be retrieved using HTTP GET". 3: "The
/// header field MUST be used in SCIM responses when HTTP status code 202 (Accepted) is being returned with no message body".
#[tokio::test]
async fn a_request_is_taken_without_a_body_and_its_outcome_is_that_of_one_at_once() {
    let scim = Scim::start().await;
    let ada = scim.create_user("ada").await;
    let operations = || {
        vec![
            post("/Groups", "g", group("Team", &["bulkId:b", "bulkId:h"])),
            post("/Groups", "h", group("Other", &["bulkId:g"])),
            post("/Users", "b", managed("bob", "bulkId:c")),
            post("/Users", "c", user("cy")),
            patch("/Users/bulkId:c", json!([{"op": "add", "path": "title", "value": "Lead"}])),
            post("/Users", "wrong", user("ADA")),
            post("/Users", "needs", managed("dee", "bulkId:wrong")),
            put(&format!("/Users/{ada}"), json!({"schemas": [USER], "userName": "ada", "title": "T"})),
            delete(&format!("/Users/{NOBODY}")),
        ]
    };
    let answer = scim.send_with("POST", "/Bulk", Some(request(operations())), &[ASYNC]).await.expect(202);
    assert_eq!((answer.text.as_str(), answer.header("content-type")), ("", ""));
    assert_eq!(answer.header("preference-applied"), "respond-async");
    let txn = answer.header("set-txn");
    assert_eq!(answer.header("location"), format!("{}/Bulk/{txn}", scim.base));
    let place = place(&scim, &answer);

    // Nothing is done yet, and whoever asks learns just that.
    assert_eq!(count(&scim).await, (json!(1), json!(0)));
    let waiting = scim.get(&place).await.expect(202);
    assert_eq!((waiting.text.as_str(), waiting.header("set-txn"), waiting.header("retry-after")), ("", txn, "1"));
    scim.get(&format!("{place}:0")).await.expect(202);

    work(&scim).await;
    let done = told(&scim, &place).await;
    assert_eq!(statuses(&done), ["201", "201", "201", "201", "200", "409", "409", "200", "404"]);
    assert_eq!(manager(&scim, &id(&done[2])).await, id(&done[3]));
    assert_eq!(scim.get(&format!("/Users/{}", id(&done[3]))).await.json()["title"], "Lead");
    let mut team = vec![id(&done[1]), id(&done[2])];
    team.sort();
    assert_eq!(members(&scim, &id(&done[0])).await, team);
    for operation in &done {
        let Some(location) = operation["location"].as_str().filter(|_| operation.get("response").is_none()) else {
            continue;
        };
        let shown = scim.get(location.strip_prefix(&scim.base).unwrap()).await.expect(200).json();
        assert_eq!(
            (&shown["meta"]["location"], &shown["meta"]["version"]),
            (&json!(location), &version_of(&done, location))
        );
    }

    // But for the ids, another tenant is answered the same at once.
    let other = scim.other_tenant("other").await;
    let other_ada = other.create_user("ada").await;
    let at_once = operations().into_iter().map(|mut operation| {
        if operation["path"] == json!(format!("/Users/{ada}")) {
            operation["path"] = json!(format!("/Users/{other_ada}"));
        }
        operation
    });
    let at_once = bulk(&other, at_once).await;
    let shape = |answers: &[Value]| -> Vec<Value> {
        let mut answers = answers.to_vec();
        answers.iter_mut().for_each(|answer| {
            answer.as_object_mut().unwrap().remove("location");
        });
        answers
    };
    assert_eq!(shape(&done), shape(&at_once));
    // Each operation is a request of its own.
    let requests: std::collections::HashSet<String> =
        scim.changes().await.iter().map(|change| change.request.to_string()).collect();
    assert_eq!(requests.len(), 7);
}

/// The latest version that the answers tell of a location.
fn version_of(answers: &[Value], location: &str) -> Value {
    let about = answers.iter().filter(|answer| answer["location"] == location);
    about.max_by_key(|answer| answer["version"].as_str().unwrap_or_default().len() * 1_000 + version(answer)).unwrap()["version"].clone()
}

fn version(answer: &Value) -> usize {
    answer["version"].as_str().unwrap_or_default().bytes().map(usize::from).sum()
}

/// 2.5.1.1: "The HTTP Accept header MUST be ignored for purposes of an asynchronous response".
#[tokio::test]
async fn what_a_client_accepts_is_no_matter() {
    let scim = Scim::start().await;
    let body = request([post("/Users", "a", user("a"))]);
    let headers = [("prefer", "handling=lenient, Respond-Async"), ("accept", "text/html")];
    scim.send_with("POST", "/Bulk", Some(body.clone()), &headers).await.expect(202);
    scim.send_with("POST", "/Bulk", Some(body), &headers[1..]).await.expect(406);
}

/// 2.5.1.1: "the wait preference SHOULD be supported to establish a maximum time before a SCIM service provider MAY choose to respond
/// asynchronously"; "the SCIM service provider returns either a normal SCIM response or HTTP status code 202".
#[tokio::test]
async fn a_client_that_waits_is_answered_at_once_if_the_work_is_done_by_then() {
    let scim = Scim::start().await;
    let patient = [("prefer", "respond-async, wait=20")];
    let body = request([post("/Users", "a", user("a"))]);
    let asked = scim.send_with("POST", "/Bulk", Some(body.clone()), &patient);
    let worked = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        work(&scim).await;
    };
    let (answer, ()) = tokio::join!(asked, worked);
    assert_eq!(answer.header("preference-applied"), "");
    assert_eq!(statuses(&answers(answer)), ["201"]);
    // Nobody works now, and the client does not wait for ever.
    scim.send_with("POST", "/Bulk", Some(body), &[("prefer", "respond-async, wait=0")]).await.expect(202);
}

/// 2.5.1.2: "a single Asynchronous Request Completion Event MUST be generated for each requested operation"; "The txn claim MUST be
/// set to the value originally returned to the requesting SCIM client appended with a colon and the zero-based array index of the
/// operation". 2.5.1.3: the payload "is the same as a single SCIM Bulk Response Operation"; "the event operation MUST include a
/// response attribute" for errors. 2.1: "SCIM Events MUST use the sub_id claim", "The JWT sub claim MUST NOT be used", `uri` "MUST
/// be provided".
#[tokio::test]
async fn each_operation_has_a_token_that_tells_of_its_completion() {
    let scim = Scim::start().await;
    scim.create_user("taken").await;
    let mut body = request([
        post("/Users", "b", managed("b", "bulkId:a")),
        post("/Users", "a", user("a")),
        post("/Users", "t", user("taken")),
        delete(&format!("/Users/{NOBODY}")),
    ]);
    body["failOnErrors"] = json!(1);
    let place = send(&scim, body).await;
    work(&scim).await;
    let done = told(&scim, &place).await;
    assert_eq!(statuses(&done), ["201", "201", "409"], "failOnErrors holds as in a request at once");
    let txn = place.strip_prefix("/Bulk/").unwrap();
    let mut ids = std::collections::HashSet::new();
    for (index, operation) in done.iter().enumerate() {
        let claims = event(&scim, &place, index).await;
        assert_eq!(claims["txn"], format!("{txn}:{index}"));
        assert_eq!(claims["events"], json!({"urn:ietf:params:scim:event:misc:asyncresp": operation}));
        assert_eq!((claims["sub_id"]["format"].as_str(), claims.get("sub")), (Some("scim"), None));
        let uri =
            operation["location"].as_str().map_or("/Users", |location| location.strip_prefix(&scim.base).unwrap());
        assert_eq!(claims["sub_id"]["uri"], uri);
        assert_eq!(claims["iss"], scim.origin());
        assert!(claims["iat"].is_i64() && claims["aud"].is_array() && claims.get("exp").is_none());
        assert_eq!(event(&scim, &place, index).await, claims, "an event is the same whenever it is fetched");
        assert!(ids.insert(claims["jti"].to_string()));
    }
    let kept_from = event(&scim, &place, 3).await;
    let operation = &kept_from["events"]["urn:ietf:params:scim:event:misc:asyncresp"];
    expect_error(operation, "409", "", "failOnErrors");
    for nothing in ["4", "x", "-1", "+1", "01", ""] {
        scim.get(&format!("{place}:{nothing}")).await.expect(404);
    }
    // It is no credential.
    let token = scim.get(&format!("{place}:0")).await.expect(200).text;
    scim.with_token_text(token).get("/Users").await.expect(401);
}

/// 5: "the returned URI endpoint MUST be protected and requires an HTTP Authorization header"; "access to event recovery and
/// forwarding MUST be limited to the parties needed".
#[tokio::test]
async fn the_outcome_is_told_to_the_tenant_s_credentials_alone() {
    let scim = Scim::start().await;
    let place = send(&scim, request([post("/Users", "a", user("a"))])).await;
    work(&scim).await;
    let other = scim.other_tenant("other").await;
    for place in [place.clone(), format!("{place}:0")] {
        scim.get(&place).await.expect(200);
        scim.get_authorized(&format!("/scim/v2{place}"), None).await.expect(401);
        other.get(&place).await.expect_error(404, "", "bulk request");
        scim.with_token("users:write".parse().unwrap(), None).await.get(&place).await.expect(403);
        assert_eq!(scim.send("DELETE", &place, None).await.expect(405).header("allow"), "GET, HEAD");
    }
    for nothing in ["x", NOBODY, "%00", "a:b:c"] {
        scim.get(&format!("/Bulk/{nothing}")).await.expect(404);
    }
    // The tasks of records are none of them.
    let shown = scim.with_token("provision".parse().unwrap(), None).await;
    let tasks = shown.get_raw("/api/v1/tasks").await;
    assert!(tasks.status == 200 && tasks.text.contains("scim_bulk") || tasks.status == 403, "{}", tasks.text);
}

/// What is sent for the background is held to the limits of what is done at once, before anything is kept.
#[tokio::test]
async fn limits_and_forms_are_those_of_a_request_at_once() {
    let scim =
        Scim::with(Profile::Rfc, &["--max-bulk-operations=3", "--max-bulk-payload=20000", "--max-body=15000"]).await;
    let send = async |body: Value| scim.send_with("POST", "/Bulk", Some(body), &[ASYNC]).await;
    let many = |count: usize| request((0..count).map(|at| post("/Users", &at.to_string(), user(&at.to_string()))));
    send(many(4)).await.expect(413);
    send(request([post("/Users", "a", user(&"a".repeat(21_000)))])).await.expect(413);
    send(request([])).await.expect(400);
    send(json!({"Operations": []})).await.expect(400);
    let reader = scim.with_token("users:write".parse().unwrap(), None).await;
    reader.send_with("POST", "/Bulk", Some(many(1)), &[ASYNC]).await.expect(403);
    assert_eq!(scim.dump_all().await.matches("scim_bulk").count(), 0);
    send(many(3)).await.expect(202);
}

/// A password is sealed while it waits, and nothing that an operation says is kept once it is done.
#[tokio::test]
async fn nothing_of_a_request_lies_open_or_is_kept() {
    let scim = Scim::start().await;
    let mut person = user("secretive-name");
    person["password"] = json!("Correct-horse-42");
    let place = send(&scim, request([post("/Users", "a", person)])).await;
    let waiting = scim.dump_all().await;
    assert!(!waiting.contains("Correct-horse") && !waiting.contains("secretive-name"));
    assert!(waiting.contains("sealed"));
    work(&scim).await;
    let after = scim.dump_all().await;
    assert!(!after.contains("sealed") && !after.contains("Correct-horse"));
    assert_eq!(statuses(&told(&scim, &place).await), ["201"]);
    // And the outcome a week.
    let at = |days: i64| scim.clock().now() + chrono::TimeDelta::days(days);
    forget(&scim.store(), at(6)).await.unwrap();
    scim.get(&place).await.expect(200);
    forget(&scim.store(), at(8)).await.unwrap();
    scim.get(&place).await.expect(404);
}

/// 4: `asyncRequest` is "request" where "the server completes requests asynchronously when requested by the SCIM client"; `eventUris`
/// lists what comes "via a SET Stream", of which there is none. Other writes get "a normal SCIM response".
#[tokio::test]
async fn what_is_announced_is_what_there_is() {
    let scim = Scim::start().await;
    // Readers of RFC 7643 alone are spared what they may refuse.
    let config = scim.get("/ServiceProviderConfig").await.expect(200).json();
    assert!(config.get("securityEvents").is_none());
    let scim = Scim::start().await;
    let slug = scim.tenant().slug.clone();
    let origin = Origin::command_line();
    scim.gateway().change_provisioning(&slug, &origin, |choices| choices.enabled = true).await.unwrap();
    let config = scim.get("/ServiceProviderConfig").await.expect(200).json();
    assert_eq!(config["securityEvents"], json!({"asyncRequest": "request"}));
    let made = scim.send_with("POST", "/Users", Some(user("a")), &[ASYNC]).await.expect(201);
    assert_eq!((made.header("preference-applied"), made.header("set-txn")), ("", ""));
}

#[tokio::test]
async fn who_may_no_longer_ask_gets_no_more_done() {
    let scim = Scim::start().await;
    let gone = scim.with_token("bulk users:write".parse().unwrap(), None).await;
    let place = send(&gone, request([post("/Users", "a", user("a"))])).await;
    scim.gateway().revoke_token(scim.tenant().id, gone.credential_id(), &Origin::command_line()).await.unwrap();
    work(&scim).await;
    let done = told(&scim, &place).await;
    expect_error(&done[0], "503", "", "revoked");
    assert_eq!((&done[0]["method"], &done[0]["bulkId"]), (&json!("POST"), &json!("a")));
    assert_eq!(count(&scim).await.0, json!(0));
    let claims = event(&scim, &place, 0).await;
    assert_eq!(claims["sub_id"]["uri"], "/Users");
    // With fewer scopes than the operations need, they fail as in a request at once.
    let fewer = scim.with_token("bulk groups:write".parse().unwrap(), None).await;
    let place = send(&fewer, request([post("/Users", "a", user("a"))])).await;
    work(&scim).await;
    expect_error(&told(&scim, &place).await[0], "403", "", "users:write");
}

/// The crash at its worst places: operations are written, and their outcomes are not.
#[tokio::test]
async fn what_was_written_before_a_crash_is_found_and_not_done_again() {
    let scim = Scim::start().await;
    let ada = scim.create_user("ada").await;
    let bob = scim.create_user("bob").await;
    let operations = [
        post("/Users", "c", managed("cy", "bulkId:d")),
        post("/Users", "d", user("dee")),
        patch(&format!("/Users/{ada}"), json!([{"op": "add", "path": "nickName", "value": "A"}])),
        delete(&format!("/Users/{bob}")),
        post("/Groups", "g", group("G", &["bulkId:h"])),
        post("/Groups", "h", group("H", &["bulkId:g", "bulkId:c"])),
        patch("/Users/bulkId:c", json!([{"op": "add", "path": "title", "value": "T"}])),
    ];
    // After each number of steps somebody else goes on.
    for steps in 0..6 {
        let scim = if steps == 0 { &scim } else { &scim.other_tenant(&format!("t{steps}")).await };
        let mut operations = operations.to_vec();
        if steps > 0 {
            operations[2]["path"] = json!(format!("/Users/{}", scim.create_user("ada").await));
            operations[3]["path"] = json!(format!("/Users/{}", scim.create_user("bob").await));
        }
        let place = send(scim, request(operations)).await;
        let (store, clock) = (scim.store(), Arc::new(FixedClock::new(scim.clock().now())));
        let holder = Holder(Uuid::from_u128(1));
        let claimed = store.claim_task(holder, Duration::from_millis(1), clock.now()).await.unwrap().unwrap();
        let standing = Standing::new(store.clone(), clock.clone());
        let caller = standing.caller(scim.tenant().id, &claimed.task.by, Scope::Bulk).await.unwrap();
        let gateway = scim.gateway().sealing(Some(sealer()));
        let page = RecordsPage { after: 0, only_failed: false, limit: 100 };
        let records = store.tenant(scim.tenant().id).task_records(TaskId(claimed.task.id.0), page).await.unwrap();
        let mut run = gateway.resume_bulk(&caller, &claimed.task, &records, &|| true).unwrap();
        for _ in 0..steps {
            run.step().await;
        }
        drop(run);
        while scim.get(&place).await.status == 202 {
            work(scim).await;
        }
        let done = told(scim, &place).await;
        assert_eq!(statuses(&done), ["201", "201", "200", "204", "201", "201", "200"], "after {steps} steps");
        let changes = scim.changes().await;
        // Two users were there before, and the groups of the circle are filled after they were made.
        assert_eq!(changes.len(), 2 + 7 + 2, "after {steps} steps");
        assert_eq!(scim.get(&format!("/Users/{}", id(&done[0]))).await.json()["title"], "T");
        assert_eq!(members(scim, &id(&done[5])).await.len(), 2);
        assert_eq!(done[4]["version"], scim.get(&format!("/Groups/{}", id(&done[4]))).await.json()["meta"]["version"]);
    }
}

/// Whoever administers looks there for what an identity provider did not get done.
#[tokio::test]
async fn what_failed_is_in_the_activity_log_under_the_id_of_the_request() {
    let scim = Scim::start().await;
    scim.create_user("taken").await;
    let body = request([post("/Users", "a", user("a")), post("/Users", "t", user("taken"))]);
    let answer = scim.send_with("POST", "/Bulk", Some(body), &[ASYNC]).await.expect(202);
    work(&scim).await;
    let admin = scim.with_token("admin:read".parse().unwrap(), None).await;
    let path = format!("/admin/v1/tenants/first/requests/{}", answer.header("x-request-id"));
    let told = admin.get_raw(&path).await.expect(200).text;
    assert!(told.contains("1 of 2 operations failed in the background; operation 2: "), "{told}");
}

#[tokio::test]
async fn a_request_that_waits_can_be_cancelled() {
    let scim = Scim::start().await;
    let place = send(&scim, request([post("/Users", "a", user("a"))])).await;
    let txn: Uuid = place.strip_prefix("/Bulk/").unwrap().parse().unwrap();
    let tenant = scim.tenant().id;
    let task = scim.store().tenant(tenant).task_of_transaction(txn).await.unwrap().unwrap();
    scim.gateway().cancel_task(tenant, task.id, &Origin::command_line()).await.unwrap();
    work(&scim).await;
    expect_error(&told(&scim, &place).await[0], "503", "", "cancelled");
    assert!(!scim.dump_all().await.contains("sealed"), "nothing of it is kept");
    let refused = scim.gateway().retry_task(tenant, task.id, &Origin::command_line()).await.unwrap_err();
    assert!(refused.to_string().contains("send those again that failed"), "{refused}");
}
