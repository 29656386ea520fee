//! RFC 7644 sections 3.4.2.4 and 3.4.2.5: pages by index, and chosen attributes of lists.

use serde_json::json;

use crate::check::{Case, Made, Stop, Verdict, ensure, sections};

sections! {
    Rfc7644 "3.4.2.4" "Pagination" {
        Must count_limits_the_page "Not more resources than count are returned.";
        Must count_zero_is_only_the_total "count=0 returns no resource, and totalResults.";
        Must negative_count_is_zero "A negative count is taken as 0.";
        Must start_index_is_echoed "startIndex of the answer is the index of its first result.";
        Must start_index_below_one_is_one "A startIndex below 1 is taken as 1.";
        Must start_index_beyond_the_end_is_empty "A startIndex beyond the results gives an empty page.";
        Must total_is_that_of_all_pages "totalResults counts the results of all pages.";
        Must items_per_page_counts_the_page "itemsPerPage is the number of resources on the page.";
        Must pages_cover_everything_once "Pages one after the other hold every result once.";
        Must numbers_are_numbers "startIndex and count have to be integers.";
        Must default_page_is_from_the_beginning "Without startIndex the first page is returned.";
        Must large_count_is_cut "A count above what the server returns at most is no error.";
    }
    Rfc7644 "3.4.2.5" "Attributes" {
        Must attributes_in_lists "attributes chooses what resources of a list hold.";
        Must excluded_attributes_in_lists "excludedAttributes leaves attributes of a list out.";
        Must excluded_keeps_what_is_always_returned "excludedAttributes has no effect on what is always returned.";
    }
}

async fn five(case: &Case<'_>) -> Result<(String, Vec<Made>), Stop> {
    case.need("filter")?;
    let attributes: Vec<_> = (0..5).map(|_| json!({})).collect();
    let (prefix, made) = case.users_named_alike(&attributes).await?;
    Ok((format!("userName sw \"{prefix}\""), made))
}

async fn count_limits_the_page(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let page = case.query(&case.users(), &[("filter", &filter), ("count", "2")]).await?;
    let found = page.list()?.len();
    ensure!(found <= 2 && found > 0, "{found} resources on a page of two");
    Ok(())
}

async fn count_zero_is_only_the_total(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let page = case.query(&case.users(), &[("filter", &filter), ("count", "0")]).await?;
    ensure!(page.list()?.is_empty(), "count=0 returns resources");
    page.has("/totalResults", 5)?;
    Ok(())
}

async fn negative_count_is_zero(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let page = case.query(&case.users(), &[("filter", &filter), ("count", "-1")]).await?;
    ensure!(page.list()?.is_empty(), "count=-1 returns resources");
    page.has("/totalResults", 5)?;
    Ok(())
}

async fn start_index_is_echoed(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let page = case.query(&case.users(), &[("filter", &filter), ("startIndex", "3"), ("count", "2")]).await?;
    page.status(200)?.has("/startIndex", 3)?;
    Ok(())
}

async fn start_index_below_one_is_one(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    for start in ["0", "-7"] {
        let page = case.query(&case.users(), &[("filter", &filter), ("startIndex", start), ("count", "2")]).await?;
        page.status(200)?.has("/startIndex", 1)?;
        ensure!(page.list()?.len() == 2, "startIndex={start} does not return the first page");
    }
    Ok(())
}

async fn start_index_beyond_the_end_is_empty(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let page = case.query(&case.users(), &[("filter", &filter), ("startIndex", "50")]).await?;
    ensure!(page.list()?.is_empty(), "resources beyond the end");
    page.has("/totalResults", 5)?;
    Ok(())
}

async fn total_is_that_of_all_pages(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    for start in ["1", "3", "5"] {
        let page = case.query(&case.users(), &[("filter", &filter), ("startIndex", start), ("count", "2")]).await?;
        page.status(200)?.has("/totalResults", 5)?;
    }
    Ok(())
}

async fn items_per_page_counts_the_page(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let page = case.query(&case.users(), &[("filter", &filter), ("startIndex", "5"), ("count", "2")]).await?;
    page.status(200)?.has("/itemsPerPage", 1)?;
    Ok(())
}

async fn pages_cover_everything_once(case: &Case<'_>) -> Verdict {
    let (filter, made) = five(case).await?;
    let mut seen = Vec::new();
    for start in ["1", "3", "5"] {
        let page = case.query(&case.users(), &[("filter", &filter), ("startIndex", start), ("count", "2")]).await?;
        seen.extend(page.ids()?);
    }
    seen.sort();
    let mut expected: Vec<_> = made.iter().map(|user| user.id.clone()).collect();
    expected.sort();
    ensure!(seen == expected, "expected every one of {expected:?} once, found {seen:?}");
    Ok(())
}

async fn numbers_are_numbers(case: &Case<'_>) -> Verdict {
    for parameter in ["startIndex=one", "count=many"] {
        case.get(&format!("{}?{parameter}", case.users())).await?.error(400, "")?;
    }
    Ok(())
}

async fn default_page_is_from_the_beginning(case: &Case<'_>) -> Verdict {
    let (filter, made) = five(case).await?;
    let page = case.query(&case.users(), &[("filter", &filter)]).await?;
    ensure!(page.list()?.len() == made.len(), "not all of the results are on the first page");
    if page.find("/startIndex")?.is_some() {
        page.has("/startIndex", 1)?;
    }
    Ok(())
}

async fn large_count_is_cut(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let page = case.query(&case.users(), &[("filter", &filter), ("count", "1000000")]).await?;
    page.status(200)?.has("/totalResults", 5)?;
    Ok(())
}

async fn attributes_in_lists(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Left out"})).await?;
    let filter = format!("userName eq \"{}\"", user.name);
    case.need("filter")?;
    let list = case.query(&case.users(), &[("filter", &filter), ("attributes", "userName")]).await?;
    list.status(200)?.has("/Resources/0/userName", user.name)?.has("/Resources/0/id", user.id)?;
    list.lacks("/Resources/0/displayName")?.lacks("/Resources/0/emails")?;
    Ok(())
}

async fn excluded_attributes_in_lists(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Kept"})).await?;
    let filter = format!("userName eq \"{}\"", user.name);
    case.need("filter")?;
    let list = case.query(&case.users(), &[("filter", &filter), ("excludedAttributes", "emails,name")]).await?;
    list.status(200)?.has("/Resources/0/displayName", "Kept")?;
    list.lacks("/Resources/0/emails")?.lacks("/Resources/0/name")?;
    Ok(())
}

async fn excluded_keeps_what_is_always_returned(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let filter = format!("userName eq \"{}\"", user.name);
    case.need("filter")?;
    let list = case.query(&case.users(), &[("filter", &filter), ("excludedAttributes", "id,schemas")]).await?;
    list.status(200)?.has("/Resources/0/id", user.id)?;
    Ok(())
}
