//! Who is invited, to what and by which way.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{PROVISIONING, Stage, text};

#[tokio::test]
async fn row_1_7_many_people_are_invited_in_one_call_each_with_its_own_result() {
    let stage = Stage::new().await;
    let known = stage.user("known@example.com").await;
    let body = json!({"users": [
        {"email": "ann@example.com", "firstName": "Ann", "lastName": "Lee"},
        {"id": known},
        {"email": "no address", "firstName": "X", "lastName": "Y"},
        {"employeeId": "nobody"},
        {"id": "01a2aaca-62c0-7bfc-b441-1214de21eaea"},
        {"nonsense": 1},
    ]});
    let answer = stage.invite(body.clone()).await;
    assert_eq!(answer["result"], json!({"invited": 2, "alreadyInvited": 0, "failed": 4, "total": 6}), "{answer}");
    let codes: Vec<&Value> = answer["users"].as_array().unwrap().iter().map(|user| &user["failure"]["code"]).collect();
    let expected = [
        Value::Null,
        Value::Null,
        json!("invalid_value"),
        json!("user_not_found"),
        json!("user_not_found"),
        json!("invalid_value"),
    ];
    assert_eq!(codes, expected.iter().collect::<Vec<_>>(), "{answer}");
    let [ann, second] = [&answer["users"][0], &answer["users"][1]];
    assert_eq!((&ann["key"], &ann["created"], &ann["mailed"]), (&json!("ann@example.com"), &json!(true), &json!(true)));
    assert_eq!((&second["userId"], &second["created"]), (&json!(known), &json!(false)));
    stage.scim.get(&format!("/Users/{}", text(&ann["userId"]))).await.expect(200);

    // The same again: nothing is doubled, and the open invitations are told.
    let again = stage.invite(body).await;
    assert_eq!(again["result"], json!({"invited": 0, "alreadyInvited": 2, "failed": 4, "total": 6}), "{again}");
    assert_eq!(again["users"][0]["invitationId"], ann["invitationId"]);
    stage.send().await;
    assert_eq!(stage.mails.mails().len(), 2);
    let listed = stage.api.get("/invitations?state=pending").await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn row_1_8_each_person_is_invited_to_several_organizations_and_what_fails_is_told_for_each() {
    let stage = Stage::new().await;
    let (north, south) = (stage.organization("North").await, stage.organization("South").await);
    let user = stage.user("ann@example.com").await;
    let nowhere = "01a2aaca-62c0-7bfc-b441-1214de21eaea";
    let first = stage.invite(json!({"users": [{"id": user}], "organizationIds": [north, nowhere]})).await;
    let made = first["users"][0]["invitationId"].clone();
    let expected = json!([
        {"id": north, "outcome": "invited", "invitationId": made},
        {"id": nowhere, "outcome": "unknown_organization"},
    ]);
    assert_eq!(first["users"][0]["organizations"], expected);
    stage.send().await;
    // One of them is open already; a name does as well as an id.
    let second = stage.invite(json!({"users": [{"id": user}], "organizationIds": [north, "south"]})).await;
    let other = second["users"][0]["invitationId"].clone();
    assert_ne!(made, other);
    let expected = json!([
        {"id": north, "outcome": "already_invited", "invitationId": made},
        {"id": "south", "outcome": "invited", "invitationId": other},
    ]);
    assert_eq!(second["users"][0]["organizations"], expected);
    let shown = stage.api.get(&format!("/invitations/{}", text(&other))).await.expect(200).json();
    assert_eq!(shown["organizations"], json!([{"id": south, "name": "South"}]));
    let none = stage.invite(json!({"users": [{"id": user}], "organizationIds": [nowhere]})).await;
    assert_eq!(none["users"][0]["failure"]["code"], "unknown_organization");

    // Nobody comes to an organization before accepting, which proves the mailbox.
    let before = stage.scim.get(&format!("/Users/{user}")).await.expect(200).json();
    assert_eq!(before.get(PROVISIONING), None);
    let link = stage.link("ann@example.com").await;
    stage.accept(&link).await.expect(200);
    let after = stage.scim.get(&format!("/Users/{user}")).await.expect(200).json();
    assert_eq!(after[PROVISIONING]["organizations"], json!([{"value": south, "display": "South"}]), "{after}");
}

#[tokio::test]
async fn many_calls_at_once_make_one_invitation() {
    let stage = Stage::new().await;
    let north = stage.organization("North").await;
    let body = json!({
        "users": [{"email": "ann@example.com", "firstName": "Ann", "lastName": "Lee"}], "organizationIds": [north],
    });
    let answers = join_all((0..12).map(|_| stage.post("/invitations", &body))).await;
    let invited: u64 = answers.iter().map(|answer| answer.json()["result"]["invited"].as_u64().unwrap()).sum();
    let failed: u64 = answers.iter().map(|answer| answer.json()["result"]["failed"].as_u64().unwrap()).sum();
    assert_eq!((invited, failed), (1, 0), "{:#?}", answers.iter().map(|answer| &answer.text).collect::<Vec<_>>());
    stage.send().await;
    assert_eq!(stage.mails.mails().len(), 1);
    let users = stage.scim.get("/Users?filter=emails.value%20eq%20%22ann@example.com%22").await.json();
    assert_eq!(users["totalResults"], 1);
}

#[tokio::test]
async fn row_1_6_an_invitation_leads_to_the_identity_provider_that_it_names() {
    let stage = Stage::new().await;
    let (provider, user) = (stage.provider("Entra").await, stage.user("ann@example.com").await);
    let url = "https://login.example.com/acme";
    let settings = json!({"identityProviderUrls": {provider.id.to_string(): url}});
    stage.scim.owner().await.put("/tenants/first/mail-settings", settings).await.expect(200);
    for (name, code) in [("Okta", "unknown_identity_provider"), ("eu", "")] {
        let answer = stage.invite(json!({"users": [{"id": user}], "identityProvider": name})).await;
        assert_eq!(answer["users"][0]["failure"]["code"].as_str().unwrap_or(""), code, "{answer}");
    }
    let link = stage.link("ann@example.com").await;
    assert!(stage.mails.mails()[0].contains("You will sign in with Entra."));
    let page = stage.page(&link).await.expect(200);
    assert!(page.text.contains("sign in with Entra") && !page.text.contains("type=\"password\""), "{}", page.text);
    let done = stage.form(&format!("{link}/accept"), &[]).await.expect(200);
    assert!(done.text.contains(&format!("href=\"{url}\"")), "{}", done.text);
    let after = stage.scim.get(&format!("/Users/{user}")).await.expect(200).json();
    assert_eq!(after[PROVISIONING]["identityProvider"], provider.id.to_string());
    assert_eq!(stage.password_hash(&user).await, None);

    let disable = json!({"enabled": false});
    let path = format!("/tenants/first/connections/{}", provider.id);
    stage.scim.owner().await.patch(&path, disable).await.expect(200);
    let refused = stage.invite(json!({"users": [{"id": user}], "identityProvider": "Entra"})).await;
    assert_eq!(refused["users"][0]["failure"]["code"], "identity_provider_disabled");
}
