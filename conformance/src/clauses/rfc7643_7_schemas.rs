//! RFC 7643 sections 7 and 8.7: schemas as documents, and the schemas that the RFC defines.

use serde_json::Value;

use super::rfc7643_2_attributes::every_attribute;
use crate::check::{Case, ENTERPRISE, GROUP, USER, Verdict, ensure, sections, skip};

sections! {
    Rfc7643 "7" "Schema Definition" {
        Must schemas_have_a_uri "A schema's id is its URI.";
        Must schemas_have_a_name "A schema has a name.";
        Must schemas_have_attributes "A schema lists its attributes.";
        Must attributes_have_a_name "Every attribute has a name.";
        Must attributes_have_a_type "Every attribute has a type.";
        Must attributes_say_if_multi_valued "Every attribute says whether it is multiValued.";
        Should complex_has_sub_attributes "An attribute of type complex has subAttributes.";
        Should only_complex_has_sub_attributes "Only attributes of type complex have subAttributes.";
        Must attributes_say_if_required "Every attribute says whether it is required.";
        Must attributes_have_a_description "Every attribute has a description.";
        Must references_name_their_types "A reference says what it may refer to.";
        Must attribute_names_are_unique "No two attributes of one schema have one name, in any case.";
        Must read_only_is_not_modified "A readOnly attribute is not modified by a client.";
        Must required_is_enforced "What the schema says is required cannot be left out.";
        Must case_exact_keeps_case "The case of a value is kept.";
    }
    Rfc7643 "8.7.1" "Resource Schema Representation" {
        Must user_schema_is_that_of_the_rfc "The core schema of users defines userName as the RFC does.";
        Must password_is_write_only "password is writeOnly and never returned.";
        Must groups_attribute_is_read_only "groups is readOnly.";
        Must group_schema_is_that_of_the_rfc "The core schema of groups has displayName and members.";
        Must enterprise_schema_is_that_of_the_rfc "The enterprise extension has its six attributes.";
        Must user_schema_has_its_attributes "The core schema of users has the attributes of the RFC.";
    }
    Rfc7643 "8.7.2" "Service Provider Schema Representation" {
        May service_schemas_are_served "The schemas of the discovery documents are served as they are.";
    }
}

fn schemas<'a>(case: &'a Case<'_>) -> Result<&'a [Value], crate::check::Stop> {
    if case.facts.schemas.is_empty() { skip("/Schemas does not list any schema") } else { Ok(&case.facts.schemas) }
}

async fn schemas_have_a_uri(case: &Case<'_>) -> Verdict {
    for schema in schemas(case)? {
        ensure!(schema["id"].as_str().is_some_and(|id| id.contains(':')), "the id of a schema is {}", schema["id"]);
    }
    Ok(())
}

async fn schemas_have_a_name(case: &Case<'_>) -> Verdict {
    for schema in schemas(case)? {
        ensure!(schema["name"].as_str().is_some_and(|name| !name.is_empty()), "{} has no name", schema["id"]);
    }
    Ok(())
}

async fn schemas_have_attributes(case: &Case<'_>) -> Verdict {
    for schema in schemas(case)? {
        ensure!(schema["attributes"].is_array(), "{} has no list of attributes", schema["id"]);
    }
    Ok(())
}

async fn attributes_have_a_name(case: &Case<'_>) -> Verdict {
    every_attribute(case, &mut |path, attribute| {
        ensure!(attribute["name"].is_string(), "{path} has no name");
        Ok(())
    })
}

async fn attributes_have_a_type(case: &Case<'_>) -> Verdict {
    every_attribute(case, &mut |path, attribute| {
        ensure!(attribute["type"].is_string(), "{path} has no type");
        Ok(())
    })
}

async fn attributes_say_if_multi_valued(case: &Case<'_>) -> Verdict {
    every_attribute(case, &mut |path, attribute| {
        ensure!(attribute["multiValued"].is_boolean(), "{path} does not say whether it is multiValued");
        Ok(())
    })
}

async fn complex_has_sub_attributes(case: &Case<'_>) -> Verdict {
    every_attribute(case, &mut |path, attribute| {
        let inside = attribute["subAttributes"].as_array().is_some_and(|all| !all.is_empty());
        ensure!(attribute["type"] != "complex" || inside, "{path} is complex and has no subAttributes");
        Ok(())
    })
}

async fn only_complex_has_sub_attributes(case: &Case<'_>) -> Verdict {
    every_attribute(case, &mut |path, attribute| {
        let inside = attribute["subAttributes"].as_array().is_some_and(|all| !all.is_empty());
        ensure!(attribute["type"] == "complex" || !inside, "{path} has subAttributes and is not complex");
        Ok(())
    })
}

async fn attributes_say_if_required(case: &Case<'_>) -> Verdict {
    every_attribute(case, &mut |path, attribute| {
        ensure!(attribute["required"].is_boolean(), "{path} does not say whether it is required");
        Ok(())
    })
}

async fn attributes_have_a_description(case: &Case<'_>) -> Verdict {
    every_attribute(case, &mut |path, attribute| {
        ensure!(attribute["description"].is_string(), "{path} has no description");
        Ok(())
    })
}

async fn references_name_their_types(case: &Case<'_>) -> Verdict {
    every_attribute(case, &mut |path, attribute| {
        let told = attribute["referenceTypes"].as_array().is_some_and(|types| !types.is_empty());
        ensure!(attribute["type"] != "reference" || told, "{path} is a reference without referenceTypes");
        Ok(())
    })
}

