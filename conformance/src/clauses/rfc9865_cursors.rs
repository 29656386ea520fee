//! RFC 9865 sections 2, 2.2, 2.4, 3 and 4: pages by cursor.

use serde_json::json;

use crate::check::{Case, Made, Reply, Stop, Verdict, ensure, sections, skip};

sections! {
    Rfc9865 "2" "Query Parameters and Response Attributes" {
        Must empty_cursor_is_the_first_page "An empty cursor asks for the first page.";
        Must cursor_without_value_is_the_first_page "The parameter cursor without a value asks for the first page.";
        Must next_cursor_until_the_last_page "nextCursor is there on every page but the last.";
        Must no_next_cursor_on_the_last_page "nextCursor is left out on the last page.";
        Must no_previous_cursor_on_the_first_page "previousCursor is not on the first page.";
        Must cursors_cover_everything_once "Pages one after the other hold every result once.";
        Must count_limits_the_page "Not more resources than count are on a page.";
        Must count_zero_is_only_the_total "count=0 returns no resource.";
        Must walk_survives_changes "No user that is there all the time is missed or repeated while others come and go.";
        Must groups_have_cursors "Groups are walked by cursor too.";
        Must cursor_is_url_safe "A cursor consists of characters that need no encoding in a URL.";
        Must one_page_has_no_cursor "Where everything fits on the first page there is no nextCursor.";
        Should total_is_that_of_all_pages "totalResults, if it is there, counts all pages.";
        May previous_cursor_goes_back "previousCursor, if it is there, leads to the page before.";
        Must cursor_can_be_used_again "A cursor leads to the same page when it is used again.";
    }
    Rfc9865 "2.2" "Sorting" {
        Should cursor_pages_are_sorted "Results by cursor are sorted as sortBy says.";
    }
    Rfc9865 "2.4" "Implementing Both Cursors and Index Pagination" {
        Must a_default_method_is_chosen "Without startIndex and cursor one of the methods is used.";
        Must index_still_works "startIndex asks for pages by index.";
    }
    Rfc9865 "3" "Querying Resources Using HTTP POST" {
        Must cursor_in_a_search "A search takes cursor in its body.";
        Must search_goes_on "A search goes on with nextCursor.";
    }
    Rfc9865 "4" "Service Provider Configuration" {
        Should pagination_is_told "pagination tells whether cursor and index are supported.";
        Must pagination_values_are_well_formed "The values of pagination have their types.";
        Must max_page_size_holds "No page is larger than maxPageSize.";
    }
}

/// Five users and a filter that finds them.
pub(super) async fn five(case: &Case<'_>) -> Result<(String, Vec<Made>), Stop> {
    case.facts.need_cursor()?;
    case.need("filter")?;
    let (prefix, made) = case.users_named_alike(&vec![json!({}); 5]).await?;
    Ok((format!("userName sw \"{prefix}\""), made))
}

pub(super) async fn page(case: &Case<'_>, filter: &str, cursor: &str, count: &str) -> Result<Reply, Stop> {
    case.query(&case.users(), &[("filter", filter), ("cursor", cursor), ("count", count)]).await
}

async fn empty_cursor_is_the_first_page(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let first = page(case, &filter, "", "2").await?;
    ensure!(first.list()?.len() == 2, "the first page of two holds {} users", first.list()?.len());
    first.string("/nextCursor").map(drop)
}

async fn cursor_without_value_is_the_first_page(case: &Case<'_>) -> Verdict {
    five(case).await?;
    let first = case.get(&format!("{}?cursor&count=2", case.users())).await?;
    ensure!(first.list()?.len() == 2, "the first page of two holds {} users", first.list()?.len());
    first.string("/nextCursor").map(drop)
}

/// Walks to the end and returns every page.
async fn walk(case: &Case<'_>, filter: &str, count: &str) -> Result<Vec<Reply>, Stop> {
    let mut pages = vec![page(case, filter, "", count).await?];
    while let Some(next) = pages.last().map(|last| last.find("/nextCursor")).transpose()?.flatten() {
        if pages.len() > 10 {
            return crate::check::fail("five users are on more than ten pages");
        }
        let next = next.as_str().unwrap_or_default().to_owned();
        pages.push(page(case, filter, &next, count).await?);
    }
    Ok(pages)
}

async fn next_cursor_until_the_last_page(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let pages = walk(case, &filter, "2").await?;
    ensure!(pages.len() >= 3, "five users by twos are on {} pages", pages.len());
    for page in &pages[..pages.len() - 1] {
        page.string("/nextCursor")?;
    }
    Ok(())
}

