//! What a filing says of a concept, whole: notes, policies, and any other value, out of a store and without a graph.
//!
//! A value too long for the graph is in the dataset `text`, all others are in `flat/facts`, and footnotes in a table of
//! their own; it does not matter to whom asks.

mod error;
mod fact;
mod concept;
mod filing;

pub use error::TextError;
pub use fact::Text;

use std::collections::HashMap;
use std::sync::Arc;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::schema::{self, Value};
use edgraph_shared::storage::SharedStore;

use filing::Filing;

/// The values of a concept in a filing: those without dimensions first, and of these the newest.
///
/// The concept is `{prefix}:{name}`, the name alone, or a part of it, in whichever case, if no other text has it.
///
/// # Errors
/// [`TextError`] names the filing and what it has instead.
pub async fn text(
    store: &SharedStore,
    accession: AccessionNumber,
    concept: &str,
) -> Result<Vec<Text>, TextError> {
    let filing = Filing::find(store, accession).await?;
    let mut texts = Vec::new();
    for (table, read) in [("flat/facts", fact::of_fact as fact::Read), ("Footnote", fact::of_footnote)] {
        let table = schema::table(table).expect("the schema has it");
        texts.extend(filing.rows(table).await?.iter().map(|row| read(table, row)));
    }
    let mut whole = whole_values(&filing).await?;
    for text in &mut texts {
        if let Some(value) = whole.remove(&*text.fact_id) {
            (text.value, text.is_long) = (Some(value.to_string()), true);
        }
    }
    let names = concept::chosen(concept, &texts).map_err(|error| error.of(accession, concept))?;
    texts.retain(|text| names.contains(&text.concept));
    texts.sort_by(|a, b| a.rank().cmp(&b.rank()));
    Ok(texts)
}

/// Values too long for the graph, by their facts and footnotes.
async fn whole_values(filing: &Filing<'_>) -> Result<HashMap<Arc<str>, Arc<str>>, TextError> {
    let table = schema::table("text").expect("the schema has it");
    let rows = filing.rows(table).await?.into_iter().filter_map(|row| match row.as_slice() {
        [Value::String(fact), _, _, _, Value::String(text), _] => Some((fact.clone(), text.clone())),
        _ => None,
    });
    Ok(rows.collect())
}
