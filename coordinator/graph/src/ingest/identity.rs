//! A graph's own id, in a file beside the database: an ingester offers it before there is a database, and the database
//! gets it when it is made.

use std::fs;
use std::path::Path;

use edgraph_shared::ids::GraphId;

use super::state;
use crate::database::Mode;
use crate::database::folder::GraphFolder;
use crate::database::kuzu::Database;
use crate::error::Error;

const FILE: &str = "graph.id";

/// The id of the graph in this folder. Of a graph that an older version made it is what the database says; a folder
/// without either gets a new one.
///
/// # Errors
/// [`Error::Invalid`] if the file says no id, and what reading and writing may meet.
pub fn id_of(folder: &GraphFolder) -> Result<GraphId, Error> {
    let path = folder.root().join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) => return parsed(&path, text.trim()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::io("read", path)(error)),
    }
    let id = match folder.current() {
        Some(database) => {
            let database = Database::open(&database, Mode::Read)?;
            state::identity(&database.session()?, folder.root())?
        }
        None => uuid::Uuid::new_v4().to_string(),
    };
    let id = parsed(&path, &id)?;
    // Whole or not at all: a killed process leaves no half of an id.
    let fresh = folder.root().join("graph.id.next");
    fs::write(&fresh, format!("{id}\n")).map_err(Error::io("write", &fresh))?;
    fs::rename(&fresh, &path).map_err(Error::io("rename", fresh))?;
    Ok(id)
}

fn parsed(path: &Path, text: &str) -> Result<GraphId, Error> {
    text.parse().map_err(|error| Error::invalid(path.display().to_string(), error))
}