async fn no_next_cursor_on_the_last_page(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let pages = walk(case, &filter, "2").await?;
    if let Some(last) = pages.last() {
        ensure!(last.json()?.get("nextCursor").is_none(), "nextCursor is there on the last page");
    }
    Ok(())
}

async fn no_previous_cursor_on_the_first_page(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    page(case, &filter, "", "2").await?.status(200)?.lacks("/previousCursor")?;
    Ok(())
}

async fn cursors_cover_everything_once(case: &Case<'_>) -> Verdict {
    let (filter, made) = five(case).await?;
    let mut seen = Vec::new();
    for page in walk(case, &filter, "2").await? {
        seen.extend(page.ids()?);
    }
    seen.sort();
    let mut expected: Vec<_> = made.into_iter().map(|user| user.id).collect();
    expected.sort();
    ensure!(seen == expected, "expected every one of {expected:?} once, found {seen:?}");
    Ok(())
}

async fn count_limits_the_page(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    for page in walk(case, &filter, "3").await? {
        ensure!(page.list()?.len() <= 3, "{} users on a page of three", page.list()?.len());
    }
    Ok(())
}

async fn count_zero_is_only_the_total(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let none = page(case, &filter, "", "0").await?;
    ensure!(none.list()?.is_empty(), "count=0 returns resources");
    Ok(())
}

async fn cursor_is_url_safe(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let first = page(case, &filter, "", "2").await?;
    let cursor = first.string("/nextCursor")?;
    let safe = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    ensure!(cursor.chars().all(safe), "the cursor {cursor:?} needs encoding in a URL");
    Ok(())
}

async fn one_page_has_no_cursor(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    page(case, &filter, "", "50").await?.status(200)?.lacks("/nextCursor")?.lacks("/previousCursor")?;
    Ok(())
}

async fn total_is_that_of_all_pages(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    for page in walk(case, &filter, "2").await? {
        if page.find("/totalResults")?.is_some() {
            page.has("/totalResults", 5)?;
        }
    }
    Ok(())
}

async fn previous_cursor_goes_back(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let first = page(case, &filter, "", "2").await?;
    let second = page(case, &filter, first.string("/nextCursor")?, "2").await?;
    let Some(previous) = second.find("/previousCursor")?.and_then(|cursor| cursor.as_str()) else {
        return skip("the server returns no previousCursor");
    };
    let back = page(case, &filter, previous, "2").await?;
    ensure!(back.ids()? == first.ids()?, "the page before the second is not the first");
    Ok(())
}

async fn cursor_can_be_used_again(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let first = page(case, &filter, "", "2").await?;
    let cursor = first.string("/nextCursor")?;
    let (one, two) = (page(case, &filter, cursor, "2").await?, page(case, &filter, cursor, "2").await?);
    ensure!(one.ids()? == two.ids()?, "one cursor leads to {:?} and to {:?}", one.ids()?, two.ids()?);
    Ok(())
}

async fn cursor_pages_are_sorted(case: &Case<'_>) -> Verdict {
    case.need("sort")?;
    let (filter, made) = five(case).await?;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    for _ in 0..3 {
        let parameters = [
            ("filter", filter.as_str()),
            ("cursor", &cursor),
            ("count", "2"),
            ("sortBy", "userName"),
            ("sortOrder", "descending"),
        ];
        let found = case.query(&case.users(), &parameters).await?;
        seen.extend(found.ids()?);
        cursor = found.find("/nextCursor")?.and_then(|next| next.as_str()).unwrap_or_default().to_owned();
    }
    let expected: Vec<_> = made.iter().rev().map(|user| user.id.clone()).collect();
    ensure!(seen == expected, "expected the order {expected:?}, found {seen:?}");
    Ok(())
}

async fn a_default_method_is_chosen(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let found = case.query(&case.users(), &[("filter", &filter), ("count", "2")]).await?;
    ensure!(found.list()?.len() == 2, "the first page of two holds {} users", found.list()?.len());
    let default = case.facts.config["pagination"]["defaultPaginationMethod"].as_str();
    match default {
        Some("index") => found.has("/startIndex", 1)?.lacks("/nextCursor").map(drop),
        Some("cursor") => found.string("/nextCursor").map(drop),
        _ => Ok(()),
    }
}

async fn index_still_works(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    if case.facts.config["pagination"]["index"] != true {
        return skip("ServiceProviderConfig does not say that pagination by index is supported");
    }
    let found = case.query(&case.users(), &[("filter", &filter), ("startIndex", "5"), ("count", "2")]).await?;
    found.status(200)?.has("/startIndex", 5)?.has("/itemsPerPage", 1)?;
    Ok(())
}

