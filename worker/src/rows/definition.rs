//! Definitions of roles as EDGAR wants them written.

/// The parts of a role definition, EDGAR's `{number} - {type} - {name}`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Definition<'a> {
    pub(super) number: Option<&'a str>,
    pub(super) kind: Option<&'a str>,
    pub(super) name: Option<&'a str>,
}

impl<'a> Definition<'a> {
    /// Only the first two separators separate: a name may contain them.
    pub(super) fn split(definition: &'a str) -> Self {
        let mut parts = definition.splitn(3, " - ").map(str::trim);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(number), Some(kind), Some(name)) => {
                Self { number: Some(number), kind: Some(kind), name: Some(name) }
            }
            _ => Self { name: Some(definition), ..Self::default() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Definition;

    #[test]
    fn a_definition_splits_at_its_first_two_separators() {
        let split = Definition::split("0000004 - Statement - BALANCE SHEETS - Statement - parenthetical");
        assert_eq!(split.number, Some("0000004"));
        assert_eq!(split.kind, Some("Statement"));
        assert_eq!(split.name, Some("BALANCE SHEETS - Statement - parenthetical"));
        let unstructured = Definition::split("Balance sheets");
        assert_eq!(unstructured, Definition { number: None, kind: None, name: Some("Balance sheets") });
    }
}
