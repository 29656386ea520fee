//! Lists: filters, order, pages and what of a resource is shown (RFC 7644, sections 3.4.2 and 3.9).

use serde_json::{Value, json};

use crate::support::scim::{Scim, USER};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Three users that differ in everything filters look at.
async fn people(scim: &Scim) {
    for body in [
        json!({"schemas": [USER, ENTERPRISE], "userName": "Ada", "externalId": "E1", "displayName": "Ada Lovelace", "title": "Countess",
            "name": {"familyName": "Lovelace"}, "active": true,
            "emails": [{"value": "ada@work.example", "type": "work", "primary": true}, {"value": "ada@home.example", "type": "home"}],
            ENTERPRISE: {"employeeNumber": "7", "department": "Analysis", "manager": {"value": "boss"}}}),
        json!({"schemas": [USER], "userName": "émile", "externalId": "e1", "active": false, "name": {"familyName": "Zola"},
            "emails": [{"value": "emile@home.example", "type": "work"}]}),
        json!({"schemas": [USER], "userName": "grace_100%", "displayName": "Grace \\ Hopper", "title": "Admiral"}),
    ] {
        scim.post("/Users", body).await.expect(201);
        scim.advance_seconds(10);
    }
}

fn names(list: &Value) -> Vec<&str> {
    list["Resources"].as_array().unwrap().iter().map(|user| user["userName"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let scim = Scim::start().await;
    people(&scim).await;
    let start = scim.start_of_time();
    for (filter, expected) in [
        ("userName eq \"ADA\"", vec!["Ada"]),
        ("username Eq \"ada\"", vec!["Ada"]),
        ("userName eq \"ÉMILE\"", vec!["émile"]),
        ("externalId eq \"E1\"", vec!["Ada"]),
        ("externalId eq \"nobody\"", vec![]),
        ("userName co \"_100%\"", vec!["grace_100%"]),
        ("userName co \"x00%\"", vec![]),
        ("userName sw \"gr\" and userName ew \"0%\"", vec!["grace_100%"]),
        ("displayName co \"\\\\\"", vec!["grace_100%"]),
        ("displayName ew \"\\\\\"", vec![]),
        ("title pr", vec!["Ada", "grace_100%"]),
        ("not (title pr)", vec!["émile"]),
        ("title ne \"countess\"", vec!["émile", "grace_100%"]),
        ("active eq true", vec!["Ada", "grace_100%"]),
        ("active eq \"False\"", vec!["émile"]),
        ("emails[type eq \"work\" and value co \"home\"]", vec!["émile"]),
        ("emails.type eq \"work\" and emails.value co \"home\"", vec!["Ada", "émile"]),
        ("emails[type eq \"work\"].value eq \"ADA@work.example\"", vec!["Ada"]),
        ("emails co \"ada@\"", vec!["Ada"]),
        ("emails[not (type eq \"home\")]", vec!["Ada", "émile"]),
        ("name.familyName gt \"m\"", vec!["émile"]),
        ("userName sw \"a\" or title eq \"admiral\" and active eq false", vec!["Ada"]),
        ("(userName sw \"a\" or title eq \"admiral\") and active eq false", vec![]),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq \"7\"", vec!["Ada"]),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq \"boss\"", vec!["Ada"]),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"Boss\"", vec![]),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"ada\"", vec!["Ada"]),
        ("schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"", vec!["Ada"]),
        ("meta.resourceType eq \"User\"", vec!["Ada", "émile", "grace_100%"]),
        ("displayName eq null", vec!["émile"]),
        ("displayName ne null", vec!["Ada", "grace_100%"]),
        (&format!("meta.lastModified gt \"{}\"", start.plus_seconds(5)), vec!["émile", "grace_100%"]),
        (&format!("meta.created le \"{}\"", start.plus_seconds(0)), vec!["Ada"]),
        (
            "active eq true and (meta.lastModified ge \"0001-01-03T00:00:00.0000000Z\" and meta.lastModified le \"9999-01-01T00:00:00+02:00\")",
            vec!["Ada", "grace_100%"],
        ),
    ] {
        let list = scim.list("/Users", &[("filter", filter)]).await.expect(200).json();
        assert_eq!(names(&list), expected, "{filter}");
        assert_eq!(list["totalResults"], expected.len(), "{filter}");
    }
}

