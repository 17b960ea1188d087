//! What a caller holds. How it is made is the business of `builder`; its calls are in `pipelines`, `watch`,
//! `admin` and `query`.

use std::fmt;
use std::sync::Arc;

use crate::channel::Channels;

/// A connection to the coordinators of one fleet. Clones are cheap and share it.
#[derive(Clone)]
pub struct Client {
    pub(crate) channels: Arc<Channels>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoints", &self.channels.endpoints()).finish_non_exhaustive()
    }
}
