//! The inputs that are kept: the seeds, and everything the fuzzers ever found.

use std::fs;
use std::path::Path;

/// Tries every input of a target; `folder` is that of the fuzz targets.
///
/// # Panics
/// When an input lacks a property, and when there is none.
#[track_caller]
pub fn replay(folder: &Path, target: &str, check: fn(&[u8])) {
    let mut tried = 0;
    for kept in ["seeds", "findings"] {
        let Ok(entries) = fs::read_dir(folder.join(kept).join(target)) else { continue };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            println!("{}", path.display());
            check(&fs::read(&path).unwrap());
            tried += 1;
        }
    }
    assert!(tried > 0, "no inputs of {target}");
}
