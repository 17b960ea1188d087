//! A store's own id: whoever uses a store first writes one into it, and everybody after that reads it.
//!
//! Addresses do not say whether two processes share a store: one bucket has several, and one path of two machines leads
//! to two folders.

use serde::{Deserialize, Serialize};

use super::layout;
use super::{Error, Expect, SharedStore};
use crate::ids::StoreId;

/// One to find it, one to write it, and one more for whoever deletes it in between.
const ATTEMPTS: u32 = 3;

#[derive(Serialize, Deserialize)]
struct Identity {
    store_id: StoreId,
}

/// The store's id, which is written by this call where there was none.
///
/// # Errors
/// [`Error`] of the store; [`Error::Misconfigured`] if the object says no id.
pub async fn id_of(store: &SharedStore) -> Result<StoreId, Error> {
    let key = layout::identity();
    for _ in 0..ATTEMPTS {
        if let Some(bytes) = store.find(&key).await? {
            let identity = serde_json::from_slice::<Identity>(&bytes);
            return identity.map(|identity| identity.store_id).map_err(|error| Error::Misconfigured {
                store: store.uri(&key),
                reason: format!("it names no store id ({error}); delete it if nobody uses the store"),
            });
        }
        let fresh = uuid::Uuid::new_v4().to_string();
        let identity = Identity { store_id: fresh.parse().expect("digits and dashes") };
        let bytes = serde_json::to_vec(&identity).expect("one text");
        match store.put_if(&key, bytes.into(), Expect::Absent).await {
            // Also what was written is read: a store may keep of two first writers the other one.
            Ok(()) | Err(Error::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let reason = "it says that this object is there, and then that there is none".to_owned();
    Err(Error::Misconfigured { store: store.uri(&key), reason })
}