#[tokio::test]
async fn filters_that_cannot_run_are_refused_with_the_place() {
    let scim = Scim::start().await;
    people(&scim).await;
    for (filter, told) in [
        ("userName sw O", "12"),
        ("userName eq", "11"),
        ("userName eq \"a\" and", "19"),
        ("(userName eq \"a\"", "16"),
        ("nonsense eq \"a\"", "nonsense"),
        ("password eq \"a\"", "password"),
        ("active gt true", "active"),
        ("active eq \"maybe\"", "active"),
        ("meta.lastModified gt \"yesterday\"", "dateTime"),
        ("userName eq 7", "string"),
        ("emails[type eq \"work\"", "21"),
        ("", "filter"),
    ] {
        scim.list("/Users", &[("filter", filter)]).await.expect_error(400, "invalidFilter", told);
    }
    let deep = format!("{}userName pr{}", "(".repeat(1_000), ")".repeat(1_000));
    scim.list("/Users", &[("filter", &deep)]).await.expect_error(400, "invalidFilter", "");
    let long = vec!["userName eq \"a\""; 300].join(" or ");
    scim.list("/Users", &[("filter", &long)]).await.expect_error(400, "invalidFilter", "");
}

#[tokio::test]
async fn clients_encode_filters_as_they_like() {
    let scim = Scim::start().await;
    scim.post("/Users", json!({"schemas": [USER], "userName": "a@b.c d+e"})).await.expect(201);
    for raw in [
        "filter=userName+eq+\"a%40b.c%20d%2Be\"",
        "filter=userName%20eq%20%22a@b.c+d%2be%22",
        "startindex=0&FILTER=userName+eq+%22a%40b.c d%2Be%22&aadOptscim062020",
        "aadOptscim062020=true&filter=userName%20eq%20%22A%40B.C%20D%2BE%22&count=1",
    ] {
        let list = scim.get_raw(&format!("/scim/v2/Users?{}", raw.replace(' ', "%20"))).await.expect(200).json();
        assert_eq!(list["totalResults"], 1, "{raw}");
        assert_eq!(list["startIndex"], 1, "{raw}");
    }
    scim.get_raw("/scim/v2/Users?filter=userName%20eq%20%22%FF%22").await.expect(400);
}

