//! Where taxonomies come from.

/// Where taxonomies come from.
#[derive(Clone, Debug, Default)]
pub struct TaxonomyConfig {
    /// Directories or addresses with `{host}/{path}` below them, asked first and in this order.
    pub sources: Vec<String>,
    /// No downloads from official hosts. A directory as EDGAR implies it.
    pub offline: bool,
    /// No other process uses the object store.
    pub is_alone: bool,
}
