//! RFC 9865 sections 2.1 and 5.2: cursors that are wrong.

use crate::check::{Case, Verdict, ensure, sections};

use super::rfc9865_cursors::{five, page};

sections! {
    Rfc9865 "2.1" "Pagination Errors" {
        Should unknown_cursor_is_invalid "A cursor that was never given is 400 invalidCursor.";
        Should other_query_is_invalid "A cursor of another query is refused.";
        Should negative_count_is_invalid "A count below 0 is 400 invalidCount, or 0 as RFC 7644 has it.";
        May other_count_is_invalid "A count other than that of the first page is 400 invalidCount, or holds.";
        Must errors_are_scim_errors "Errors of pagination are SCIM errors.";
    }
    Rfc9865 "5.2" "Confidentiality" {
        Should forged_cursor_is_detected "A cursor that was changed is 400 invalidCursor.";
        Must cursor_tells_nothing "A cursor shows neither the query nor a value of a resource.";
        Must cursor_needs_credentials "A cursor gives no access by itself.";
    }
}

async fn unknown_cursor_is_invalid(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    page(case, &filter, "bm9uZS1vZi15b3Vycw", "2").await?.error(400, "invalidCursor")?;
    Ok(())
}

async fn other_query_is_invalid(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let first = page(case, &filter, "", "2").await?;
    let cursor = first.string("/nextCursor")?;
    page(case, "userName pr", cursor, "2").await?.error(400, "invalidCursor")?;
    Ok(())
}

async fn negative_count_is_invalid(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let sent = page(case, &filter, "", "-1").await?;
    if sent.code() == 200 {
        ensure!(sent.list()?.is_empty(), "count=-1 returns resources");
        return Ok(());
    }
    sent.error(400, "invalidCount")?;
    Ok(())
}

async fn other_count_is_invalid(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let first = page(case, &filter, "", "2").await?;
    let sent = page(case, &filter, first.string("/nextCursor")?, "1").await?;
    if sent.code() == 200 {
        ensure!(sent.list()?.len() <= 1, "{} users on a page of one", sent.list()?.len());
        return Ok(());
    }
    sent.error(400, "invalidCount")?;
    Ok(())
}

async fn errors_are_scim_errors(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    page(case, &filter, "%%%", "2").await?.refused()?;
    Ok(())
}

async fn forged_cursor_is_detected(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let first = page(case, &filter, "", "2").await?;
    let cursor = first.string("/nextCursor")?;
    let middle = cursor.len() / 2;
    let mut forged: Vec<char> = cursor.chars().collect();
    forged[middle] = if forged[middle] == 'A' { 'B' } else { 'A' };
    let forged: String = forged.into_iter().collect();
    page(case, &filter, &forged, "2").await?.error(400, "invalidCursor")?;
    Ok(())
}

async fn cursor_tells_nothing(case: &Case<'_>) -> Verdict {
    let (filter, made) = five(case).await?;
    let first = page(case, &filter, "", "2").await?;
    let cursor = first.string("/nextCursor")?;
    ensure!(made.iter().all(|user| !cursor.contains(&user.name)), "the cursor {cursor:?} holds a userName");
    Ok(())
}

async fn cursor_needs_credentials(case: &Case<'_>) -> Verdict {
    let (filter, _) = five(case).await?;
    let first = page(case, &filter, "", "2").await?;
    let path = format!("{}?cursor={}&count=2", case.users(), first.string("/nextCursor")?);
    let headers = [("authorization", None)];
    case.send_with(crate::recording::Method::Get, &path, None, &headers).await?.status(401)?;
    Ok(())
}
