//! RFC 7643 sections 2.3 to 2.5: types of values, multi-valued attributes, unassigned values.

use serde_json::{Value, json};

use super::rfc7643_2_attributes::every_attribute;
use crate::check::{Case, ENTERPRISE, Reply, Stop, Verdict, ensure, sections, skip};

sections! {
    Rfc7643 "2.3" "Attribute Data Types" {
        Must types_are_known "An attribute's type is one of those defined here.";
    }
    Rfc7643 "2.3.1" "String" {
        Must strings_keep_unicode "A string is a sequence of any Unicode characters and comes back as it was sent.";
        Must strings_keep_escapes "What JSON has to escape is data like any other.";
        Must string_refuses_object "A value that is no string is no valid value of a string attribute.";
    }
    Rfc7643 "2.3.2" "Boolean" {
        Must booleans_are_literals "Booleans are the JSON literals true and false, not strings.";
        Must boolean_refuses_other_text "Text that is neither true nor false is no boolean.";
        Must false_is_kept "false is a value, not nothing.";
    }
    Rfc7643 "2.3.5" "DateTime" {
        Must date_times_are_complete "A DateTime is an xsd:dateTime with a date and a time.";
    }
    Rfc7643 "2.3.6" "Binary" {
        Must binary_is_base64 "A binary value is base64, and what is not base64 is refused.";
        Must binary_comes_back "A binary value comes back as it was sent.";
    }
    Rfc7643 "2.3.7" "Reference" {
        Must references_lead_to_resources "GET of a reference to a resource returns that resource.";
        Must member_reference_is_a_uri "A $ref is an absolute or relative URI of the target.";
    }
    Rfc7643 "2.3.8" "Complex" {
        Must order_of_sub_attributes_does_not_matter "No order of sub-attributes is required.";
        Must complex_has_no_complex_inside "A complex attribute does not contain complex sub-attributes.";
        Must complex_refuses_a_number "A value that is no object is no valid value of a complex attribute.";
    }
    Rfc7643 "2.4" "Multi-Valued Attributes" {
        Must values_come_back "Every value of a multi-valued attribute comes back.";
        Must primary_only_once "The primary value true appears no more than once.";
        Should no_value_twice "The same (type, value) combination is not returned more than once.";
        Must single_value_is_a_list "A multi-valued attribute is a list even with one value.";
        Must sub_attributes_keep_their_meaning "type, primary and display are kept beside the value.";
    }
    Rfc7643 "2.5" "Unassigned and Null Values" {
        Must null_is_unassigned "null at creation is the same as leaving the attribute out.";
        Must empty_array_is_unassigned "An empty array at creation is the same as leaving the attribute out.";
        Must null_removes_at_put "null in a PUT leaves the attribute unassigned.";
        Must empty_array_removes_at_put "An empty array in a PUT leaves the attribute unassigned.";
        Must unassigned_is_no_match "pr is false for an unassigned attribute.";
    }
}

async fn types_are_known(case: &Case<'_>) -> Verdict {
    const TYPES: [&str; 8] = ["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"];
    every_attribute(case, &mut |path, attribute| {
        let found = &attribute["type"];
        let known = found.as_str().is_some_and(|kind| TYPES.contains(&kind));
        ensure!(known, "{path}: the type is {found}");
        Ok(())
    })
}

async fn strings_keep_unicode(case: &Case<'_>) -> Verdict {
    let text = "Ω é ü 漢字 𐐷 👩\u{200d}🚀 \u{5e9}";
    let user = case.user_with(json!({"displayName": text})).await?;
    case.read(&user.path).await?.has("/displayName", text)?;
    Ok(())
}

async fn strings_keep_escapes(case: &Case<'_>) -> Verdict {
    let text = "quote \" back\\slash / tab\t line\n ' % _ {{x}} <b>";
    let user = case.user_with(json!({"displayName": text})).await?;
    case.read(&user.path).await?.has("/displayName", text)?;
    Ok(())
}

async fn string_refuses_object(case: &Case<'_>) -> Verdict {
    let body = case.user_body(json!({"displayName": {"text": "x"}}));
    case.post(&case.users(), body).await?.error(400, "invalidValue")?;
    Ok(())
}

async fn booleans_are_literals(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    ensure!(user.reply.boolean("/active")?, "active is false after true was sent");
    Ok(())
}

async fn boolean_refuses_other_text(case: &Case<'_>) -> Verdict {
    let body = case.user_body(json!({"active": "perhaps"}));
    case.post(&case.users(), body).await?.error(400, "invalidValue")?;
    Ok(())
}