async fn search(case: &Case<'_>, filter: &str, cursor: &str) -> Result<Reply, Stop> {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"];
    let body = json!({"schemas": schemas, "filter": filter, "cursor": cursor, "count": 2});
    let found = case.post(&format!("{}/.search", case.users()), body).await?;
    if found.code() == 501 { skip("searches by POST are answered with 501") } else { Ok(found) }
}

async fn cursor_in_a_search(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let first = search(case, &filter, "").await?;
    ensure!(first.list()?.len() == 2, "the first page of two holds {} users", first.list()?.len());
    first.string("/nextCursor").map(drop)
}

async fn search_goes_on(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let first = search(case, &filter, "").await?;
    let second = search(case, &filter, first.string("/nextCursor")?).await?;
    let (before, after) = (first.ids()?, second.ids()?);
    ensure!(
        after.len() == 2 && after.iter().all(|id| !before.contains(id)),
        "the second page is {after:?} after {before:?}"
    );
    Ok(())
}

async fn pagination_is_told(case: &Case<'_>) -> Verdict {
    case.facts.need_cursor()?;
    let config = case.read("/ServiceProviderConfig").await?;
    config.boolean("/pagination/cursor")?;
    config.boolean("/pagination/index").map(drop)
}

async fn pagination_values_are_well_formed(case: &Case<'_>) -> Verdict {
    case.facts.need_cursor()?;
    let config = case.read("/ServiceProviderConfig").await?;
    for name in ["defaultPageSize", "maxPageSize", "cursorTimeout"] {
        let pointer = format!("/pagination/{name}");
        if config.find(&pointer)?.is_some() {
            ensure!(config.integer(&pointer)? > 0, "pagination.{name} is not positive");
        }
    }
    if config.find("/pagination/defaultPaginationMethod")?.is_some() {
        let method = config.string("/pagination/defaultPaginationMethod")?;
        ensure!(["cursor", "index"].contains(&method), "defaultPaginationMethod is {method:?}");
    }
    Ok(())
}

async fn max_page_size_holds(case: &Case<'_>) -> Verdict {
    case.facts.need_cursor()?;
    let Some(most) = case.facts.config["pagination"]["maxPageSize"].as_u64() else {
        return skip("pagination.maxPageSize is not told");
    };
    let found = case.query(&case.users(), &[("cursor", ""), ("count", &most.to_string())]).await?;
    ensure!(found.list()?.len() as u64 <= most, "{} users on a page, and maxPageSize is {most}", found.list()?.len());
    Ok(())
}

async fn walk_survives_changes(case: &Case<'_>) -> Verdict {
    let (filter, made) = five(case).await?;
    let first = page(case, &filter, "", "2").await?;
    let mut seen = first.ids()?;
    // One that was seen goes, and one that sorts among them comes.
    case.delete(&format!("{}/{}", case.users(), seen[0])).await?.status(204)?;
    case.user_with(json!({"userName": format!("{}b", made[0].name)})).await?;
    let mut cursor = first.string("/nextCursor")?.to_owned();
    for _ in 0..5 {
        let next = page(case, &filter, &cursor, "2").await?;
        seen.extend(next.ids()?);
        let Some(found) = next.find("/nextCursor")?.and_then(|next| next.as_str()) else { break };
        cursor = found.to_owned();
    }
    for user in &made {
        let times = seen.iter().filter(|id| **id == user.id).count();
        ensure!(times == 1, "the user {} is on the pages {times} times", user.name);
    }
    Ok(())
}

async fn groups_have_cursors(case: &Case<'_>) -> Verdict {
    case.facts.need_cursor()?;
    case.need("filter")?;
    let (one, two) = (case.group(&[]).await?, case.group(&[]).await?);
    let filter = format!("id eq \"{}\" or id eq \"{}\"", one.id, two.id);
    let groups = case.groups()?;
    let first = case.query(&groups, &[("filter", &filter), ("cursor", ""), ("count", "1")]).await?;
    let next = first.string("/nextCursor")?;
    let second = case.query(&groups, &[("filter", &filter), ("cursor", next), ("count", "1")]).await?;
    let mut seen = [first.ids()?, second.ids()?].concat();
    seen.sort();
    let mut expected = [one.id, two.id];
    expected.sort();
    ensure!(seen == expected, "expected the groups {expected:?}, found {seen:?}");
    second.lacks("/nextCursor")?;
    Ok(())
}
