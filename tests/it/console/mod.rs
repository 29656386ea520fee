//! `/console`: what administrators see, over HTTP and in a real browser.

mod administration;
mod browser;
mod forms;
mod hostile;
mod journey;
mod looks;
mod visitor;