async fn false_is_kept(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"active": false})).await?;
    ensure!(!case.read(&user.path).await?.boolean("/active")?, "active is true after false was sent");
    Ok(())
}

/// Whether a text is like `2008-01-23T04:56:22Z`, with a fraction and an offset if they are wanted.
pub(super) fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    let digits = |text: &str, lengths: &[usize], by: char| {
        let parts: Vec<_> = text.split(by).collect();
        parts.len() == lengths.len()
            && parts
                .iter()
                .zip(lengths)
                .all(|(part, length)| part.len() == *length && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let zone = zone.is_empty() || zone == "Z" || digits(&zone[1..], &[2, 2], ':');
    digits(date, &[4, 2, 2], '-') && digits(clock, &[2, 2, 2], ':') && fraction && zone
}

async fn date_times_are_complete(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    for pointer in ["/meta/created", "/meta/lastModified"] {
        if user.reply.find(pointer)?.is_some() {
            let text = user.reply.string(pointer)?;
            ensure!(is_date_time(text), "{pointer} is {text:?}, not an xsd:dateTime");
        }
    }
    Ok(())
}

const CERTIFICATE: &str = "MIIBAjCBrAIBAg==";

async fn binary_is_base64(case: &Case<'_>) -> Verdict {
    case.need_attribute("x509Certificates")?;
    let body = case.user_body(json!({"x509Certificates": [{"value": "*** not base64 ***"}]}));
    case.post(&case.users(), body).await?.error(400, "invalidValue")?;
    Ok(())
}

async fn binary_comes_back(case: &Case<'_>) -> Verdict {
    case.need_attribute("x509Certificates")?;
    let user = case.user_with(json!({"x509Certificates": [{"value": CERTIFICATE}]})).await?;
    case.read(&user.path).await?.has("/x509Certificates/0/value", CERTIFICATE)?;
    Ok(())
}

/// The reference of a group's first member; skips where the server gives none.
pub(super) fn reference_of(group: &Reply) -> Result<&str, Stop> {
    match group.at("/members/0")?.get("$ref") {
        None => skip("the server gives members no $ref"),
        Some(_) => group.string("/members/0/$ref"),
    }
}

async fn references_lead_to_resources(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let group = case.group(&[&user]).await?;
    let read = case.read(&group.path).await?;
    let reference = reference_of(&read)?;
    let Some(path) = case.path_of(reference) else {
        return read.wrong(&format!("$ref {reference:?} is no URL of a resource"));
    };
    case.read(&path).await?.has("/id", user.id)?;
    Ok(())
}

async fn member_reference_is_a_uri(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let group = case.group(&[&user]).await?;
    let read = case.read(&group.path).await?;
    let reference = reference_of(&read)?;
    let fits = reference.ends_with(&user.id) && !reference.contains(|c: char| c.is_whitespace() || c == '"');
    ensure!(fits, "$ref {reference:?} is no URI of the user {}", user.id);
    Ok(())
}

async fn order_of_sub_attributes_does_not_matter(case: &Case<'_>) -> Verdict {
    let body = case.user_body(json!({"name": {"familyName": "Last", "honorificPrefix": "Dr.", "givenName": "First"}}));
    let user = case.create(&case.users(), body).await?;
    user.reply.has("/name/givenName", "First")?.has("/name/familyName", "Last")?;
    Ok(())
}

async fn complex_has_no_complex_inside(case: &Case<'_>) -> Verdict {
    every_attribute(case, &mut |path, attribute| {
        for sub in attribute["subAttributes"].as_array().into_iter().flatten() {
            // The schema of schemas describes itself, which takes a second level (RFC 7643, section 8.7.2).
            let itself = path.contains(":core:2.0:Schema:");
            ensure!(
                itself || sub["type"] != "complex",
                "{path}: {} is complex inside a complex attribute",
                sub["name"]
            );
        }
        Ok(())
    })
}

async fn complex_refuses_a_number(case: &Case<'_>) -> Verdict {
    let body = case.user_body(json!({"name": 7}));
    case.post(&case.users(), body).await?.error(400, "invalidValue")?;
    Ok(())
}

fn two_mails(case: &Case) -> (String, String) {
    let name = case.name();
    (format!("{name}@work.example"), format!("{name}@home.example"))
}

async fn values_come_back(case: &Case<'_>) -> Verdict {
    let (work, home) = two_mails(case);
    let user =
        case.user_with(json!({"emails": [{"value": work, "type": "work"}, {"value": home, "type": "home"}]})).await?;
    let read = case.read(&user.path).await?;
    let mut found: Vec<_> = read.items("/emails")?.iter().map(|mail| mail["value"].as_str()).collect();
    found.sort_unstable();
    let mut expected = [Some(work.as_str()), Some(home.as_str())];
    expected.sort_unstable();
    ensure!(found == expected, "expected the e-mail addresses {expected:?}, found {found:?}");
    Ok(())
}

async fn primary_only_once(case: &Case<'_>) -> Verdict {
    let (work, home) = two_mails(case);
    let mails =
        json!([{"value": work, "type": "work", "primary": true}, {"value": home, "type": "home", "primary": true}]);
    let sent = case.post(&case.users(), case.user_body(json!({"emails": mails}))).await?;
    if sent.code() == 201 {
        let primaries = sent.items("/emails")?.iter().filter(|mail| mail["primary"] == true).count();
        ensure!(primaries <= 1, "{primaries} e-mail addresses are primary");
        return Ok(());
    }
    sent.error(400, "invalidValue")?;
    Ok(())
}

async fn no_value_twice(case: &Case<'_>) -> Verdict {
    let (work, _) = two_mails(case);
    let mail = json!({"value": work, "type": "work"});
    let sent = case.post(&case.users(), case.user_body(json!({"emails": [mail, mail]}))).await?;
    if sent.code() == 201 {
        let copies = sent.items("/emails")?.len();
        ensure!(copies == 1, "the same e-mail address of the same type is returned {copies} times");
        return Ok(());
    }
    sent.refused()?;
    Ok(())
}

async fn single_value_is_a_list(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    ensure!(case.read(&user.path).await?.items("/emails")?.len() == 1, "emails is not a list of the one address sent");
    Ok(())
}

async fn sub_attributes_keep_their_meaning(case: &Case<'_>) -> Verdict {
    let (work, _) = two_mails(case);
    let mail = json!({"value": work, "type": "work", "primary": true, "display": "At work"});
    let user = case.user_with(json!({"emails": [mail]})).await?;
    let read = case.read(&user.path).await?;
    read.has("/emails/0/value", work)?.has("/emails/0/type", "work")?.has("/emails/0/primary", true)?;
    read.has("/emails/0/display", "At work")?;
    Ok(())
}

async fn null_is_unassigned(case: &Case<'_>) -> Verdict {
    case.need_attribute("title")?;
    let mut body = case.user_body(json!({}));
    body["title"] = Value::Null;
    body["nickName"] = Value::Null;
    let user = case.create(&case.users(), body).await?;
    case.read(&user.path).await?.lacks("/title")?.lacks("/nickName")?;
    Ok(())
}

async fn empty_array_is_unassigned(case: &Case<'_>) -> Verdict {
    case.need_attribute("phoneNumbers")?;
    let user = case.user_with(json!({"phoneNumbers": []})).await?;
    case.read(&user.path).await?.lacks("/phoneNumbers")?;
    Ok(())
}

async fn null_removes_at_put(case: &Case<'_>) -> Verdict {
    case.need_attribute("title")?;
    let user = case.user_with(json!({"title": "Here"})).await?;
    let mut body = case.user_body(json!({"userName": user.name}));
    body["title"] = Value::Null;
    case.put(&user.path, body).await?.status(200)?;
    case.read(&user.path).await?.lacks("/title")?;
    Ok(())
}

async fn empty_array_removes_at_put(case: &Case<'_>) -> Verdict {
    case.need_attribute("phoneNumbers")?;
    let user = case.user_with(json!({"phoneNumbers": [{"value": "tel:+1-201-555-0123", "type": "work"}]})).await?;
    let body = case.user_body(json!({"userName": user.name, "phoneNumbers": []}));
    case.put(&user.path, body).await?.status(200)?;
    case.read(&user.path).await?.lacks("/phoneNumbers")?;
    Ok(())
}

async fn unassigned_is_no_match(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let user = case.user().await?;
    let filter = format!("userName eq \"{}\" and {ENTERPRISE}:costCenter pr", user.name);
    case.filter(&filter).await?.finds(&[])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_date_time;

    #[test]
    fn tells_date_times_from_other_text() {
        for text in ["2008-01-23T04:56:22Z", "2008-01-23T04:56:22.1234567+01:00", "2008-01-23T04:56:22"] {
            assert!(is_date_time(text), "{text}");
        }
        for text in ["2008-01-23", "2008-01-23 04:56:22Z", "2008-1-23T04:56:22Z", "2008-01-23T04:56Z", "T", "now", ""] {
            assert!(!is_date_time(text), "{text}");
        }
    }
}
