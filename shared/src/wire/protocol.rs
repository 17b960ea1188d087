//! Which versions of the Work stream's protocol this build can talk in. `worker.proto` says when they rise.

use edgraph_proto::v1;

/// What this build speaks, and the lowest version that it understands.
const OWN: Versions = Versions { spoken: 1, lowest: 1 };

/// One side's versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Versions {
    spoken: u32,
    lowest: u32,
}

/// One end of a Work stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Takes leases.
    Worker,
    /// Grants them.
    Coordinator,
}

impl Side {
    /// For messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Worker => "worker",
            Self::Coordinator => "coordinator",
        }
    }
}

/// Two sides that cannot talk to each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the {} speaks version {spoken} of the work protocol, and the {} understands none below {lowest}: update the {}",
    older.name(), newer.name(), older.name()
)]
pub struct ProtocolMismatch {
    /// The side to update.
    pub older: Side,
    newer: Side,
    spoken: u32,
    lowest: u32,
}

pub(super) fn protocol_to() -> v1::Protocol {
    v1::Protocol { version: OWN.spoken, lowest: OWN.lowest }
}

/// Checks what the other side said of itself.
pub(super) fn check(own: Side, peer: Side, said: Option<v1::Protocol>) -> Result<(), ProtocolMismatch> {
    let said = said.unwrap_or_default();
    let peer_versions = Versions { spoken: said.version.max(1), lowest: said.lowest.max(1) };
    check_both((own, OWN), (peer, peer_versions))
}

fn check_both((a, of_a): (Side, Versions), (b, of_b): (Side, Versions)) -> Result<(), ProtocolMismatch> {
    let mismatch = |older, newer, spoken, lowest| Err(ProtocolMismatch { older, newer, spoken, lowest });
    if of_a.spoken < of_b.lowest {
        return mismatch(a, b, of_a.spoken, of_b.lowest);
    }
    if of_b.spoken < of_a.lowest {
        return mismatch(b, a, of_b.spoken, of_a.lowest);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_side_to_update_is_the_one_that_speaks_too_old_a_version() {
        use Side::{Coordinator, Worker};
        let versions = |(spoken, lowest)| Versions { spoken, lowest };
        for (coordinator, worker, expected) in [
            ((1, 1), (1, 1), None),
            ((2, 1), (1, 1), None),
            ((1, 1), (9, 1), None),
            ((3, 2), (2, 1), None),
            ((3, 3), (2, 1), Some(Worker)),
            ((2, 1), (4, 3), Some(Coordinator)),
        ] {
            let checked = check_both((Coordinator, versions(coordinator)), (Worker, versions(worker)));
            assert_eq!(
                checked.as_ref().err().map(|error| error.older),
                expected,
                "{coordinator:?} {worker:?}"
            );
            if let Err(error) = checked {
                let text = error.to_string();
                assert!(text.ends_with(&format!("update the {}", error.older.name())), "{text}");
            }
        }
        assert_eq!(check(Coordinator, Worker, None), Ok(()), "who says nothing speaks 1");
        let newer = Some(v1::Protocol { version: 8, lowest: 7 });
        let error = check(Worker, Coordinator, newer).unwrap_err().to_string();
        assert_eq!(
            error,
            "the worker speaks version 1 of the work protocol, and the coordinator understands none below 7: update the \
             worker"
        );
    }
}
