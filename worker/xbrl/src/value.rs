//! Values in the space of their types (XML Schema part 2): white space as the type has it, and what equal values share.
//!
//! A document alone does not know types, so parsers keep text as written; once the DTS is there, [`by_type`] settles
//! what each text means. A fact whose type is not known to its end keeps its text, and is equal to what is written
//! alike.

mod lexical;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use crate::QName;
use crate::canonical::collapse;
use crate::model::{FactValue, Instance};
use crate::taxonomy::{BaseType, Dts, WhiteSpace};

/// Gives every text of an instance the white space of its concept's type, and [`crate::model::Fact::canonical`] where
/// the type is not one of text.
pub fn by_type(instance: &mut Instance, dts: &Dts) {
    let mut spaces: HashMap<QName, Option<ValueSpace>> = HashMap::new();
    let mut names = instance.names_in_values.iter().peekable();
    for (index, fact) in instance.facts.iter_mut().enumerate() {
        let name = names.next_if(|(fact, _)| *fact == index).map(|(_, name)| name);
        let FactValue::Text(text) = &fact.value else { continue };
        if fact.is_numeric {
            continue;
        }
        let space = match spaces.get(&fact.concept) {
            Some(known) => known.as_ref(),
            None => spaces.entry(fact.concept.clone()).or_insert(ValueSpace::of(&fact.concept, dts)).as_ref(),
        };
        let Some(space) = space else { continue };
        let shown: Arc<str> = match space.shown(text) {
            Cow::Borrowed(same) if same.len() == text.len() => text.clone(),
            other => Arc::from(&*other),
        };
        fact.canonical = space.canonical(&shown, name);
        fact.value = FactValue::Text(shown);
    }
}

/// What a type makes of text.
struct ValueSpace {
    white_space: WhiteSpace,
    /// The name of the item type of XBRL 2.1 that it is derived from; `None` for text.
    typed: Option<(BaseType, Arc<str>)>,
}

impl ValueSpace {
    fn of(concept: &QName, dts: &Dts) -> Option<Self> {
        let item_type = dts.concept(concept)?.item_type;
        let (white_space, is_text) = (item_type.white_space()?, item_type.is_text()?);
        let (name, base) = item_type.base?;
        Some(Self { white_space, typed: (!is_text).then_some((base, name.local)) })
    }

    /// The value as its type has it: white space, and one word for each truth value.
    fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let text = spaced(text, self.white_space);
        match (&self.typed, &*text) {
            (Some((BaseType::Boolean, _)), "1") => Cow::Borrowed("true"),
            (Some((BaseType::Boolean, _)), "0") => Cow::Borrowed("false"),
            _ => text,
        }
    }

    /// What it shares with every value that it equals; itself where it is no value of its type.
    fn canonical(&self, shown: &Arc<str>, name: Option<&QName>) -> Option<Arc<str>> {
        let (base, item_type) = self.typed.as_ref()?;
        let canonical = match base {
            BaseType::Date => lexical::date_or_time(item_type, shown),
            BaseType::Duration => lexical::duration(shown),
            BaseType::Binary => Some(lexical::binary(item_type, shown)),
            BaseType::QName => name.map(QName::to_string),
            _ => None,
        };
        Some(canonical.map_or_else(|| shown.clone(), Arc::from))
    }
}

/// White space as a type has it. Other characters than XML's four are no white space.
fn spaced(text: &str, white_space: WhiteSpace) -> Cow<'_, str> {
    let is_broken = |c| matches!(c, '\t' | '\r' | '\n');
    let is_run = || text.starts_with(' ') || text.ends_with(' ') || text.contains("  ");
    match white_space {
        WhiteSpace::Replace if text.contains(is_broken) => Cow::Owned(text.replace(is_broken, " ")),
        WhiteSpace::Collapse if text.contains(is_broken) || is_run() => Cow::Owned(collapse(text)),
        _ => Cow::Borrowed(text),
    }
}
