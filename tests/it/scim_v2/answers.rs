//! Whole answers, to the last header field and attribute: what a client sees in the most usual cases.

use serde_json::{Value, json};

use crate::support::scim::{Answer, GROUP, Scim, USER};

/// Status, the headers that mean something, and the body, with what differs from run to run made the same.
fn whole(scim: &Scim, ids: &[&str], answer: &Answer) -> String {
    let mut names: Vec<&str> = answer.headers.keys().map(|name| name.as_str()).collect();
    names.retain(|name| !["date", "content-length", "x-request-id", "vary"].contains(name));
    names.sort_unstable();
    let mut text = answer.status.to_string();
    for name in names {
        text.push_str(&format!("\n{name}: {}", answer.header(name)));
    }
    if !answer.text.is_empty() {
        let body: Value = answer.json();
        text.push_str(&format!("\n\n{}", serde_json::to_string_pretty(&body).unwrap()));
    }
    for (number, id) in ids.iter().enumerate() {
        text = text.replace(id, &format!("ID-{}", number + 1));
    }
    text.replace(&scim.base, "BASE")
}

#[tokio::test]
async fn a_created_user() {
    let scim = Scim::start().await;
    let body = json!({
        "schemas": [USER], "userName": "ada@example.com", "externalId": "E-1", "name": {"familyName": "Lovelace", "givenName": "Ada"},
        "emails": [{"value": "ada@example.com", "type": "work", "primary": true}], "password": "s3cret-Pass", "nickName": null,
    });
    let created = scim.post("/Users", body).await;
    let id = created.json()["id"].as_str().unwrap().to_owned();
    insta::assert_snapshot!(whole(&scim, &[&id], &created), @r#"
    201
    content-type: application/scim+json
    etag: W/"1"
    location: BASE/Users/ID-1

    {
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User"
      ],
      "id": "ID-1",
      "externalId": "E-1",
      "userName": "ada@example.com",
      "name": {
        "familyName": "Lovelace",
        "givenName": "Ada"
      },
      "active": true,
      "emails": [
        {
          "value": "ada@example.com",
          "type": "work",
          "primary": true
        }
      ],
      "meta": {
        "resourceType": "User",
        "created": "2026-11-22T08:00:00.000000Z",
        "lastModified": "2026-11-22T08:00:00.000000Z",
        "location": "BASE/Users/ID-1",
        "version": "W/\"1\""
      }
    }
    "#);
    let read = scim.get(&format!("/Users/{id}")).await;
    assert_eq!(read.json(), created.json());
    let chosen = scim.get(&format!("/Users/{id}?attributes=name.givenName,emails")).await;
    insta::assert_snapshot!(whole(&scim, &[&id], &chosen), @r#"
    200
    content-type: application/scim+json
    etag: W/"1"
    location: BASE/Users/ID-1

    {
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User"
      ],
      "id": "ID-1",
      "name": {
        "givenName": "Ada"
      },
      "emails": [
        {
          "value": "ada@example.com",
          "type": "work",
          "primary": true
        }
      ]
    }
    "#);
    let deleted = scim.delete(&format!("/Users/{id}")).await;
    insta::assert_snapshot!(whole(&scim, &[&id], &deleted), @"204");
}

