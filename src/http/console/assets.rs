//! What browsers load beside the pages: embedded in the program, served under names that change with the content.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rust_embed::RustEmbed;

/// The folder of assets.
#[derive(RustEmbed)]
#[folder = "src/http/console/assets"]
struct Folder;

/// Where assets are served.
pub const PREFIX: &str = "/console/assets/";

/// An asset as it is served.
pub struct Asset {
    /// The bytes.
    pub content: Vec<u8>,
    /// The media type.
    pub media_type: &'static str,
    /// The name that it is served under: `console.1f2e3d4c.css`.
    hashed_name: String,
}

static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    let asset = |name: &str| {
        let file = Folder::get(name)?;
        let hash: String = file.metadata.sha256_hash().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let (stem, extension) = name.rsplit_once('.')?;
        let media_type = match extension {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "text/plain; charset=utf-8",
        };
        let hashed_name = format!("{stem}.{hash}.{extension}");
        Some(Asset { content: file.data.into_owned(), media_type, hashed_name })
    };
    Folder::iter().filter_map(|name| Some((name.to_string(), asset(&name)?))).collect()
});

/// The address of the asset with that name.
pub fn url(name: &str) -> String {
    ASSETS.get(name).map_or_else(String::new, |asset| format!("{PREFIX}{}", asset.hashed_name))
}

/// The asset that is served under that name. Names of other versions lead nowhere, so what is answered may be kept for ever.
pub fn find(hashed_name: &str) -> Option<&'static Asset> {
    ASSETS.values().find(|asset| asset.hashed_name == hashed_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_is_found_under_its_address_alone() {
        for name in ["console.css", "console.js", "htmx-4.0.1.min.js", "icon.svg", "htmx-LICENSE.txt"] {
            let url = url(name);
            let hashed = url.strip_prefix(PREFIX).unwrap();
            assert!(!find(hashed).unwrap().content.is_empty(), "{name}");
            assert!(find(name).is_none(), "{name}");
        }
        assert_eq!(url("nothing.css"), "");
    }
}
