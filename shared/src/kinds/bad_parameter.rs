//! What is wrong with the parameters of a pipeline.

/// A parameter that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadParameter {
    /// Its path, such as `params.filings.since`.
    pub field: String,
    /// What is wrong, with the value, and what to give instead.
    pub reason: String,
}
