//! Where a store is, for commands that work on one without a coordinator.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use edgraph_shared::storage::{self, Address, LocalStore, SharedStore};

use super::CommandError;

#[derive(Debug, Args)]
pub(super) struct StoreArgs {
    /// The store, s3://bucket/prefix or a folder: `store` in what a run wrote.
    #[arg(long, env = "EDGRAPH_STORE", default_value = "data/store", value_name = "URL|DIR")]
    store: String,
}

impl StoreArgs {
    /// Its folder, if it is one.
    pub(super) fn folder(&self) -> Result<Option<PathBuf>, CommandError> {
        Ok(if let Address::Directory(folder) = self.address()? { Some(folder) } else { None })
    }

    /// Opens a store that is there: none is made.
    pub(super) async fn open(&self) -> Result<SharedStore, CommandError> {
        let address = self.address()?;
        if let Address::Directory(folder) = &address
            && !folder.is_dir()
        {
            let folder = folder.display();
            let message =
                format!("--store: there is no folder {folder}; give the `store` in what a run wrote");
            return Err(CommandError::failure(message));
        }
        storage::open(&self.store).await.map_err(|error| CommandError::failure(format!("--store: {error}")))
    }

    /// Opens a store that is there to read from it, whoever else works on it.
    pub(super) async fn read(&self) -> Result<SharedStore, CommandError> {
        match self.folder()? {
            Some(folder) if folder.is_dir() => Ok(Arc::new(LocalStore::reader(folder))),
            _ => self.open().await,
        }
    }

    fn address(&self) -> Result<Address, CommandError> {
        self.store.parse().map_err(|error| CommandError::usage(format!("--store: {error}")))
    }
}
