//! Names of companies as people type them.

/// Whether it can only be a CIK, since no ticker is digits alone.
pub(super) fn is_number(name: &str) -> bool {
    let name = name.trim();
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// As names are compared: case does not matter, and `.` is `-`.
pub(super) fn normal(name: &str) -> String {
    name.trim().to_uppercase().replace('.', "-")
}
