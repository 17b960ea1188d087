//! What both sides must agree on about the pipelines they know: a module for each kind, with the names of its work
//! items, their payloads and their results.
//!
//! The same kind has its other halves where they belong: what a pipeline of it is made of in the coordinator's
//! `kinds`, how its items are done in the worker's `kinds`. A new kind is a module beside this one in each of the
//! three; nothing else knows one kind from another.

pub mod sec_xbrl;
