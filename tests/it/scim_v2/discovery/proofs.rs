//! What each characteristic of RFC 7643, section 7, promises, tried on every attribute that has it.

use serde_json::{Map, Value, json};

use super::attribute::Attribute;
use super::walk::Walk;

impl Walk<'_> {
    /// Types: what has the type comes back, what has not is refused (RFC 7643, section 2.3).
    pub async fn types(&self) {
        for attribute in self.attributes.iter().filter(|one| one.is_writable()) {
            let path = attribute.path();
            let wrong = match attribute.is("type") {
                "string" | "reference" => json!({ "no": "text" }),
                "boolean" => json!("maybe"),
                "integer" | "decimal" => json!("many"),
                "dateTime" => json!("yesterday"),
                "binary" => json!("*"),
                _ => json!(5),
            };
            let mut body = self.least();
            attribute.put(&mut body, wrong.clone());
            let answer = self.scim.post(&self.endpoint, body).await;
            self.hold(answer.status == 400, || format!("{path}: a wrong {wrong} is answered {}", answer.status));
        }
        let body = self.most();
        let created = self.scim.post(&self.endpoint, body.clone()).await.expect(201).json();
        for attribute in self.attributes.iter().filter(|one| one.is_writable() && one.is("returned") == "default") {
            let (sent, shown) = (attribute.values(&body), attribute.values(&created));
            let is_part = |sent: &Value, shown: &Value| match sent {
                Value::Object(sent) => sent.iter().all(|(name, value)| &shown[name] == value),
                sent => sent == shown,
            };
            let same = sent.len() == shown.len() && sent.iter().zip(&shown).all(|(sent, shown)| is_part(sent, shown));
            // What the server works out replaces what was sent.
            self.hold(same || sent.is_empty(), || format!("{}: sent {sent:?}, shown {shown:?}", attribute.path()));
        }
        self.multi_valued(&created).await;
    }

    /// Several values come back in an array, one does not; and nothing comes back that is not advertised.
    async fn multi_valued(&self, created: &Value) {
        let known = |extension: Option<&str>, name: &str, sub: Option<&str>| {
            self.attributes.iter().any(|one| {
                let (top, own) = (one.top()["name"] == name, one.parent.as_ref().map(|_| one.name()));
                one.extension.as_deref() == extension && top && own == sub
            })
        };
        let check = |extension: Option<&str>, values: &Map<String, Value>| {
            for (name, value) in values {
                let own = self
                    .attributes
                    .iter()
                    .find(|one| one.parent.is_none() && one.name() == name && one.extension.as_deref() == extension);
                let Some(own) = own else {
                    self.hold(false, || format!("{name} is shown and not advertised"));
                    continue;
                };
                self.hold(own.has("multiValued") == value.is_array(), || format!("{name}: {value}"));
                let elements = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                for sub in elements.iter().filter_map(Value::as_object).flat_map(Map::keys) {
                    self.hold(known(extension, name, Some(sub)), || {
                        format!("{name}.{sub} is shown and not advertised")
                    });
                }
            }
        };
        let mut own = created.as_object().unwrap().clone();
        for common in ["schemas", "id", "externalId", "meta"] {
            own.remove(common);
        }
        for urn in &self.schemas[1..] {
            if let Some(Value::Object(values)) = own.remove(urn) {
                check(Some(urn), &values);
            }
        }
        check(None, &own);
    }

    /// mutability (RFC 7643, section 7): what clients may not write stays as it is.
    pub async fn mutability(&self) {
        let whole = self.whole().await;
        let url = self.url(&whole);
        for attribute in &self.attributes {
            let path = attribute.path();
            match attribute.is("mutability") {
                "readOnly" => {
                    let forged = match attribute.is("type") {
                        "complex" => json!({ "value": "forged", "display": "forged" }),
                        _ => json!("forged"),
                    };
                    let mut body = self.most();
                    attribute.put(&mut body, forged.clone());
                    let shows = |shown: &Value| shown.to_string().contains("forged");
                    let created = self.scim.post(&self.endpoint, body.clone()).await;
                    // Members are nothing without a value; all else is ignored.
                    if created.status != 201 || shows(&created.json()) {
                        self.hold(path.starts_with("members."), || format!("{path}: POST {}", created.text));
                    }
                    let replaced = self.scim.put(&url, body).await;
                    self.hold(replaced.status != 200 || !shows(&replaced.json()), || {
                        format!("{path}: PUT {}", replaced.text)
                    });
                    let patch = json!({"Operations": [{"op": "add", "path": path, "value": forged}]});
                    self.changes_nothing(&url, attribute, patch).await;
                }
                "immutable" => {
                    let other = self.scim.create_user(&format!("other {}", self.number())).await;
                    let within = format!(
                        "{}[value eq \"{}\"].{}",
                        attribute.top()["name"].as_str().unwrap(),
                        self.member,
                        attribute.name()
                    );
                    let value = if attribute.name() == "value" { other } else { "https://a.example/x".into() };
                    let patch = json!({"Operations": [{"op": "replace", "path": within, "value": value}]});
                    self.changes_nothing(&url, attribute, patch).await;
                }
                "writeOnly" => {
                    self.hold(attribute.is("returned") == "never", || {
                        format!("{path} can be written only, and is returned")
                    });
                    let patch =
                        json!({"Operations": [{"op": "replace", "path": path, "value": self.sample(&attribute.own)}]});
                    let patched = self.scim.patch(&url, patch).await;
                    self.hold(patched.status == 200, || format!("{path}: PATCH {}", patched.text));
                    self.hold(self.count(&format!("{path} pr")).await.is_err(), || {
                        format!("{path} can be read by filters")
                    });
                }
                "readWrite"
                    if attribute.is_writable() && attribute.is("type") != "complex" && attribute.parent.is_none() =>
                {
                    let value = self.sample(&attribute.own);
                    let patch = json!({"Operations": [{"op": "replace", "path": path, "value": value}]});
                    let patched = self.scim.patch(&url, patch).await.expect(200).json();
                    self.hold(attribute.values(&patched).contains(&value), || format!("{path}: {value} was not kept"));
                }
                "readWrite" => {}
                other => self.hold(false, || format!("{path}: {other} is no mutability")),
            }
        }
    }

    /// A PATCH of what clients may not change is refused for that reason, or changes nothing.
    async fn changes_nothing(&self, url: &str, attribute: &Attribute, patch: Value) {
        let path = attribute.path();
        let values = async || {
            let shown = self.scim.get(&format!("{url}?attributes={path},meta.version")).await.expect(200).json();
            (attribute.values(&shown), shown["meta"]["version"].clone())
        };
        let before = values().await;
        let patched = self.scim.patch(url, patch).await;
        let is_refused = patched.status == 400 && patched.json()["scimType"] == "mutability";
        let after = values().await;
        self.hold(before == after && (is_refused || patched.status == 200), || {
            format!("{path}: PATCH {} {}, {before:?} became {after:?}", patched.status, patched.text)
        });
    }

    /// returned (RFC 7643, section 7).
    pub async fn returned(&self) {
        let url = self.url(&self.whole().await);
        let all = self.scim.get(&url).await.json();
        for attribute in &self.attributes {
            let path = attribute.path();
            let asked = self.shows(&url, &format!("attributes={path}"), attribute).await;
            // The server need not have a value for what it alone sets.
            if !asked && !attribute.is_writable() && attribute.is("returned") != "always" {
                continue;
            }
            let plain = !attribute.values(&all).is_empty();
            let without = self.shows(&url, &format!("excludedAttributes={path}"), attribute).await;
            let other = self.shows(&url, "attributes=meta", attribute).await;
            let seen = (plain, asked, without, other);
            let expected = match attribute.is("returned") {
                "always" => (true, true, true, true),
                "default" => (true, true, false, false),
                "request" => (false, true, false, false),
                _ => (false, false, false, false),
            };
            self.hold(seen == expected, || {
                format!("{path} is {}: (plain, asked for, left out, others) {seen:?}", attribute.is("returned"))
            });
        }
    }

    /// caseExact, told by filters.
    pub async fn case_exact(&self) {
        let url = self.url(&self.whole().await);
        let text = |one: &&Attribute| {
            ["string", "reference", "binary"].contains(&one.is("type")) && one.is("returned") != "never"
        };
        for attribute in self.attributes.iter().filter(text) {
            let path = attribute.path();
            let shown = self.scim.get(&format!("{url}?attributes={path}")).await.json();
            let Some(value) = attribute.values(&shown).into_iter().find_map(|value| value.as_str().map(str::to_owned))
            else {
                continue;
            };
            let turned: String = value
                .chars()
                .map(|c| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
                .collect();
            let (same, other) = (
                self.count(&format!("{path} eq \"{value}\"")).await,
                self.count(&format!("{path} eq \"{turned}\"")).await,
            );
            self.hold(same.as_ref().is_ok_and(|count| *count > 0), || format!("{path} eq \"{value}\": {same:?}"));
            // Without a letter there is no case.
            if turned != value {
                let exact = other == Ok(0);
                self.hold(exact == attribute.has("caseExact"), || format!("{path} eq \"{turned}\": {other:?}"));
            }
        }
    }

    /// uniqueness: whether a second one may have the value.
    pub async fn uniqueness(&self) {
        for attribute in
            self.attributes.iter().filter(|one| one.is_writable() && one.is("type") == "string" && one.parent.is_none())
        {
            let value = self.sample(&attribute.own);
            let body = || {
                let mut body = self.least();
                attribute.put(&mut body, value.clone());
                body
            };
            self.scim.post(&self.endpoint, body()).await.expect(201);
            let second = self.scim.post(&self.endpoint, body()).await;
            let expected = if attribute.is("uniqueness") == "none" { 201 } else { 409 };
            self.hold(second.status == expected, || {
                format!(
                    "{} has the uniqueness {} and answers {}",
                    attribute.path(),
                    attribute.is("uniqueness"),
                    second.text
                )
            });
            self.hold(second.status != 409 || second.text.contains(attribute.name()), || second.text.clone());
        }
    }

    /// required: nothing is created without, and nothing comes to be without.
    pub async fn required(&self) {
        let whole = self.whole().await;
        let url = self.url(&whole);
        for attribute in self.attributes.iter().filter(|one| one.parent.is_none() && one.is_writable()) {
            let (path, expected) = (attribute.path(), if attribute.has("required") { 400 } else { 201 });
            let mut body = self.least();
            if attribute.extension.is_none() {
                body.as_object_mut().unwrap().remove(attribute.name());
            }
            let answer = self.scim.post(&self.endpoint, body.clone()).await;
            self.hold(answer.status == expected, || format!("{path}: POST without it answers {}", answer.status));
            let answer = self.scim.put(&url, body).await;
            self.hold((answer.status == 400) == attribute.has("required"), || {
                format!("{path}: PUT without it answers {}", answer.status)
            });
            let remove = json!({"Operations": [{"op": "remove", "path": path}]});
            let answer = self.scim.patch(&url, remove).await;
            self.hold((answer.status == 400) == attribute.has("required"), || {
                format!("{path}: its removal answers {}", answer.text)
            });
        }
    }

    /// canonicalValues: each is taken as it is, and found.
    pub async fn canonical_values(&self) {
        for attribute in self.attributes.iter().filter(|one| one.is("mutability") == "readWrite" && one.is_writable()) {
            for value in attribute.own["canonicalValues"].as_array().into_iter().flatten() {
                let mut body = self.least();
                attribute.put(&mut body, value.clone());
                let created = self.scim.post(&self.endpoint, body).await.expect(201).json();
                let path = attribute.path();
                self.hold(attribute.values(&created) == [value.clone()], || {
                    format!("{path}: {value} became {created}")
                });
                let filter = format!("{path} eq {value} and id eq {}", created["id"]);
                self.hold(self.count(&filter).await == Ok(1), || filter.clone());
            }
        }
    }
}
