//! RFC 7643 sections 5 and 6: the service provider's configuration and the resource types as documents.

use serde_json::Value;

use crate::check::{Case, Reply, Stop, USER, Verdict, ensure, fail, sections, skip};

sections! {
    Rfc7643 "5" "Service Provider Configuration Schema" {
        Must config_has_its_schema "The configuration carries its schema.";
        Must patch_is_told "patch.supported is a boolean.";
        Must bulk_is_told "bulk.supported is a boolean.";
        Must bulk_limits_are_integers "bulk.maxOperations and bulk.maxPayloadSize are integers.";
        Must filter_is_told "filter.supported is a boolean.";
        Must filter_limit_is_an_integer "filter.maxResults is an integer.";
        Must change_password_is_told "changePassword.supported is a boolean.";
        Must sort_is_told "sort.supported is a boolean.";
        Must etag_is_told "etag.supported is a boolean.";
        Must schemes_are_told "authenticationSchemes lists the schemes, each with type, name and description.";
        Must scheme_types_are_known "A scheme's type is one of oauth, oauth2, oauthbearertoken, httpbasic, httpdigest.";
        Must documentation_is_a_uri "documentationUri, if it is there, is an HTTP URL.";
    }
    Rfc7643 "6" "ResourceType Schema" {
        Must types_have_their_schema "A resource type carries its schema.";
        Must types_have_a_name "A resource type has a name.";
        Must types_have_an_endpoint "A resource type has an endpoint relative to the base URL.";
        Must types_have_a_schema "A resource type names its base schema.";
        Must schema_is_served "The base schema is the id of a schema that is served.";
        Must extensions_are_served "An extension's schema is the id of a schema that is served.";
        Must extensions_say_if_required "An extension says whether it is required.";
        Must endpoints_answer "Each endpoint of a resource type answers.";
        Must names_are_those_of_meta "A resource type's name is meta.resourceType of its resources.";
    }
    Rfc7643 "8.5" "Service Provider Configuration Representation" {
        Should config_has_meta "The configuration has meta with its type and location.";
    }
    Rfc7643 "8.6" "Resource Type Representation" {
        Should types_have_meta "A resource type has meta with its type and location.";
    }
}

async fn config(case: &Case<'_>) -> Result<Reply, Stop> {
    case.read("/ServiceProviderConfig").await
}

async fn config_has_its_schema(case: &Case<'_>) -> Verdict {
    let config = config(case).await?;
    let urn = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
    ensure!(config.items("/schemas")?.iter().any(|schema| schema == urn), "schemas does not hold {urn}");
    Ok(())
}

async fn patch_is_told(case: &Case<'_>) -> Verdict {
    config(case).await?.boolean("/patch/supported").map(drop)
}

async fn bulk_is_told(case: &Case<'_>) -> Verdict {
    config(case).await?.boolean("/bulk/supported").map(drop)
}

async fn bulk_limits_are_integers(case: &Case<'_>) -> Verdict {
    let config = config(case).await?;
    config.integer("/bulk/maxOperations")?;
    config.integer("/bulk/maxPayloadSize").map(drop)
}

async fn filter_is_told(case: &Case<'_>) -> Verdict {
    config(case).await?.boolean("/filter/supported").map(drop)
}

async fn filter_limit_is_an_integer(case: &Case<'_>) -> Verdict {
    config(case).await?.integer("/filter/maxResults").map(drop)
}

async fn change_password_is_told(case: &Case<'_>) -> Verdict {
    config(case).await?.boolean("/changePassword/supported").map(drop)
}

async fn sort_is_told(case: &Case<'_>) -> Verdict {
    config(case).await?.boolean("/sort/supported").map(drop)
}

async fn etag_is_told(case: &Case<'_>) -> Verdict {
    config(case).await?.boolean("/etag/supported").map(drop)
}

async fn schemes_are_told(case: &Case<'_>) -> Verdict {
    let config = config(case).await?;
    config.at("/authenticationSchemes")?;
    for number in 0..config.items("/authenticationSchemes")?.len() {
        for key in ["type", "name", "description"] {
            config.string(&format!("/authenticationSchemes/{number}/{key}"))?;
        }
    }
    Ok(())
}

async fn scheme_types_are_known(case: &Case<'_>) -> Verdict {
    const KNOWN: [&str; 5] = ["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"];
    let config = config(case).await?;
    config.at("/authenticationSchemes")?;
    for scheme in config.items("/authenticationSchemes")? {
        let known = scheme["type"].as_str().is_some_and(|kind| KNOWN.contains(&kind));
        ensure!(known, "the type of a scheme is {}, not one of {KNOWN:?}", scheme["type"]);
    }
    Ok(())
}

