//! A real browser: Debian's chromium behind its chromedriver, looked at through WebDriver.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::Method;
use serde_json::{Value, json};

use super::visitor::Visitor;

const PATIENCE: Duration = Duration::from_secs(20);
const AXE: &str = include_str!("../../vendor/axe-core-4.14.1.min.js");

/// A browser window.
pub struct Browser {
    pub client: Client,
    driver: Child,
}

/// A command of chromedriver's own.
#[derive(Debug)]
struct Own {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// Whether the programs are there. Without them the tests are left out, unless `SCIMGATE_REQUIRE_BROWSER` is set.
pub fn is_there() -> bool {
    let runs = |program| Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = runs("chromedriver").is_ok() && runs("chromium").is_ok();
    let required = std::env::var_os("SCIMGATE_REQUIRE_BROWSER").is_some();
    assert!(found || !required, "SCIMGATE_REQUIRE_BROWSER is set, and chromium or chromedriver is not installed");
    if !found {
        eprintln!("\n!! LEFT OUT: no browser. Install chromium and chromium-driver to test the console in one.\n");
    }
    found
}

impl Browser {
    /// A fresh window.
    pub async fn open() -> Self {
        let mut driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, rest) = line.split_once("started successfully on port ")?;
            rest.trim_end_matches('.').parse::<u16>().ok()
        });
        let arguments =
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1"];
        let capabilities = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let url = format!("http://127.0.0.1:{}", port.unwrap());
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities.as_object().cloned().unwrap()).connect(&url).await.unwrap();
        client.set_window_size(1280, 900).await.unwrap();
        Self { client, driver }
    }

    /// Ends the window.
    pub async fn close(mut self) {
        self.client.clone().close().await.unwrap();
        self.driver.kill().ok();
        self.driver.wait().ok();
    }

    /// Takes the session of somebody who has signed in.
    pub async fn sign_in(&self, visitor: &Visitor) {
        self.goto(&format!("{}/console/sign-in", visitor.origin)).await;
        let (name, value) = visitor.cookie.split_once('=').unwrap();
        let cookie =
            json!({ "name": name, "value": value, "url": visitor.origin, "httpOnly": true, "sameSite": "Strict" });
        self.cdp("Network.setCookie", cookie).await;
    }

    pub async fn goto(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// Waits for an element.
    pub async fn wait(&self, css: &str) -> fantoccini::elements::Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {css}: {error}\n{}", self.page_text().await),
        }
    }

    /// Waits until a text stands on the page.
    pub async fn wait_for_text(&self, text: &str) {
        let started = std::time::Instant::now();
        while !self.page_text().await.contains(text) {
            assert!(started.elapsed() < PATIENCE, "no {text:?} on the page:\n{}", self.page_text().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What stands on the page.
    pub async fn page_text(&self) -> String {
        let text = self.client.execute("return document.body ? document.body.innerText : ''", Vec::new()).await;
        text.map_or_else(|_| String::new(), |text| text.as_str().unwrap_or_default().to_owned())
    }

    pub async fn click(&self, css: &str) {
        self.wait(css).await.click().await.unwrap();
    }

    /// Clicks the link or button that shows that text.
    pub async fn click_on(&self, text: &str) {
        let path = format!(
            "//*[self::a or self::button][normalize-space(.)='{text}' and not(ancestor::*[@popover and not(self::nav)])]"
        );
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&path)).await;
        found.unwrap_or_else(|error| panic!("nothing says {text}: {error}")).click().await.unwrap();
    }

    /// Clicks the button that shows that text in the dialog that is open.
    pub async fn click_in_dialog(&self, text: &str) {
        self.wait(".dialog:popover-open button").await;
        for button in self.client.find_all(Locator::Css(".dialog:popover-open button")).await.unwrap() {
            if button.text().await.unwrap().trim() == text {
                return button.click().await.unwrap();
            }
        }
        panic!("the dialog has no button {text}:\n{}", self.page_text().await);
    }

    /// Whether an element of the page can be seen.
    pub async fn shows(&self, css: &str) -> bool {
        self.wait(css).await.is_displayed().await.unwrap()
    }

    /// Chooses one of a list by what the form sends for it.
    pub async fn choose(&self, css: &str, value: &str) {
        self.wait(css).await.select_by_value(value).await.unwrap();
    }

    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.wait(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Lets a file of that name fall onto what matches, as if it was dragged there from a desktop.
    pub async fn drop_file(&self, css: &str, name: &str, content: &str) {
        let script = "const [css, name, content] = arguments, dataTransfer = new DataTransfer(); \
            dataTransfer.items.add(new File([content], name)); \
            for (const kind of ['dragenter', 'dragover', 'drop']) \
                document.querySelector(css).dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }))";
        self.client.execute(script, vec![css.into(), name.into(), content.into()]).await.unwrap();
    }

    /// The value of a field.
    pub async fn value(&self, css: &str) -> String {
        self.wait(css).await.prop("value").await.unwrap().unwrap_or_default()
    }

    async fn cdp(&self, command: &str, parameters: Value) -> Value {
        let own = Own { path: "goog/cdp/execute", body: json!({ "cmd": command, "params": parameters }) };
        self.client.issue_cmd(own).await.unwrap()
    }

    /// Shows pages as a system with these colours does, on a screen of that width.
    pub async fn look(&self, theme: &str, width: u32, height: u32) {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] });
        self.cdp("Emulation.setEmulatedMedia", features).await;
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.cdp("Emulation.setDeviceMetricsOverride", screen).await;
    }

    /// Takes a picture of the whole page into `target/screenshots`.
    pub async fn picture(&self, name: &str, theme: &str, width: u32) {
        let script = "return [document.documentElement.scrollHeight, document.documentElement.scrollWidth]";
        let size = self.client.execute(script, Vec::new()).await.unwrap();
        let (high, wide) = (size[0].as_u64().unwrap() as u32, size[1].as_u64().unwrap() as u32);
        assert!(wide <= width, "{name} is {wide} wide on a screen of {width}");
        self.look(theme, width, high.clamp(800, 4_000)).await;
        let picture = self.cdp("Page.captureScreenshot", json!({ "format": "png" })).await;
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let bytes = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}-{theme}-{width}.png")), bytes).unwrap();
    }

    /// What axe finds wrong with the page that is serious or worse.
    pub async fn serious_findings(&self) -> Vec<String> {
        self.cdp("Runtime.evaluate", json!({ "expression": AXE })).await;
        let script = "const done = arguments[arguments.length - 1]; \
            axe.run(document, { resultTypes: ['violations'] }).then((found) => done(found.violations \
                .filter((one) => ['serious', 'critical'].includes(one.impact)) \
                .map((one) => one.id + ': ' + one.nodes.map((node) => node.html).join(' | '))))";
        let found = self.client.execute_async(script, Vec::new()).await.unwrap();
        found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    }

    /// What the browser complained of since it was last asked: scripts that failed, things that the policy forbade.
    pub async fn complaints(&self) -> Vec<String> {
        let own = Own { path: "se/log", body: json!({ "type": "browser" }) };
        let log = self.client.issue_cmd(own).await.unwrap();
        let severe = log.as_array().unwrap().iter().filter(|line| line["level"] == "SEVERE");
        severe.map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }

    /// Whether an alert is open, as a script of somebody else's would open it.
    pub async fn has_alert(&self) -> bool {
        match self.client.get_alert_text().await {
            Ok(_) => true,
            Err(error) => {
                assert!(error.is_no_such_alert(), "{error}");
                false
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.driver.kill().ok();
        self.driver.wait().ok();
    }
}
