//! Which coordinator to try next. Pure: addresses and counts, no network.
//!
//! All configured ones are tried without a wait between, then there is one; a leader that one of them names is tried
//! before the next.

/// What to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    /// A configured coordinator, by its place.
    Listed(usize),
    /// The leader that one of them named.
    Leader(String),
}

/// When to try the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NextTry {
    /// At once: others have not been asked yet.
    AtOnce,
    /// After a wait: everybody was asked.
    AfterWait,
}

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Rotation {
    count: usize,
    at: usize,
    /// Configured ones tried in vain since the last wait.
    tried: usize,
    leader: Option<String>,
}

impl Rotation {
    /// Over so many configured coordinators.
    pub(super) fn new(count: usize) -> Self {
        Self { count, at: 0, tried: 0, leader: None }
    }

    /// Whom to try.
    pub(super) fn choice(&self) -> Choice {
        match &self.leader {
            Some(leader) => Choice::Leader(leader.clone()),
            None => Choice::Listed(self.at),
        }
    }

    /// Whether there is anybody else to ask.
    pub(super) fn has_others(&self) -> bool {
        self.count > 1 || self.leader.is_some()
    }

    /// The one that was tried does not lead; it may have named who does.
    pub(super) fn refused(&mut self, leader: Option<String>) -> NextTry {
        // Two that name each other must not be believed for ever: a named one that refuses ends the search.
        match (self.leader.take(), leader) {
            (None, Some(leader)) => {
                self.leader = Some(leader);
                NextTry::AtOnce
            }
            _ => self.advance(),
        }
    }

    /// The one that was tried does not answer.
    pub(super) fn failed(&mut self) -> NextTry {
        self.leader = None;
        self.advance()
    }

    /// A stream that had been welcomed has ended. Everybody is asked anew, others first.
    pub(super) fn ended(&mut self) -> NextTry {
        self.leader = None;
        self.at = (self.at + 1) % self.count;
        self.tried = 0;
        NextTry::AfterWait
    }

    fn advance(&mut self) -> NextTry {
        self.at = (self.at + 1) % self.count;
        self.tried += 1;
        if self.tried < self.count {
            return NextTry::AtOnce;
        }
        self.tried = 0;
        NextTry::AfterWait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(leader: &str) -> Option<String> {
        Some(leader.to_owned())
    }

    #[test]
    fn everybody_is_asked_before_a_pause() {
        let mut rotation = Rotation::new(3);
        let mut asked = Vec::new();
        for _ in 0..6 {
            asked.push((rotation.choice(), rotation.failed()));
        }
        use Choice::Listed;
        let round =
            [(Listed(0), NextTry::AtOnce), (Listed(1), NextTry::AtOnce), (Listed(2), NextTry::AfterWait)];
        assert_eq!(asked, [round.clone(), round].concat());
    }

    #[test]
    fn a_named_leader_is_asked_at_once_and_one_that_is_dead_is_passed_over() {
        let mut rotation = Rotation::new(2);
        assert_eq!(rotation.refused(named("b:2")), NextTry::AtOnce);
        assert_eq!(rotation.choice(), Choice::Leader("b:2".to_owned()));
        assert_eq!(rotation.failed(), NextTry::AtOnce);
        assert_eq!(rotation.choice(), Choice::Listed(1));
        assert_eq!(rotation.refused(named("b:2")), NextTry::AtOnce);
        assert_eq!(rotation.failed(), NextTry::AfterWait);
        assert_eq!(rotation.choice(), Choice::Listed(0));
    }

    #[test]
    fn two_that_name_each_other_are_not_believed_for_ever() {
        let mut rotation = Rotation::new(1);
        assert_eq!(rotation.refused(named("b:2")), NextTry::AtOnce);
        assert_eq!(rotation.refused(named("a:1")), NextTry::AfterWait);
    }

    #[test]
    fn after_a_stream_has_ended_others_come_first() {
        let mut rotation = Rotation::new(2);
        assert_eq!(rotation.failed(), NextTry::AtOnce);
        assert_eq!(rotation.choice(), Choice::Listed(1));
        assert_eq!(rotation.ended(), NextTry::AfterWait);
        assert_eq!(rotation.choice(), Choice::Listed(0));
    }
}
