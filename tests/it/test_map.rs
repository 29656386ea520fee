//! `tests/README.md` names tests; each of them exists.

use std::path::Path;

#[test]
fn every_test_that_is_named_exists() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let readme = std::fs::read_to_string(tests.join("README.md")).unwrap();
    let rows = readme.lines().filter(|line| line.starts_with("| "));
    let named: Vec<&str> =
        rows.filter_map(|row| row.split(" | ").nth(1)).flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(named.len() > 40, "{named:?}");
    for name in named {
        assert!(exists(&tests.join("it"), name), "{name}");
    }
}

/// Whether a module of that path is there, or a function in the module that the path's beginning names.
fn exists(root: &Path, name: &str) -> bool {
    let text = |path: &str| {
        let path = path.replace("::", "/");
        let candidates = [root.join(format!("{path}.rs")), root.join(path).join("mod.rs")];
        candidates.iter().find_map(|file| std::fs::read_to_string(file).ok())
    };
    let Some((module, test)) = name.rsplit_once("::") else { return text(name).is_some() };
    text(name).is_some() || text(module).is_some_and(|text| text.contains(&format!("fn {test}(")))
}
