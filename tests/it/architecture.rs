//! The dependency rule: a module uses only what stands to its left, and each outside world has one door.

use std::fs;
use std::path::{Path, PathBuf};

const LAYERS: [&str; 13] = [
    "scim", "model", "import", "config", "store", "auth", "gateway", "outbound", "app", "tasks", "http", "cli", "main",
];

/// Crates that may be named in one layer alone.
const DOORS: [(&str, &str); 4] =
    [("diesel", "store"), ("actix_web", "http"), ("reqwest", "outbound"), ("lettre", "outbound")];

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The layer of a source file and its code without comments.
fn layers() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    sources(&root)
        .into_iter()
        .filter_map(|path| {
            let inside = path.strip_prefix(&root).unwrap();
            let first = inside.components().next()?.as_os_str().to_str()?.trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            (first != "lib").then_some((first, path, code))
        })
        .collect()
}

#[test]
fn no_module_uses_what_stands_to_its_right() {
    let mut wrong = Vec::new();
    for (layer, path, code) in layers() {
        let place = LAYERS.iter().position(|name| *name == layer);
        let Some(place) = place else {
            wrong.push(format!("{}: the layer {layer} is not in the list", path.display()));
            continue;
        };
        for right in &LAYERS[place + 1..] {
            if code.contains(&format!("crate::{right}::")) || code.contains(&format!("crate::{right};")) {
                wrong.push(format!("{}: {layer} may not use {right}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_outside_world_has_one_door() {
    let mut wrong = Vec::new();
    for (layer, path, code) in layers() {
        for (name, door) in DOORS {
            let named = code.contains(&format!("{name}::")) || code.contains(&format!("use {name}"));
            if named && layer != door {
                wrong.push(format!("{}: only {door} may name {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