#[tokio::test]
async fn a_group_and_a_list() {
    let scim = Scim::start().await;
    let user = scim.create_user("ada").await;
    let group = json!({"schemas": [GROUP], "displayName": "Engineers", "members": [{"value": user}]});
    let created = scim.post("/Groups", group).await;
    let group = created.json()["id"].as_str().unwrap().to_owned();
    insta::assert_snapshot!(whole(&scim, &[&user, &group], &created), @r#"
    201
    content-type: application/scim+json
    etag: W/"1"
    location: BASE/Groups/ID-2

    {
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:Group"
      ],
      "id": "ID-2",
      "displayName": "Engineers",
      "meta": {
        "resourceType": "Group",
        "created": "2026-11-22T08:00:00.000000Z",
        "lastModified": "2026-11-22T08:00:00.000000Z",
        "location": "BASE/Groups/ID-2",
        "version": "W/\"1\""
      },
      "members": [
        {
          "value": "ID-1",
          "$ref": "BASE/Users/ID-1",
          "type": "User"
        }
      ]
    }
    "#);
    let list = scim.get("/Users?filter=userName eq \"ADA\"").await;
    insta::assert_snapshot!(whole(&scim, &[&user, &group], &list), @r#"
    200
    content-type: application/scim+json

    {
      "schemas": [
        "urn:ietf:params:scim:api:messages:2.0:ListResponse"
      ],
      "totalResults": 1,
      "startIndex": 1,
      "itemsPerPage": 1,
      "Resources": [
        {
          "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User"
          ],
          "id": "ID-1",
          "userName": "ada",
          "active": true,
          "groups": [
            {
              "value": "ID-2",
              "$ref": "BASE/Groups/ID-2",
              "display": "Engineers",
              "type": "direct"
            }
          ],
          "meta": {
            "resourceType": "User",
            "created": "2026-11-22T08:00:00.000000Z",
            "lastModified": "2026-11-22T08:00:00.000000Z",
            "location": "BASE/Users/ID-1",
            "version": "W/\"1\""
          }
        }
      ]
    }
    "#);
    let empty = scim.get("/Users?filter=userName eq \"nobody\"").await;
    insta::assert_snapshot!(whole(&scim, &[], &empty), @r#"
    200
    content-type: application/scim+json

    {
      "schemas": [
        "urn:ietf:params:scim:api:messages:2.0:ListResponse"
      ],
      "totalResults": 0,
      "startIndex": 1,
      "itemsPerPage": 0,
      "Resources": []
    }
    "#);
}

#[tokio::test]
async fn errors() {
    let scim = Scim::start().await;
    scim.create_user("ada").await;
    let taken = scim.post("/Users", json!({"schemas": [USER], "userName": "Ada"})).await;
    insta::assert_snapshot!(whole(&scim, &[], &taken), @r#"
    409
    content-type: application/scim+json

    {
      "schemas": [
        "urn:ietf:params:scim:api:messages:2.0:Error"
      ],
      "scimType": "uniqueness",
      "detail": "another resource already has this userName; choose a different value",
      "status": "409"
    }
    "#);
    let nobody = scim.get("/Users/01a20244-0000-7000-8000-00000000dead").await;
    insta::assert_snapshot!(whole(&scim, &[], &nobody), @r#"
    404
    content-type: application/scim+json

    {
      "schemas": [
        "urn:ietf:params:scim:api:messages:2.0:Error"
      ],
      "detail": "there is no User with the id 01a20244-0000-7000-8000-00000000dead",
      "status": "404"
    }
    "#);
    let filter = scim.get("/Users?filter=userName like \"a\"").await;
    insta::assert_snapshot!(whole(&scim, &[], &filter), @r#"
    400
    content-type: application/scim+json

    {
      "schemas": [
        "urn:ietf:params:scim:api:messages:2.0:Error"
      ],
      "scimType": "invalidFilter",
      "detail": "the filter is not valid at position 9: the operator 'like' is not supported; use eq, ne, co, sw, ew, gt, ge, lt, le or pr",
      "status": "400"
    }
    "#);
    let anonymous = scim.get_authorized("/scim/v2/Users", None).await;
    insta::assert_snapshot!(whole(&scim, &[], &anonymous), @r#"
    401
    content-type: application/scim+json
    www-authenticate: Bearer realm="scimgate"

    {
      "schemas": [
        "urn:ietf:params:scim:api:messages:2.0:Error"
      ],
      "detail": "this request carries no credential; send the header \"Authorization: Bearer <token>\"",
      "status": "401"
    }
    "#);
    let method = scim.send("PATCH", "/Users", None).await;
    insta::assert_snapshot!(whole(&scim, &[], &method), @r#"
    405
    allow: GET, HEAD, POST
    content-type: application/scim+json

    {
      "schemas": [
        "urn:ietf:params:scim:api:messages:2.0:Error"
      ],
      "detail": "this path does not take PATCH; it takes GET, HEAD, POST",
      "status": "405"
    }
    "#);
}
