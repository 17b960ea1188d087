//! What a message that closes a lease meets: one table, how the lease stands × what the message says.
//!
//! ```text
//!                 Completed            Failed, Released
//! Current         close                close                (of a pipeline that is being cancelled: cancel)
//! Closed          late?                SUPERSEDED           where time closed it, and nobody has the item since
//! Closed          the answer it got    the answer it got    where the same message closed it
//! Closed          SUPERSEDED           SUPERSEDED           where another did; CANCELLED, if that was its answer
//! Remembered      as Closed, but never late
//! Superseded      SUPERSEDED           SUPERSEDED
//! Ahead           UNKNOWN              UNKNOWN
//! ```

use edgraph_shared::model::SettleAnswer;

use super::item::{ClosedLease, Closing, Standing};

/// What is done about such a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It closes the lease.
    Close,
    /// It closes the lease of an item that is being cancelled.
    Cancel,
    /// Its result counts if the item still waits for one.
    Late(ClosedLease),
    /// It changes nothing.
    Answer(SettleAnswer),
}

impl Verdict {
    pub(super) fn of(standing: Standing, message: Closing, is_cancelling: bool) -> Self {
        match standing {
            Standing::Current if is_cancelling => Self::Cancel,
            Standing::Current => Self::Close,
            Standing::Closed(closed) if closed.how == Closing::Expired && message == Closing::Completed => {
                Self::Late(closed)
            }
            Standing::Closed(closed) | Standing::Remembered(closed) => Self::Answer(match closed.answer {
                answer if closed.how == message => answer,
                SettleAnswer::Cancelled => SettleAnswer::Cancelled,
                _ => SettleAnswer::Superseded,
            }),
            Standing::Superseded => Self::Answer(SettleAnswer::Superseded),
            Standing::Ahead => Self::Answer(SettleAnswer::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use edgraph_shared::ids::{FencingToken, LeaseId};

    use super::*;

    #[test]
    fn the_table() {
        use Closing::{Completed, Expired, Failed, Released, Revoked};
        use SettleAnswer::{Accepted, Cancelled, Superseded, Unknown};
        let closed = |how, answer| ClosedLease {
            token: FencingToken::default(),
            lease_id: LeaseId(1),
            how,
            answer,
            children: 0,
        };
        for message in [Completed, Failed, Released] {
            let verdict = |standing| Verdict::of(standing, message, false);
            assert_eq!(verdict(Standing::Current), Verdict::Close);
            assert_eq!(Verdict::of(Standing::Current, message, true), Verdict::Cancel);
            assert_eq!(verdict(Standing::Superseded), Verdict::Answer(Superseded));
            assert_eq!(verdict(Standing::Ahead), Verdict::Answer(Unknown));
            for how in [Completed, Failed, Released, Expired, Revoked] {
                for answer in [Accepted, Cancelled, Superseded] {
                    let closed = closed(how, answer);
                    let answered = match (how == message, answer) {
                        (true, answer) => answer,
                        (false, Cancelled) => Cancelled,
                        (false, _) => Superseded,
                    };
                    assert_eq!(verdict(Standing::Remembered(closed)), Verdict::Answer(answered));
                    let expected = match (how, message) {
                        (Expired, Completed) => Verdict::Late(closed),
                        _ => Verdict::Answer(answered),
                    };
                    assert_eq!(verdict(Standing::Closed(closed)), expected, "{how:?} {message:?}");
                }
            }
        }
    }
}
