//! One contract for every store: the same stories on a directory and on S3 over HTTP with signatures.
//!
//! `contract` is what both keep, `faults` what S3 does when its server misbehaves, `processes` what holds between
//! processes, `promises` servers that do not do as S3 does, `credentials` what a process finds in its environment,
//! `identity` how a store is told from another one.

mod contract;
mod faults;
mod processes;
mod credentials;
mod promises;
mod identity;

use std::path::Path;
use std::sync::Arc;

use edgraph_shared::storage::{
    AccessKeys, Address, Error, LocalStore, S3Config, S3Store, SharedStore, Store,
};
use edgraph_tests::s3::S3Server;

/// The part of the bucket the stories use, so that what they leave out of it would be seen.
const PREFIX: &str = "some/prefix";

/// Where a store lies; opened again it is the same one, as for another process.
pub(crate) enum Place {
    Directory(tempfile::TempDir),
    Bucket(S3Server),
}

impl Place {
    pub(crate) fn directory() -> Self {
        Self::Directory(tempfile::tempdir().unwrap())
    }

    pub(crate) fn bucket() -> Self {
        Self::Bucket(S3Server::start().unwrap())
    }

    pub(crate) async fn open(&self) -> SharedStore {
        match self {
            Self::Directory(folder) => Arc::new(LocalStore::open(folder.path().join("store")).unwrap()),
            Self::Bucket(server) => Arc::new(connect(server).await.unwrap()),
        }
    }

    /// What `--store` says.
    fn address(&self) -> String {
        match self {
            Self::Directory(folder) => folder.path().join("store").display().to_string(),
            Self::Bucket(server) => server.address(PREFIX),
        }
    }
}

/// Copies what a graph is built of from a folder into a bucket; gives the address of the store there.
pub(crate) async fn copied(server: &S3Server, folder: &Path) -> String {
    let (from, to) = (LocalStore::open(folder).unwrap(), connect(server).await.unwrap());
    for prefix in ["graph", "manifests", "pipelines", "submissions"] {
        for object in from.list(&prefix.parse().unwrap()).await.unwrap() {
            to.put(&object.key, from.get(&object.key).await.unwrap()).await.unwrap();
        }
    }
    server.address(PREFIX)
}

/// Connects as a program that has the keys at hand: tests cannot set their own environment.
async fn connect(server: &S3Server) -> Result<S3Store, Error> {
    let (id, secret) = server.keys();
    connect_with(&server.address(PREFIX), id, secret).await
}

async fn connect_with(address: &str, id: &str, secret: &str) -> Result<S3Store, Error> {
    let keys = AccessKeys { id: id.to_owned(), secret: secret.to_owned(), session: None };
    S3Store::open_with(&config(address), keys).await
}

fn config(address: &str) -> S3Config {
    match address.parse().unwrap() {
        Address::S3(config) => config,
        Address::Directory(path) => panic!("{path:?} is a directory"),
    }
}
