//! The API as its clients find it: reflection, health, errors for programs, who is let in. A real server on a loopback
//! port for each test.

mod reflection;
mod errors;
mod standby;
mod security;
mod lists;
mod items;
mod descriptors;
mod queries;
