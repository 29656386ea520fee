//! Filters, page numbers and paths that are out of measure, or that mean something to SQL and nothing to SCIM.

use serde_json::json;

use super::Victim;
use crate::support::scim::{Scim, USER};

#[tokio::test]
async fn a_filter_that_cannot_be_run_is_refused_and_finds_neither_all_nor_nothing() {
    let victim = Victim::start().await;
    let long = format!("userName eq \"{}\"", "x".repeat(9 << 10));
    let parentheses = format!("{}userName pr{}", "(".repeat(2_000), ")".repeat(2_000));
    let open = "(".repeat(8_000);
    let nots = format!("{}userName pr{}", "not (".repeat(500), ")".repeat(500));
    let terms = vec!["active pr"; 201].join(" or ");
    for (filter, told) in [
        (long.as_str(), "8192"),
        (&parentheses, "32 deep"),
        (&open, "32 deep"),
        (&nots, "32 deep"),
        (&terms, "200 comparisons"),
        (r#"userName eq "a\u0000b""#, "U+0000"),
        (r#"userName eq "\ud800""#, "at position 1"),
        (r#"userName eq "\x""#, "at position 1"),
        (r#"userName eq "a"#, "at position 1"),
        (r#"userName eq "a\""#, "at position 1"),
        ("userName eq 1e999", "at position 1"),
        ("userName eq", "at position 11"),
        ("userName eq \"a\" and", "at position"),
        ("userName eq \"a\" or ", "at position"),
        ("userName eq \"a\" title pr", "at position"),
        ("userName", "at position"),
        ("", "at position 0"),
        (" ", "at position"),
        ("userName eq 'ada'", "at position 1"),
        ("1 eq 1", "at position 0"),
        ("userName eq \"ada\" -- ", "at position"),
        ("userName eq \"ada\"; DROP TABLE resources", "at position"),
        ("resources.document pr", "is not an attribute"),
        ("tenant_id pr", "is not an attribute"),
        ("__proto__ pr", "at position 0"),
        ("password pr", "never returned"),
        ("password sw \"a\"", "never returned"),
        ("emails[emails[value pr]]", "at position"),
        ("emails[value pr", "at position"),
    ] {
        let answer = victim.scim.list("/Users", &[("filter", filter)]).await;
        victim.refused(&format!("{filter:.60}"), &answer, 400, "invalidFilter", told).await;
    }
    for raw in [
        "filter=%00",
        "filter=userName+eq+%22%ff%22",
        "filter=userName+eq+%22%ed%a0%80%22",
        "filter=id+pr&FILTER=id+pr",
    ] {
        let answer = victim.scim.get(&format!("/Users?{raw}")).await;
        victim.refused(raw, &answer, 400, "invalidFilter", "filter").await;
    }
}

#[tokio::test]
async fn other_parameters_that_cannot_be_meant_are_refused() {
    let victim = Victim::start().await;
    for (query, told) in [
        ("startIndex=1.5", "startIndex"),
        ("startIndex=1e3", "startIndex"),
        ("startIndex=9223372036854775808", "startIndex"),
        ("startIndex=1%3BDROP", "startIndex"),
        ("startIndex=1&startIndex=2", "startIndex"),
        ("count=ten", "count"),
        ("count=0x10", "count"),
        ("count=%00", "count"),
        ("sortBy=shoeSize", "sortBy"),
        ("sortBy=password", "sortBy"),
        ("sortBy=name_key", "sortBy"),
        ("sortBy=userName%3B--", "sortBy"),
        ("sortBy=userName&sortOrder=sideways", "sortOrder"),
        ("attributes=%00", "attributes"),
        ("excludedAttributes=%ff", "excludedAttributes"),
    ] {
        let answer = victim.scim.get(&format!("/Users?{query}")).await;
        victim.refused(query, &answer, 400, "invalidValue", told).await;
    }
}

#[tokio::test]
async fn extreme_page_numbers_give_a_page_or_an_empty_one() {
    let victim = Victim::start().await;
    for (query, found) in [
        ("startIndex=0&count=-1", 0),
        ("startIndex=-9223372036854775809", 1),
        ("startIndex=2147483648", 0),
        ("startIndex=4294967297", 0),
        ("startIndex=9223372036854775807&count=1000", 0),
        ("startIndex=9223372036854775807&count=9223372036854775807&filter=userName+pr", 0),
        ("startIndex=9223372036854775807&sortBy=userName", 0),
        ("count=99999999999999999999999999", 1),
        ("count=0", 0),
    ] {
        let list = victim.scim.get(&format!("/Users?{query}")).await.expect(200).json();
        assert_eq!(list["totalResults"], 1, "{query}");
        assert_eq!(list["itemsPerPage"], found, "{query}");
        assert_eq!(list["Resources"].as_array().unwrap().len(), found, "{query}");
    }
    victim.is_unharmed("pages").await;
}

#[tokio::test]
async fn what_sql_calls_a_wildcard_is_a_character_like_any_other() {
    let scim = Scim::start().await;
    for name in ["a%b", "a_b", "axb", "a\\", "a\\b", "100%", "'quoted'", "a\\_b"] {
        let body =
            json!({"schemas": [USER], "userName": name, "title": name, "emails": [{"value": name, "type": "work"}]});
        scim.create("/Users", body).await;
    }
    for (operator, value, expected) in [
        ("co", "%", &["a%b", "100%"][..]),
        ("co", "_", &["a_b", "a\\_b"]),
        ("co", "\\", &["a\\", "a\\b", "a\\_b"]),
        ("co", "'", &["'quoted'"]),
        ("sw", "%", &[]),
        ("sw", "_", &[]),
        ("sw", "a%", &["a%b"]),
        ("sw", "a\\", &["a\\", "a\\b", "a\\_b"]),
        ("sw", "A_", &["a_b"]),
        ("ew", "\\", &["a\\"]),
        ("ew", "%", &["100%"]),
        ("ew", "_b", &["a_b", "a\\_b"]),
        ("ew", "\\_b", &["a\\_b"]),
        ("eq", "a_b", &["a_b"]),
        ("eq", "%", &[]),
    ] {
        for attribute in ["userName", "title", "emails.value"] {
            let filter = format!("{attribute} {operator} {}", json!(value));
            let list = scim.list("/Users", &[("filter", &filter), ("attributes", "userName")]).await.expect(200).json();
            let found: Vec<&str> =
                list["Resources"].as_array().unwrap().iter().map(|user| user["userName"].as_str().unwrap()).collect();
            assert_eq!(found, expected, "{filter}");
            assert_eq!(list["totalResults"], expected.len(), "{filter}");
        }
    }
}

#[tokio::test]
async fn ids_that_are_none_name_nobody() {
    let victim = Victim::start().await;
    let id = victim.user.trim_start_matches("/Users/").to_owned();
    let long = "x".repeat(10_000);
    for path in [
        "1",
        "0",
        "%00",
        "%ff",
        "%27%20OR%201=1",
        "null",
        "..%2f..%2fetc",
        "%E2%80%AE",
        &long,
        &format!("{id}%00"),
        &format!("{id}x"),
    ] {
        for method in ["GET", "DELETE"] {
            let answer = victim.scim.send(method, &format!("/Users/{path}"), None).await;
            victim.refused(&format!("{method} {path:.40}"), &answer, 404, "", "").await;
        }
    }
    let answer = victim.scim.get(&format!("/Groups/{id}")).await;
    victim.refused("a user's id among groups", &answer, 404, "", &id).await;
}
