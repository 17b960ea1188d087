//! The roles that tokens give.

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Starts, watches and steers pipelines.
    Client,
    /// Takes leases.
    Worker,
    /// Everything.
    Admin,
}

impl Role {
    /// The role's name, as the tokens file has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Worker => "worker",
            Self::Admin => "admin",
        }
    }
}