async fn documentation_is_a_uri(case: &Case<'_>) -> Verdict {
    let config = config(case).await?;
    if config.find("/documentationUri")?.is_some() {
        let uri = config.string("/documentationUri")?;
        ensure!(uri.starts_with("http"), "documentationUri is {uri:?}");
    }
    Ok(())
}

/// The resource types, of which there has to be at least one.
async fn types(case: &Case<'_>) -> Result<Vec<Value>, Stop> {
    let types = case.read("/ResourceTypes").await?.list()?.to_vec();
    if types.is_empty() { fail("/ResourceTypes lists no resource type") } else { Ok(types) }
}

async fn types_have_their_schema(case: &Case<'_>) -> Verdict {
    let urn = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
    for kind in types(case).await? {
        let held = kind["schemas"].as_array().is_some_and(|schemas| schemas.iter().any(|schema| schema == urn));
        ensure!(held, "the resource type {} does not carry {urn}", kind["name"]);
    }
    Ok(())
}

async fn types_have_a_name(case: &Case<'_>) -> Verdict {
    for kind in types(case).await? {
        ensure!(kind["name"].as_str().is_some_and(|name| !name.is_empty()), "a resource type has no name: {kind}");
    }
    Ok(())
}

async fn types_have_an_endpoint(case: &Case<'_>) -> Verdict {
    for kind in types(case).await? {
        let relative =
            kind["endpoint"].as_str().is_some_and(|endpoint| !endpoint.is_empty() && !endpoint.contains("://"));
        ensure!(relative, "the endpoint of {} is {}", kind["name"], kind["endpoint"]);
    }
    Ok(())
}

async fn types_have_a_schema(case: &Case<'_>) -> Verdict {
    for kind in types(case).await? {
        let urn = kind["schema"].as_str().is_some_and(|schema| schema.contains(':'));
        ensure!(urn, "the schema of {} is {}", kind["name"], kind["schema"]);
    }
    Ok(())
}

async fn schema_is_served(case: &Case<'_>) -> Verdict {
    for kind in types(case).await? {
        let schema = kind["schema"].as_str().unwrap_or_default();
        case.read(&format!("/Schemas/{schema}")).await?.has("/id", schema)?;
    }
    Ok(())
}

async fn extensions(case: &Case<'_>) -> Result<Vec<Value>, Stop> {
    let all = types(case).await?;
    let extensions: Vec<_> =
        all.iter().filter_map(|kind| kind["schemaExtensions"].as_array()).flatten().cloned().collect();
    if extensions.is_empty() { skip("no resource type has extensions") } else { Ok(extensions) }
}

async fn extensions_are_served(case: &Case<'_>) -> Verdict {
    for extension in extensions(case).await? {
        let schema = extension["schema"].as_str().unwrap_or_default();
        case.read(&format!("/Schemas/{schema}")).await?.has("/id", schema)?;
    }
    Ok(())
}

async fn extensions_say_if_required(case: &Case<'_>) -> Verdict {
    for extension in extensions(case).await? {
        ensure!(
            extension["required"].is_boolean(),
            "the extension {} does not say whether it is required",
            extension["schema"]
        );
    }
    Ok(())
}

async fn endpoints_answer(case: &Case<'_>) -> Verdict {
    for kind in types(case).await? {
        let endpoint = kind["endpoint"].as_str().unwrap_or_default().trim_matches('/');
        case.get(&format!("/{endpoint}?count=1")).await?.list()?;
    }
    Ok(())
}

async fn names_are_those_of_meta(case: &Case<'_>) -> Verdict {
    let Some(kind) = case.facts.resource_type(USER) else { return skip("/ResourceTypes does not list users") };
    let user = case.user().await?;
    user.reply.has("/meta/resourceType", kind["name"].clone())?;
    Ok(())
}

async fn config_has_meta(case: &Case<'_>) -> Verdict {
    let config = config(case).await?;
    config.has("/meta/resourceType", "ServiceProviderConfig")?;
    let location = config.string("/meta/location")?;
    ensure!(location.ends_with("/ServiceProviderConfig"), "meta.location is {location:?}");
    Ok(())
}

async fn types_have_meta(case: &Case<'_>) -> Verdict {
    for kind in types(case).await? {
        let meta = &kind["meta"];
        ensure!(
            meta["resourceType"] == "ResourceType",
            "meta.resourceType of {} is {}",
            kind["name"],
            meta["resourceType"]
        );
        let location = meta["location"].as_str().unwrap_or_default();
        ensure!(location.contains("/ResourceTypes/"), "meta.location of {} is {location:?}", kind["name"]);
    }
    Ok(())
}