#[tokio::test]
async fn pages_follow_the_order_of_creation_and_tell_the_total() {
    let scim = Scim::start().await;
    for number in 0..25 {
        scim.create_user(&format!("user{number:02}")).await;
    }
    let mut seen = Vec::new();
    for page in 0..6 {
        let start = page * 5 + 1;
        let list = scim.get(&format!("/Users?startIndex={start}&count=5")).await.expect(200).json();
        assert_eq!((&list["totalResults"], &list["startIndex"]), (&json!(25), &json!(start)));
        assert_eq!(list["itemsPerPage"], list["Resources"].as_array().unwrap().len());
        seen.extend(names(&list).into_iter().map(str::to_owned));
    }
    assert_eq!(seen, (0..25).map(|number| format!("user{number:02}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn odd_page_numbers_are_clamped_and_nonsense_is_refused() {
    let scim = Scim::start().await;
    for number in 0..3 {
        scim.create_user(&format!("user{number}")).await;
    }
    for (query, items) in [
        ("startIndex=-5&count=2", 2),
        ("startIndex=0", 3),
        ("count=0", 0),
        ("count=-1", 0),
        ("startIndex=4", 0),
        ("startIndex=9223372036854775807", 0),
        ("count=2147483648", 3),
        ("startIndex=2&count=1000000", 2),
    ] {
        let list = scim.get(&format!("/Users?{query}")).await.expect(200).json();
        assert_eq!((&list["totalResults"], &list["itemsPerPage"]), (&json!(3), &json!(items)), "{query}");
        assert!(list["Resources"].is_array(), "{query}");
    }
    for query in ["startIndex=one", "count=1.5", "count=", "startIndex=0x1"] {
        scim.get(&format!("/Users?{query}")).await.expect_error(400, "invalidValue", query.split('=').next().unwrap());
    }
}

#[tokio::test]
async fn lists_are_sorted_with_the_absent_at_the_right_end() {
    let scim = Scim::start().await;
    people(&scim).await;
    for (sort, expected) in [
        ("sortBy=userName", ["Ada", "grace_100%", "émile"]),
        ("sortBy=userName&sortOrder=Descending", ["émile", "grace_100%", "Ada"]),
        ("sortBy=title", ["grace_100%", "Ada", "émile"]),
        ("sortBy=title&sortOrder=descending", ["émile", "Ada", "grace_100%"]),
        ("sortBy=name.familyName", ["Ada", "émile", "grace_100%"]),
        ("sortBy=emails", ["Ada", "émile", "grace_100%"]),
        ("sortBy=meta.lastModified&sortOrder=descending", ["grace_100%", "émile", "Ada"]),
        (
            "sortBy=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            ["Ada", "émile", "grace_100%"],
        ),
    ] {
        assert_eq!(names(&scim.get(&format!("/Users?{sort}")).await.expect(200).json()), expected, "{sort}");
    }
}

#[tokio::test]
async fn a_client_chooses_what_it_sees() {
    let scim = Scim::start().await;
    people(&scim).await;
    let get = async |query: &str| {
        let list = scim.get(&format!("/Users?filter=userName eq \"ada\"&{query}")).await.expect(200).json();
        list["Resources"][0].clone()
    };
    let keys = |user: &Value| user.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&get("attributes=userName").await), ["schemas", "id", "userName"]);
    assert_eq!(keys(&get("attributes=USERNAME,name.familyName").await), ["schemas", "id", "userName", "name"]);
    assert_eq!(
        get("attributes=emails.value").await["emails"],
        json!([{"value": "ada@work.example"}, {"value": "ada@home.example"}])
    );
    let manager = get("attributes=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager").await;
    assert_eq!(manager[ENTERPRISE], json!({"manager": {"value": "boss"}}));
    assert_eq!(keys(&get(&format!("attributes={ENTERPRISE}")).await), ["schemas", "id", ENTERPRISE]);
    assert!(get("attributes=password").await.get("password").is_none());
    let without = get("excludedAttributes=emails,id,userName,name.familyName").await;
    assert!(without["id"].is_string() && without.get("emails").is_none() && without.get("userName").is_none());
    assert!(without.get("name").is_none(), "{without}");
    assert_eq!(get("attributes=meta.lastModified").await["meta"].as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn an_order_by_what_cannot_be_sorted_is_refused() {
    let scim = Scim::start().await;
    for (sort, told) in [
        ("sortBy=shoeSize", "'shoeSize' is not an attribute of User"),
        ("sortBy=password", "'password' is never returned"),
        ("sortBy=name", "'name' is complex"),
        ("sortBy=addresses", "'addresses' is complex"),
        ("sortBy=emails.colour", "'emails.colour' is not an attribute of User"),
        ("sortBy=", "expected an attribute name"),
        ("sortBy=userName&sortOrder=sideways", "sortOrder must be ascending or descending"),
    ] {
        scim.get(&format!("/Users?{sort}")).await.expect_error(400, "invalidValue", told);
    }
}

#[tokio::test]
async fn values_of_any_length_are_sorted_and_walked_over() {
    let scim = Scim::start().await;
    let long = "x".repeat(40_000);
    for (name, title) in
        [("c", format!("{long}1")), ("a", format!("y{long}")), ("b", format!("{long}0")), ("d", "w".into())]
    {
        scim.post("/Users", json!({"schemas": [USER], "userName": name, "title": title})).await.expect(201);
    }
    // The first thousand characters decide, then the order of creation.
    let (mut walked, mut cursor) = (Vec::new(), String::new());
    loop {
        let page =
            scim.list("/Users", &[("sortBy", "title"), ("count", "1"), ("cursor", &cursor)]).await.expect(200).json();
        walked.push(names(&page)[0].to_owned());
        match page["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(walked, ["d", "c", "b", "a"]);
    let list = scim.get("/Users?sortBy=title&sortOrder=descending").await.expect(200).json();
    assert_eq!(names(&list), ["a", "c", "b", "d"]);
}
