//! Discovery tells the truth (RFC 7644, section 4): what `/Schemas` says of each attribute is proved by doing it, for every
//! resource type that the live answer names.

mod attribute;
mod proofs;
mod walk;

use scimgate::scim::dialect::{Dialect, EmployeeId};
use serde_json::Value;

use crate::support::scim::{Scim, USER};
use walk::Walk;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"];

/// The resource types that the server names.
async fn kinds(scim: &Scim) -> Vec<Value> {
    let kinds = scim.get("/ResourceTypes").await.expect(200).json();
    let kinds = kinds["Resources"].as_array().unwrap().clone();
    assert!(kinds.len() >= 2);
    kinds
}

#[tokio::test]
async fn every_advertised_characteristic_is_proved_by_doing_it() {
    let scim = Scim::start().await;
    for kind in kinds(&scim).await {
        let walk = Walk::of(&scim, &kind).await;
        assert!(walk.attributes.len() >= 5, "{kind}");
        walk.types().await;
        walk.mutability().await;
        walk.returned().await;
        walk.case_exact().await;
        walk.uniqueness().await;
        walk.required().await;
        walk.canonical_values().await;
        let failed = walk.failed.into_inner();
        assert!(failed.is_empty(), "{}: {} of /Schemas is not so:\n{}", kind["name"], failed.len(), failed.join("\n"));
    }
}

#[tokio::test]
async fn what_a_tenant_decides_is_advertised_as_it_decided() {
    let decided = |dialect: &mut Dialect| {
        dialect.unique_group_names = false;
        dialect.employee_id = EmployeeId::MustAgree;
    };
    let scim = Scim::start().await.behaving(decided).await;
    let (mut unique, mut failed) = (Vec::new(), Vec::new());
    for kind in kinds(&scim).await {
        let walk = Walk::of(&scim, &kind).await;
        walk.uniqueness().await;
        let names = walk.attributes.iter().filter(|one| one.is("uniqueness") == "server").map(|one| one.path());
        unique.extend(names);
        failed.extend(walk.failed.into_inner());
    }
    assert_eq!(failed, [""; 0]);
    let extensions = "urn:ietf:params:scim:schemas:extension";
    let numbers = format!("{extensions}:enterprise:2.0:User:employeeNumber");
    assert_eq!(unique, ["userName", &numbers, &format!("{extensions}:scimgate:2.0:Role:roleId")]);
}

#[tokio::test]
async fn every_endpoint_answers_wrong_verbs_with_those_that_are_right() {
    let scim = Scim::start().await;
    let (user, group) = (scim.create_user("ada").await, scim.create_group("G").await);
    let (reads, lists, resource) = ("GET, HEAD", "GET, HEAD, POST", "GET, HEAD, PUT, PATCH, DELETE");
    for (path, allow) in [
        ("/ServiceProviderConfig".to_owned(), reads),
        ("/ResourceTypes".to_owned(), reads),
        ("/ResourceTypes/User".to_owned(), reads),
        ("/Schemas".to_owned(), reads),
        (format!("/Schemas/{USER}"), reads),
        (String::new(), reads),
        ("/.search".to_owned(), "POST"),
        ("/Users/.search".to_owned(), "POST"),
        ("/Users".to_owned(), lists),
        ("/Groups".to_owned(), lists),
        (format!("/Users/{user}"), resource),
        (format!("/Groups/{group}"), resource),
    ] {
        for method in METHODS {
            let is_allowed = allow.split(", ").any(|allowed| allowed == method);
            // A reader is refused what exists, and told that the rest does not.
            let answer = scim.reader().await.send(method, &path, None).await;
            if !is_allowed {
                if method == "HEAD" {
                    // Which has no body.
                    assert_eq!(answer.status, 405, "{path}");
                } else {
                    answer.expect_error(405, "", method);
                }
                assert_eq!(answer.header("allow"), allow, "{method} {path}");
            } else if !path.ends_with("/.search") {
                assert_eq!(answer.status, if reads.contains(method) { 200 } else { 403 }, "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn discovery_is_read_whole_and_one_by_one_and_never_filtered() {
    let scim = Scim::start().await;
    for path in ["/Schemas", "/ResourceTypes"] {
        let list = scim.get(path).await.expect(200).json();
        let resources = list["Resources"].as_array().unwrap();
        assert_eq!(list["totalResults"], resources.len());
        // RFC 7644, section 4: sorting, pages and the choice of attributes are ignored.
        let ignored = scim.get(&format!("{path}?startIndex=2&count=1&sortBy=id&attributes=id")).await.expect(200);
        assert_eq!(ignored.json(), list);
        for resource in resources {
            let url = format!("{path}/{}", resource["id"].as_str().unwrap());
            assert_eq!(&scim.get(&url).await.expect(200).json(), resource);
            assert_eq!(resource["meta"]["location"], format!("{}{url}", scim.base));
            scim.get(&format!("{url}?filter=id%20pr")).await.expect_error(403, "", "filter");
        }
        scim.get(&format!("{path}/nobody")).await.expect_error(404, "", "nobody");
    }
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
        for filter in ["id%20pr", "", "(("] {
            scim.get(&format!("{path}?filter={filter}")).await.expect_error(403, "", "filter");
        }
    }
}
