//! RFC 7643 sections 2.1 and 2.2: names and characteristics of attributes.

use serde_json::{Value, json};

use crate::check::{Case, Verdict, ensure, sections, skip};

sections! {
    Rfc7643 "2.1" "Attributes" {
        Must names_follow_the_grammar "Attribute names in schemas are a letter followed by letters, digits, - or _ (or $ref).";
        Must names_without_case_in_bodies "Attribute names are case insensitive: a body may write them in any case.";
        Must schemas_in_every_resource "SCIM resources specify their schema in the attribute \"schemas\".";
        Must sub_attribute_names_without_case "Names of sub-attributes are case insensitive too.";
    }
    Rfc7643 "2.2" "Attribute Characteristics" {
        Must mutability_is_a_known_word "\"mutability\" is readOnly, readWrite, immutable or writeOnly.";
        Must returned_is_a_known_word "\"returned\" is always, never, default or request.";
        Must uniqueness_is_a_known_word "\"uniqueness\" is none, server or global.";
        Must flags_are_booleans "\"required\", \"multiValued\" and \"caseExact\" are booleans.";
        Must canonical_values_are_a_list_of_strings "\"canonicalValues\" is a list of strings.";
        Must returned_never_is_not_returned "An attribute whose \"returned\" is never is not in any answer.";
        Must returned_always_stays "An attribute whose \"returned\" is always is returned whatever \"attributes\" says.";
        Must write_only_is_never_or_request "A writeOnly attribute is not returned by default.";
    }
}

/// Calls `look` with the path and definition of every attribute that the server's schemas define.
pub(super) fn every_attribute(case: &Case, look: &mut dyn FnMut(&str, &Value) -> Verdict) -> Verdict {
    if case.facts.schemas.is_empty() {
        return skip("/Schemas does not list any schema");
    }
    for schema in &case.facts.schemas {
        let urn = schema["id"].as_str().unwrap_or_default();
        walk(urn, &schema["attributes"], look)?;
    }
    Ok(())
}

fn walk(inside: &str, attributes: &Value, look: &mut dyn FnMut(&str, &Value) -> Verdict) -> Verdict {
    for attribute in attributes.as_array().into_iter().flatten() {
        let path = format!("{inside}:{}", attribute["name"].as_str().unwrap_or("?"));
        look(&path, attribute)?;
        walk(&path, &attribute["subAttributes"], look)?;
    }
    Ok(())
}

async fn names_follow_the_grammar(case: &Case<'_>) -> Verdict {
    every_attribute(case, &mut |path, attribute| {
        let name = attribute["name"].as_str().unwrap_or_default();
        let mut characters = name.chars();
        let plain = characters.next().is_some_and(|first| first.is_ascii_alphabetic())
            && characters.all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        ensure!(plain || name == "$ref", "{path}: {name:?} is not a name of an attribute");
        Ok(())
    })
}

async fn names_without_case_in_bodies(case: &Case<'_>) -> Verdict {
    let name = case.name();
    let body = case.user_body(json!({"userName": null, "USERNAME": name, "active": null, "ACTIVE": true}));
    case.create(&case.users(), body).await?.reply.has("/userName", name)?;
    Ok(())
}

async fn schemas_in_every_resource(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    user.reply.at("/schemas")?;
    case.read(&user.path).await?.at("/schemas")?;
    let list = case.query(&case.users(), &[("count", "5")]).await?;
    for resource in list.list()? {
        let named = resource["schemas"].as_array().is_some_and(|schemas| !schemas.is_empty());
        ensure!(named, "a resource of the list has no schemas");
    }
    Ok(())
}

async fn sub_attribute_names_without_case(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"name": {"GIVENNAME": "Odd", "FamilyName": "Case"}})).await?;
    user.reply.has("/name/givenName", "Odd")?.has("/name/familyName", "Case")?;
    Ok(())
}

fn one_of(case: &Case, characteristic: &str, words: &[&str]) -> Verdict {
    every_attribute(case, &mut |path, attribute| {
        let found = &attribute[characteristic];
        let known = found.is_null() || found.as_str().is_some_and(|word| words.contains(&word));
        ensure!(known, "{path}: {characteristic} is {found}, not one of {words:?}");
        Ok(())
    })
}

async fn mutability_is_a_known_word(case: &Case<'_>) -> Verdict {
    one_of(case, "mutability", &["readOnly", "readWrite", "immutable", "writeOnly"])
}

async fn returned_is_a_known_word(case: &Case<'_>) -> Verdict {
    one_of(case, "returned", &["always", "never", "default", "request"])
}

async fn uniqueness_is_a_known_word(case: &Case<'_>) -> Verdict {
    one_of(case, "uniqueness", &["none", "server", "global"])
}

async fn flags_are_booleans(case: &Case<'_>) -> Verdict {
    every_attribute(case, &mut |path, attribute| {
        for flag in ["required", "multiValued", "caseExact"] {
            let found = &attribute[flag];
            ensure!(found.is_null() || found.is_boolean(), "{path}: {flag} is {found}, not a boolean");
        }
        Ok(())
    })
}

async fn canonical_values_are_a_list_of_strings(case: &Case<'_>) -> Verdict {
    every_attribute(case, &mut |path, attribute| {
        let found = &attribute["canonicalValues"];
        let strings = found.as_array().is_some_and(|values| values.iter().all(Value::is_string));
        ensure!(found.is_null() || strings, "{path}: canonicalValues is {found}, not a list of strings");
        Ok(())
    })
}

async fn returned_never_is_not_returned(case: &Case<'_>) -> Verdict {
    case.need_attribute("password")?;
    let user = case.user_with(json!({"password": "Never-Returned-7!"})).await?;
    user.reply.lacks("/password")?;
    let asked = case.get(&format!("{}?attributes=password,userName", user.path)).await?;
    asked.status(200)?.lacks("/password")?;
    case.read(&user.path).await?.lacks("/password")?;
    Ok(())
}

async fn returned_always_stays(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let asked = case.get(&format!("{}?attributes=active", user.path)).await?;
    asked.status(200)?.has("/id", user.id)?;
    Ok(())
}

async fn write_only_is_never_or_request(case: &Case<'_>) -> Verdict {
    every_attribute(case, &mut |path, attribute| {
        let returned = attribute["returned"].as_str().unwrap_or("default");
        let hidden = attribute["mutability"] != "writeOnly" || ["never", "request"].contains(&returned);
        ensure!(hidden, "{path} is writeOnly, and its returned is {returned}");
        Ok(())
    })
}
