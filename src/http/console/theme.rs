//! `POST /console/theme`: the colours, kept in a cookie. Open to everybody and without a mark of the session, since it changes
//! nothing but what one browser sees.

use actix_web::cookie::time::Duration;

use super::error::ConsoleError;
use super::pages::Theme;
use super::visit::{self, THEME, form, is_foreign};
use super::{ConsoleAnswer, reply};
use crate::http::frame::Incoming;

/// Keeps the colours and goes back.
pub async fn choose(incoming: &mut Incoming<'_>) -> ConsoleAnswer {
    if is_foreign(incoming.http) {
        return Err(ConsoleError::Stale);
    }
    let form = form(incoming).await?;
    let theme = Theme::parse(form.get("theme"));
    let mut response = reply::see_other(visit::inner(form.get("back")));
    let _ = response.add_cookie(&reply::cookie(THEME, theme.as_str().to_owned(), Duration::days(365)));
    Ok(response)
}
