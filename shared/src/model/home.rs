//! Where a process belongs. Two that work together belong to the same store and the same namespace, and all rounds go to
//! one graph.

use crate::ids::{GraphId, Namespace, StoreId};

/// What a process knows of where it belongs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Home {
    /// Its store's own id; absent where nobody has read it, such as in a worker of an older version.
    pub store: Option<StoreId>,
    /// The coordinator's, where it is not the default one; for a worker the one that it was told to expect.
    pub namespace: Option<Namespace>,
    /// The graph that an ingester holds; for a coordinator the one that its rounds go to, once one has.
    pub graph: Option<GraphId>,
}