async fn attribute_names_are_unique(case: &Case<'_>) -> Verdict {
    for schema in schemas(case)? {
        let mut seen = std::collections::BTreeSet::new();
        for attribute in schema["attributes"].as_array().into_iter().flatten() {
            let name = attribute["name"].as_str().unwrap_or_default().to_ascii_lowercase();
            ensure!(seen.insert(name), "{} stands twice in {}", attribute["name"], schema["id"]);
        }
    }
    Ok(())
}

async fn read_only_is_not_modified(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let body = case.user_body(
        serde_json::json!({"userName": user.name, "id": "other", "meta": {"created": "2001-01-01T00:00:00Z"}}),
    );
    case.put(&user.path, body).await?.status_in(&[200, 400])?;
    let read = case.read(&user.path).await?;
    read.has("/id", user.id)?.has("/meta/created", user.reply.string("/meta/created")?)?;
    Ok(())
}

async fn required_is_enforced(case: &Case<'_>) -> Verdict {
    let Some(schema) = case.facts.schema(USER) else { return skip("/Schemas does not list the schema of users") };
    for attribute in schema["attributes"].as_array().into_iter().flatten() {
        let name = attribute["name"].as_str().unwrap_or_default();
        if attribute["required"] == true && attribute["mutability"] != "readOnly" {
            let body = case.user_body(serde_json::json!({name: null}));
            case.post(&case.users(), body).await?.error(400, "invalidValue")?;
        }
    }
    Ok(())
}

async fn case_exact_keeps_case(case: &Case<'_>) -> Verdict {
    let name = format!("{}-MiXeD", case.name());
    let user = case.user_with(serde_json::json!({"userName": name, "externalId": name})).await?;
    case.read(&user.path).await?.has("/userName", name.as_str())?.has("/externalId", name.as_str())?;
    Ok(())
}

/// Expects characteristics of an attribute, if the schema is served.
fn expect(case: &Case<'_>, urn: &str, path: &str, expected: &[(&str, Value)]) -> Verdict {
    if case.facts.schema(urn).is_none() {
        return skip(format!("/Schemas does not list {urn}"));
    }
    let attribute = case.facts.attribute(urn, path);
    ensure!(attribute.is_some(), "{urn} has no attribute {path}");
    for (characteristic, value) in expected {
        let found = attribute.map_or(&Value::Null, |attribute| &attribute[*characteristic]);
        ensure!(found == value, "{urn}:{path}: {characteristic} is {found}, not {value}");
    }
    Ok(())
}

async fn user_schema_is_that_of_the_rfc(case: &Case<'_>) -> Verdict {
    let characteristics = [
        ("type", "string".into()),
        ("multiValued", false.into()),
        ("required", true.into()),
        ("caseExact", false.into()),
        ("uniqueness", "server".into()),
    ];
    expect(case, USER, "userName", &characteristics)
}

async fn password_is_write_only(case: &Case<'_>) -> Verdict {
    case.need_attribute("password")?;
    expect(case, USER, "password", &[("mutability", "writeOnly".into()), ("returned", "never".into())])
}

async fn groups_attribute_is_read_only(case: &Case<'_>) -> Verdict {
    case.need_attribute("groups")?;
    expect(case, USER, "groups", &[("mutability", "readOnly".into()), ("multiValued", true.into())])
}

async fn group_schema_is_that_of_the_rfc(case: &Case<'_>) -> Verdict {
    case.groups()?;
    expect(case, GROUP, "displayName", &[("type", "string".into()), ("multiValued", false.into())])?;
    expect(case, GROUP, "members", &[("type", "complex".into()), ("multiValued", true.into())])?;
    expect(case, GROUP, "members.value", &[("mutability", "immutable".into())])
}

async fn enterprise_schema_is_that_of_the_rfc(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    for name in ["employeeNumber", "costCenter", "organization", "division", "department"] {
        expect(case, ENTERPRISE, name, &[("type", "string".into())])?;
    }
    expect(case, ENTERPRISE, "manager", &[("type", "complex".into())])?;
    expect(case, ENTERPRISE, "manager.displayName", &[("mutability", "readOnly".into())])
}

async fn user_schema_has_its_attributes(case: &Case<'_>) -> Verdict {
    let singular = [
        "displayName",
        "nickName",
        "profileUrl",
        "title",
        "userType",
        "preferredLanguage",
        "locale",
        "timezone",
        "active",
    ];
    for name in singular {
        expect(case, USER, name, &[("multiValued", false.into())])?;
    }
    let several =
        ["emails", "phoneNumbers", "ims", "photos", "addresses", "groups", "entitlements", "roles", "x509Certificates"];
    for name in several {
        expect(case, USER, name, &[("multiValued", true.into()), ("type", "complex".into())])?;
    }
    Ok(())
}

async fn service_schemas_are_served(case: &Case<'_>) -> Verdict {
    let served: Vec<_> = ["ServiceProviderConfig", "ResourceType", "Schema"]
        .into_iter()
        .filter(|name| case.facts.schema(&format!("urn:ietf:params:scim:schemas:core:2.0:{name}")).is_some())
        .collect();
    if served.is_empty() {
        return skip("/Schemas does not list the schemas of the discovery documents");
    }
    for name in served {
        let urn = format!("urn:ietf:params:scim:schemas:core:2.0:{name}");
        case.read(&format!("/Schemas/{urn}")).await?.has("/id", urn)?;
    }
    Ok(())
}
