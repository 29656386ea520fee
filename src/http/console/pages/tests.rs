//! What holds for every page, whatever it shows.

use super::samples::{HOSTILE, all};

/// The tags of a page, with their attributes.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag).collect()
}

#[test]
fn hostile_names_are_text_on_every_page() {
    for twist in HOSTILE {
        for ((name, plain), (_, twisted)) in all("").iter().zip(all(twist)) {
            let scripts = |html: &str| html.matches("<script").count();
            assert_eq!(scripts(&twisted), scripts(plain), "{name}: {twist}");
            for tag in tags(&twisted) {
                let attributes = tag.split('"').step_by(2).collect::<String>();
                assert!(!attributes.contains("onmouseover") && !attributes.contains("onerror"), "{name}: {tag}");
            }
        }
    }
}

#[test]
fn no_page_needs_what_the_policy_forbids() {
    for (name, html) in all("") {
        for tag in tags(&html) {
            assert!(!tag.contains(" style=") && !tag.starts_with("style"), "{name}: {tag}");
            assert!(!tag.contains(" on") || tag.contains("name="), "{name}: {tag}");
            assert!(!tag.starts_with("script") || tag.contains("src=\"/console/assets/"), "{name}: {tag}");
            assert!(!tag.contains("http://") && !tag.contains("\"//"), "{name}: {tag}");
        }
    }
}

#[test]
fn every_form_that_changes_something_carries_the_sessions_mark() {
    for (name, html) in all("") {
        for form in html.split("<form").skip(1).filter_map(|rest| rest.split_once("</form>")).map(|(form, _)| form) {
            let open = ["/console/sign-in\"", "/console/set-up/", "/console/theme\""];
            let needs_none = !form.contains("method=\"post\"") || open.iter().any(|path| form.contains(path));
            assert!(needs_none || form.contains("name=\"csrf\" value=\"c"), "{name}: {form}");
        }
    }
}

#[test]
fn ids_are_unique_and_labels_lead_somewhere() {
    for (name, html) in all("") {
        let values = |attribute: &str| -> Vec<String> {
            let mark = format!(" {attribute}=\"");
            html.split(&mark).skip(1).filter_map(|rest| rest.split_once('"')).map(|(id, _)| id.to_owned()).collect()
        };
        let mut ids = values("id");
        ids.sort();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}");
        for attribute in ["for", "aria-labelledby", "aria-describedby", "popovertarget"] {
            for id in values(attribute).iter().flat_map(|value| value.split(' ')) {
                assert!(ids.iter().any(|known| known == id), "{name}: {attribute} {id}");
            }
        }
    }
}
