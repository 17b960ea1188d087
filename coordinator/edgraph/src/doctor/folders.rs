//! Folders of this machine: can they be written to, and is there room.

use std::path::Path;

use indicatif::HumanBytes;

use super::finding::Finding;

/// A filing and its output have some MB, a graph is copied before it grows.
const ROOM: u64 = 5 << 30;

pub(super) fn examine(part: &'static str, folder: &Path) -> Option<Finding> {
    let shown = folder.display();
    if let Err(error) = tempfile::tempfile_in(folder) {
        return Some(Finding::wrong(
            part,
            format!("cannot write in {shown}: {error}; give another folder, or the right"),
        ));
    }
    let free = match rustix::fs::statvfs(folder) {
        Ok(system) => system.f_bavail.saturating_mul(system.f_frsize),
        Err(error) => {
            return Some(Finding::warning(part, format!("cannot tell how full {shown} is: {error}")));
        }
    };
    let says = format!("{shown}: {} free", HumanBytes(free));
    Some(match free < ROOM {
        true => Finding::warning(part, format!("{says}, less than {}; make room", HumanBytes(ROOM))),
        false => Finding::well(part, says),
    })
}
