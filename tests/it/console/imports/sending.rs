//! How a browser sends a form with a file: part by part, in the order of the fields.

use super::super::visitor::{Shown, Visitor};
use super::IMPORTS;

const BOUNDARY: &str = "a-line-that-no-file-has";

impl Visitor {
    /// Sends a file with the mark of the session.
    pub async fn send_file(&self, fields: &[(&str, &str)], name: &str, file: &[u8]) -> Shown {
        let fields = [&[("csrf", self.csrf.as_str())], fields].concat();
        self.send_parts(&fields, Some((name, file)), &[]).await
    }

    /// Sends these parts, the file behind the fields.
    pub(super) async fn send_parts(
        &self,
        fields: &[(&str, &str)],
        file: Option<(&str, &[u8])>,
        behind: &[(&str, &str)],
    ) -> Shown {
        let field = |(name, value): &(&str, &str)| {
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes()
        };
        let mut body: Vec<u8> = fields.iter().flat_map(field).collect();
        if let Some((name, bytes)) = file {
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
        }
        body.extend(behind.iter().flat_map(field));
        body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
        let request = self.http.post(format!("{}{IMPORTS}", self.origin));
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.send(request.header("content-type", kind).body(body)).await
    }
}
