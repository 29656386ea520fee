//! `/console/account`: one's own second factor and password.

use qrcode::{Color, QrCode as Squares};
use secrecy::{ExposeSecret, SecretString};

use super::error::{ConsoleError, sentence};
use super::flash::Flash;
use super::pages::{Account, Authenticator, Here, Notice, QrCode};
use super::{ConsoleAnswer, Visit, reply};
use crate::gateway::{AdminChangeError, TotpError};
use crate::http::error::HttpError;
use crate::store::StoreError;

/// Hands a request to its page.
pub async fn route(visit: &Visit<'_>, path: &[&str]) -> ConsoleAnswer {
    match (path, visit.is_post()) {
        ([], false) => page(visit, Vec::new(), None),
        (["second-factor"], true) => begin(visit).await,
        (["second-factor", "confirm"], true) => confirm(visit).await,
        (["second-factor", "remove"], true) => remove(visit).await,
        (["password"], true) => password(visit).await,
        _ => Err(ConsoleError::NotFound),
    }
}

fn page(visit: &Visit<'_>, codes: Vec<String>, problem: Option<Notice>) -> ConsoleAnswer {
    reply::page(&Account {
        shell: visit.instance_shell("Your account", Here::Elsewhere),
        email: visit.admin.email.clone(),
        has_second_factor: visit.admin.has_totp || !codes.is_empty(),
        codes,
        problem,
    })
}

fn refused(visit: &Visit<'_>, told: &str) -> ConsoleAnswer {
    page(visit, Vec::new(), Some(Notice::problem(sentence(told))))
}

async fn begin(visit: &Visit<'_>) -> ConsoleAnswer {
    let secret = match visit.app.gateway.begin_totp(&visit.admin, visit.app.sealer.as_deref()).await {
        Ok(secret) => secret,
        Err(error) => return failed(visit, error),
    };
    let uri = secret.uri(&visit.admin.email);
    let qr = squares(uri.expose_secret());
    let key = Some(secret.base32().expose_secret().to_owned());
    let shell = visit.instance_shell("Second factor", Here::Elsewhere);
    reply::page(&Authenticator { shell, key, qr, problem: None })
}

async fn confirm(visit: &Visit<'_>) -> ConsoleAnswer {
    let (sealer, origin) = (visit.app.sealer.as_deref(), &visit.caller.origin);
    match visit.app.gateway.confirm_totp(&visit.admin, visit.form.get("code"), sealer, origin).await {
        Ok(codes) => page(visit, codes.iter().map(|code| code.expose_secret().to_owned()).collect(), None),
        Err(error @ TotpError::Code) => {
            let shell = visit.instance_shell("Second factor", Here::Elsewhere);
            let problem = Some(Notice::problem(sentence(&error.to_string())));
            reply::page(&Authenticator { shell, key: None, qr: None, problem })
        }
        Err(error) => failed(visit, error),
    }
}

async fn remove(visit: &Visit<'_>) -> ConsoleAnswer {
    let password = SecretString::from(visit.form.raw("password"));
    let outcome = visit.app.gateway.disable_totp(&visit.admin, &visit.session, password, &visit.caller.origin).await;
    match outcome {
        Ok(()) => reply::done("/console/account", Flash::SecondFactorOff),
        Err(error) => failed(visit, error),
    }
}

fn failed(visit: &Visit<'_>, error: TotpError) -> ConsoleAnswer {
    match error {
        TotpError::Change(error) => not_changed(visit, error),
        error @ TotpError::Seal(_) => Err(HttpError::from(StoreError::internal(error)).into()),
        error => refused(visit, &error.to_string()),
    }
}

async fn password(visit: &Visit<'_>) -> ConsoleAnswer {
    let (present, new) = (visit.form.raw("present"), visit.form.raw("new"));
    let (present, new) = (SecretString::from(present), SecretString::from(new));
    let gateway = &visit.app.gateway;
    match gateway.change_password(&visit.admin, &visit.session, present, new, &visit.caller.origin).await {
        Ok(()) => reply::done("/console/account", Flash::PasswordChanged),
        Err(error) => not_changed(visit, error),
    }
}

fn not_changed(visit: &Visit<'_>, error: AdminChangeError) -> ConsoleAnswer {
    match error {
        AdminChangeError::Store(error) => Err(error.into()),
        error @ AdminChangeError::Password(_) => Err(HttpError::from(StoreError::internal(error)).into()),
        error => refused(visit, &error.to_string()),
    }
}

/// A text as a QR code.
fn squares(text: &str) -> Option<QrCode> {
    let code = Squares::new(text.as_bytes()).ok()?;
    let width = code.width();
    let colors = code.to_colors().into_iter().enumerate();
    let dark = colors.filter(|(_, color)| *color == Color::Dark).map(|(place, _)| (place % width, place / width));
    Some(QrCode { width, dark: dark.collect() })
}
