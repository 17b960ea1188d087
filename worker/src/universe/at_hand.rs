//! Names that the SEC's list does not have, looked for in the submissions files that are here already: companies leave
//! the list when they are delisted, and their former names are in no list. Nothing is asked of EDGAR.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use edgraph_shared::ids::Cik;
use edgraph_shared::storage::{ObjectMeta, SharedStore, layout};
use futures::{StreamExt, stream};

use super::called::Wanted;
use super::error::{Hint, Unknown};
use crate::edgar::identity::{self, Identity};
use crate::edgar::{MAX_SUBMISSIONS_BYTES, submissions};

/// Files of a mirror on this machine that are looked into: all companies with tickers, and as many again.
const MAX_FILES: usize = 20_000;
/// Files of the store: it may be far away, and each is a request.
const MAX_OBJECTS: usize = 500;
/// Of these at a time.
const PARALLEL_READS: usize = 8;
/// Names that are looked for: nobody reads more, and each is compared with every company.
const MAX_NAMES: usize = 50;

/// Says of names which company is or was called so. What cannot be read is passed over: this is a courtesy of a message
/// that is an error already.
pub(super) async fn identify(unknown: &mut [Unknown], mirror: Option<PathBuf>, store: &SharedStore) {
    let wanted: Vec<Wanted> =
        unknown.iter().take(MAX_NAMES).map(|unknown| Wanted::of(&unknown.name)).collect();
    let mut seen = HashSet::new();
    let mut see = |company: Identity| {
        if seen.insert(company.cik) {
            for (unknown, wanted) in unknown.iter_mut().zip(&wanted) {
                if let Some(hint) = wanted.hint(&company) {
                    unknown.offer(hint);
                }
            }
        }
    };
    if let Some(folder) = mirror {
        let look = tokio::task::spawn_blocking(move || of_mirror(&folder));
        look.await.unwrap_or_default().into_iter().for_each(&mut see);
    }
    let prefix = layout::submissions_folder();
    let objects = store.list(&prefix).await.unwrap_or_else(|error| {
        tracing::debug!(%error, "names are not looked for in the store");
        Vec::new()
    });
    let ciks: Vec<Cik> = objects.iter().filter_map(cik_of).take(MAX_OBJECTS).collect();
    let read = |cik: Cik| async move { store.find(&layout::submissions(cik)).await.ok().flatten() };
    let mut found = stream::iter(ciks.into_iter().map(read)).buffered(PARALLEL_READS);
    while let Some(bytes) = found.next().await {
        if let Some(company) = bytes.as_deref().and_then(identity::parse) {
            see(company);
        }
    }
}

/// The company that a first file is about, by the file's name; older pages and notes are none.
fn cik_of(object: &ObjectMeta) -> Option<Cik> {
    let name = object.key.as_str();
    let cik = name.strip_suffix(".json")?.rsplit_once("CIK")?.1.parse().ok()?;
    (layout::submissions(cik) == object.key).then_some(cik)
}

fn of_mirror(folder: &Path) -> Vec<Identity> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| is_first_file(name));
    names.sort();
    names.truncate(MAX_FILES);
    let read = |name: String| {
        let path = folder.join(name);
        fs::metadata(&path).ok().filter(|meta| meta.len() <= MAX_SUBMISSIONS_BYTES)?;
        identity::parse(&fs::read(&path).ok()?)
    };
    names.into_iter().filter_map(read).collect()
}

fn is_first_file(name: &str) -> bool {
    let cik = name.strip_prefix("CIK").and_then(|rest| rest.strip_suffix(".json"));
    cik.and_then(|cik| cik.parse::<Cik>().ok()).is_some_and(|cik| submissions::file_name(cik) == name)
}

impl Unknown {
    /// Takes a hint if it says more than the one that is there.
    fn offer(&mut self, hint: Hint) {
        let rank = |hint: &Hint| match hint {
            Hint::Called(_) => 0,
            Hint::Nearest(_) => 1,
            Hint::Begins(_) => 2,
        };
        if self.hint.as_ref().is_none_or(|present| rank(&hint) < rank(present)) {
            self.hint = Some(hint);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use edgraph_shared::storage::LocalStore;

    use super::super::error::Known;
    use super::*;

    fn file(cik: u64, name: &str, ticker: &str) -> String {
        let former = format!(r#"[{{"name": "OLD {name}"}}]"#);
        format!(
            r#"{{"cik": "{cik:010}", "name": "{name}", "tickers": ["{ticker}"], "formerNames": {former}}}"#
        )
    }

    #[tokio::test]
    async fn names_are_looked_for_in_the_mirror_and_in_the_store() {
        let (mirror, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store: SharedStore = Arc::new(LocalStore::open(kept.path()).unwrap());
        let cik = |number: u64| Cik::new(number).unwrap();
        for (name, text) in [
            ("CIK0000000001.json", file(1, "Alfa Corp", "ALF")),
            ("CIK0000000002.json", "{".to_owned()),
            // No first files: what they say of names is not read.
            ("CIK0000000003-submissions-001.json", file(3, "Gamma Corp", "GAM")),
            ("CIK3.json", file(3, "Gamma Corp", "GAM")),
        ] {
            fs::write(mirror.path().join(name), text).unwrap();
        }
        let put = async |key, text: String| store.put(&key, text.into()).await.unwrap();
        put(layout::submissions(cik(4)), file(4, "Delta Corp", "DEL")).await;
        put(layout::submissions_note(cik(5)), file(5, "Epsilon Corp", "EPS")).await;
        put(layout::older_submissions("CIK0000000006.json").unwrap(), file(6, "Zeta Corp", "ZET")).await;

        let names = ["alf", "Old Delta", "GAM", "EPS", "ZET", "Epsilon", "DELT"];
        let unknown = || names.map(|name| Unknown { name: name.into(), hint: None });
        let text = async |mirror| {
            let mut unknown = unknown();
            identify(&mut unknown, mirror, &store).await;
            unknown.map(|unknown| unknown.to_string())
        };
        let delta = "Old Delta (Delta Corp, formerly OLD Delta Corp: --ciks 4)";
        let perhaps = "DELT (perhaps Delta Corp: --ciks 4)";
        let both = ["alf (Alfa Corp: --ciks 1)", delta, "GAM", "EPS", "ZET", "Epsilon", perhaps];
        assert_eq!(text(Some(mirror.path().to_owned())).await, both);
        let stored = ["alf", delta, "GAM", "EPS", "ZET", "Epsilon", perhaps];
        assert_eq!(text(None).await, stored);
        assert_eq!(text(Some(mirror.path().join("absent"))).await, stored);
    }

    #[test]
    fn the_hint_that_says_most_stays() {
        let known = || Known { cik: Cik::new(1).unwrap(), name: "A".into(), formerly: None };
        let nearest = || Hint::Nearest("B".into());
        for (present, offered, stays) in [
            (None, Hint::Begins(known()), false),
            (Some(nearest()), Hint::Begins(known()), true),
            (Some(nearest()), Hint::Called(known()), false),
            (Some(Hint::Begins(known())), Hint::Called(known()), false),
            (Some(Hint::Called(known())), nearest(), true),
        ] {
            let mut unknown = Unknown { name: "X".into(), hint: present.clone() };
            unknown.offer(offered.clone());
            assert_eq!(unknown.hint, if stays { present } else { Some(offered) });
        }
    }
}
