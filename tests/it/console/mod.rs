//! `/console`: what administrators see, over HTTP and in a real browser.

mod administration;
mod browser;
mod by_hand;
mod credentials;
mod forms;
mod hostile;
mod invitations;
mod journey;
mod log;
mod looks;
mod mails;
mod people;
mod refused;
mod rules;
mod schemas;
mod settings;
mod tenants;
mod visitor;
