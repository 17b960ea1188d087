//! Who leads: what the services look at before they ask anything of an engine.
//!
//! A coordinator that waits as standby has services and no engine; one that is fenced loses its engine and waits
//! again. The seat says at every moment which of it is the case.

use tokio::sync::watch;

use super::EngineHandle;
use crate::tracker::Trouble;

/// What this coordinator is at the moment.
#[derive(Clone)]
pub enum Role {
    /// It leads.
    Leading(EngineHandle),
    /// Another one leads, or nobody does yet.
    Standby {
        /// The leader's advertised address, where it is known.
        leader: Option<String>,
    },
    /// It cannot lead, and does not know who does: the tracker cannot be used.
    Barred(Trouble),
}

/// The refusal of a coordinator that does not lead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this coordinator is a standby; {}", self.advice())]
pub struct NotLeader {
    /// The leader's advertised address, where it is known.
    pub leader: Option<String>,
    /// What keeps this coordinator from leading, where that is not another one.
    pub trouble: Option<Trouble>,
}

impl NotLeader {
    fn advice(&self) -> String {
        match (&self.leader, &self.trouble) {
            (Some(leader), _) => format!("ask the leader at {leader}"),
            (None, Some(trouble)) => format!("it cannot lead: {trouble}"),
            (None, None) => "no leader is known yet".to_owned(),
        }
    }
}

/// See the module's documentation. Cheap to clone.
#[derive(Clone)]
pub struct Seat {
    role: watch::Receiver<Role>,
}

impl Seat {
    /// A seat whose role is told from elsewhere.
    pub fn new(role: watch::Receiver<Role>) -> Self {
        Self { role }
    }

    /// The seat of a coordinator that leads for all its life.
    pub fn leading(engine: EngineHandle) -> Self {
        // Without its sender the channel keeps the last value for ever.
        Self { role: watch::channel(Role::Leading(engine)).1 }
    }

    /// The engine, if this coordinator leads.
    pub fn engine(&self) -> Result<EngineHandle, NotLeader> {
        match &*self.role.borrow() {
            Role::Leading(engine) => Ok(engine.clone()),
            Role::Standby { leader } => Err(NotLeader { leader: leader.clone(), trouble: None }),
            Role::Barred(trouble) => Err(NotLeader { leader: None, trouble: Some(trouble.clone()) }),
        }
    }

    /// Waits for the next change of role. `false` when there will be none.
    pub async fn changed(&mut self) -> bool {
        self.role.changed().await.is_ok()
    }
}
