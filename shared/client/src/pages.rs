//! Lists that come in pages, read entry by entry.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;

use crate::Error;

type Page<T> = Pin<Box<dyn Future<Output = Result<(Vec<T>, String), Error>> + Send>>;

/// A list on the coordinator. Pages are fetched as they are needed.
pub struct Pages<T> {
    fetch: Box<dyn FnMut(String) -> Page<T> + Send>,
    read: VecDeque<T>,
    /// Of the next page; `None` after the last one.
    next: Option<String>,
}

impl<T: Send> Pages<T> {
    /// Over what `fetch` gives for a page token: the entries, and the token of the next page.
    pub(crate) fn new<F>(from: String, mut fetch: impl FnMut(String) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<(Vec<T>, String), Error>> + Send + 'static,
    {
        let fetch = Box::new(move |token| Box::pin(fetch(token)) as Page<T>);
        Self { fetch, read: VecDeque::new(), next: Some(from) }
    }

    /// The next entry; `None` after the last one.
    ///
    /// # Errors
    /// As the page cannot be read. Calling again tries again.
    pub async fn next(&mut self) -> Result<Option<T>, Error> {
        while self.read.is_empty() {
            let Some(token) = self.next.clone() else { return Ok(None) };
            let (entries, next) = (self.fetch)(token).await?;
            self.read.extend(entries);
            self.next = Some(next).filter(|next| !next.is_empty());
        }
        Ok(self.read.pop_front())
    }

    /// All entries that are left.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub async fn all(mut self) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        while let Some(entry) = self.next().await? {
            all.push(entry);
        }
        Ok(all)
    }
}

impl<T> std::fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages").field("next", &self.next).finish_non_exhaustive()
    }
}
