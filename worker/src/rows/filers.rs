//! Whose filing it is, and whose it is not: companies that contexts are about and the cover page does not name.
//!
//! A filing of several companies names each by its `dei:EntityCentralIndexKey`; any other company in a context is a
//! slip, of the agent who copied a document or of a digit. Which companies list the filing on EDGAR is not asked: a
//! filing is found by one of them, and what is said of it must not depend on which.

use std::collections::HashSet;

use edgraph_shared::ids::Cik;
use edgraph_xbrl::Diagnostic;
use edgraph_xbrl::model::{Context, Fact, Instance};

use super::cover::{self, company};

/// Companies that are said one by one; a hostile filing could be about as many as it has contexts.
const MAX_FOREIGN: usize = 100;

/// What is wrong with the companies of a filing of `owner`.
pub(super) fn foreign(instance: &Instance, owner: Cik) -> Vec<Diagnostic> {
    let named: Vec<Cik> = instance.facts.iter().filter_map(named).collect();
    let mut found: Vec<Diagnostic> = Vec::new();
    let mut seen: HashSet<Cik> = named.iter().copied().chain([owner]).collect();
    for context in &instance.contexts {
        let Some(cik) = company(context) else { continue };
        if found.len() == MAX_FOREIGN {
            break;
        }
        if !seen.insert(cik) {
            continue;
        }
        let contexts = instance.contexts.iter().filter(|context| company(context) == Some(cik)).count();
        let message = format!(
            "CIK {cik} is neither the filer, {owner}, nor on the cover page, and has {contexts} context(s), the first \
             {:?}",
            context.id
        );
        found.push(diagnostic(instance, context, message));
    }
    if !named.is_empty() && !named.contains(&owner) {
        let first = instance.contexts.iter().find(|context| company(context) == Some(owner));
        let named: Vec<String> = named.iter().take(3).map(Cik::to_string).collect();
        let message = format!("the facts are about CIK {owner}, the cover page names {}", named.join(", "));
        found.extend(first.map(|context| diagnostic(instance, context, message)));
    }
    found
}

fn diagnostic(instance: &Instance, context: &Context, message: String) -> Diagnostic {
    let file = instance.files.get(context.file).cloned().unwrap_or_default();
    Diagnostic::new("foreign-cik", &file, context.line, message)
}

/// The company that a fact of the cover page names.
fn named(fact: &Fact) -> Option<Cik> {
    let is_key = &*fact.concept.local == "EntityCentralIndexKey" && cover::is_dei(&fact.concept.namespace);
    if is_key { cover::text(fact)?.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use edgraph_shared::graph_id::CIK_SCHEME;
    use edgraph_xbrl::instance;

    use super::*;

    /// What is said of an instance with a fact in a context of each company of `contexts`, the first being the filer,
    /// and a cover page that names `named`.
    fn said(contexts: &[&str], named: &[&str]) -> Vec<String> {
        let mut body = String::new();
        for (number, cik) in contexts.iter().enumerate() {
            body += &format!(
                "\n<context id='c{number}'><entity><identifier scheme='{CIK_SCHEME}'>{cik}</identifier></entity>\
                 <period><instant>2024-12-31</instant></period></context><n:Fact contextRef='c{number}'>x</n:Fact>"
            );
        }
        for cik in named {
            body += &format!("<d:EntityCentralIndexKey contextRef='c0'>{cik}</d:EntityCentralIndexKey>");
        }
        let text = format!(
            "<xbrl xmlns='http://www.xbrl.org/2003/instance' xmlns:d='http://xbrl.sec.gov/dei/2024' \
             xmlns:n='http://n'>{body}</xbrl>"
        );
        let (instance, _) = instance::parse("i.xml", text.as_bytes()).unwrap();
        let owner = cover::owner(&instance).unwrap();
        foreign(&instance, owner).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn companies_that_nobody_named() {
        const NOT_NAMED: &str = "i.xml:3: CIK 43 is neither the filer, 42, nor on the cover page, and has 1 context(s), the first \"c1\" [foreign-cik]";
        for (contexts, named, expected) in [
            (&["0000000042", "42"][..], &["0000000042"][..], &[][..]),
            (&["42"], &[], &[]),
            (&["42", "43"], &["42", "0000000043"], &[]),
            (&["42", "43"], &["42"], &[NOT_NAMED]),
            (&["42", "43"], &[], &[NOT_NAMED]),
            (&["42", "x"], &["42"], &[]),
            (
                &["42"],
                &["44"],
                &["i.xml:2: the facts are about CIK 42, the cover page names 44 [foreign-cik]"],
            ),
        ] {
            assert_eq!(said(contexts, named), expected, "{contexts:?} {named:?}");
        }
    }
}
