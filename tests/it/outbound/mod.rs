//! What goes out: mail, over real sockets and into real folders.

mod mail;
