//! What the driver knows while it runs: its settings, the users it created, the groups it made, and its dice.
//!
//! Everything runs on one thread, hence cells and no locks; no borrow is held across an await.

use crate::options::{Options, Watched};
use crate::people::{People, scatter};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// A user that the server has acknowledged: person `n`, under the id the server gave.
#[derive(Clone)]
pub struct User {
    pub n: u64,
    pub id: Box<str>,
}

pub struct Session {
    pub options: Options,
    pub people: People,
    watched: RefCell<Vec<Watched>>,
    users: RefCell<Vec<User>>,
    /// Groups of W7 by their size, so that a second round finds what the first one filled.
    groups: RefCell<BTreeMap<String, String>>,
    next_person: Cell<u64>,
    dice: Cell<u64>,
    answers: Cell<u64>,
}

impl Session {
    pub fn new(options: Options) -> Self {
        Session {
            people: People::new(&options.tag),
            watched: RefCell::new(options.watch.clone()),
            options,
            users: RefCell::default(),
            groups: RefCell::default(),
            next_person: Cell::new(1),
            dice: Cell::new(1),
            answers: Cell::new(0),
        }
    }

    /// Watches `process`, in place of one with the same name.
    pub fn watch(&self, process: Watched) {
        let mut watched = self.watched.borrow_mut();
        watched.retain(|other| other.name != process.name);
        watched.push(process);
    }

    pub fn watched(&self) -> Vec<Watched> {
        self.watched.borrow().clone()
    }

    /// The number of a person whom nobody has created yet.
    pub fn new_person(&self) -> u64 {
        self.next_person.replace(self.next_person.get() + 1)
    }

    /// How many persons have been handed out for creation.
    pub fn persons(&self) -> usize {
        usize::try_from(self.next_person.get() - 1).unwrap_or(usize::MAX)
    }

    pub fn remember(&self, n: u64, id: &str) {
        self.users.borrow_mut().push(User { n, id: id.into() });
    }

    pub fn user_count(&self) -> usize {
        self.users.borrow().len()
    }

    /// The user that was created at place `index`, counted from 0.
    pub fn user(&self, index: usize) -> Option<User> {
        self.users.borrow().get(index).cloned()
    }

    /// Any user; `None` before the first was created.
    pub fn any_user(&self) -> Option<User> {
        self.user(self.roll(self.user_count()))
    }

    /// A number below `sides` that no pattern precedes; 0 for no sides.
    pub fn roll(&self, sides: usize) -> usize {
        self.dice.set(self.dice.get() + 1);
        let drawn = scatter(self.dice.get()) % u64::try_from(sides.max(1)).unwrap_or(1);
        usize::try_from(drawn).unwrap_or(0)
    }

    /// True for the answers that are to be parsed in full.
    pub fn sampled(&self) -> bool {
        self.answers.set(self.answers.get() + 1);
        self.answers.get().is_multiple_of(self.options.sample)
    }

    pub fn group(&self, workload: &str) -> Option<String> {
        self.groups.borrow().get(workload).cloned()
    }

    pub fn remember_group(&self, workload: &str, id: &str) {
        self.groups.borrow_mut().insert(workload.to_owned(), id.to_owned());
    }
}
