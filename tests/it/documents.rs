//! The documents: what they link to is there, and the first one stays short.

use std::fs;
use std::path::{Path, PathBuf};

use edgraph_tests::corpus::workspace;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// Lines of the README: read in one go.
const MAX_README_LINES: usize = 139;

/// Every Markdown file but those of fixtures.
fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![workspace()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).expect("the workspace is readable") {
            let path = entry.expect("the workspace is readable").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir()
                && !name.starts_with('.')
                && !["target", "data", "fixtures"].contains(&name.as_str())
            {
                pending.push(path);
            } else if name.ends_with(".md") {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(found.len() >= 5, "{found:?}");
    found
}

/// Where a document's links lead.
fn links(text: &str) -> Vec<String> {
    let target = |event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            Some(dest_url.into_string())
        }
        _ => None,
    };
    Parser::new(text).filter_map(target).collect()
}

/// The anchors of a document's headings: lower case, words joined by dashes, other marks left out.
fn anchors(text: &str) -> Vec<String> {
    let (mut anchors, mut heading) = (Vec::new(), None::<String>);
    for event in Parser::new(text) {
        match (event, &mut heading) {
            (Event::Start(Tag::Heading { .. }), _) => heading = Some(String::new()),
            (Event::End(TagEnd::Heading(_)), Some(_)) => anchors.extend(heading.take()),
            (Event::Text(text) | Event::Code(text), Some(heading)) => heading.push_str(&text),
            _ => {}
        }
    }
    let anchor = |heading: String| {
        let kept = heading.to_lowercase();
        let kept = kept.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        kept.collect::<String>().replace(' ', "-")
    };
    anchors.into_iter().map(anchor).collect()
}

/// What is wrong with a link of this document, if anything is.
fn fault(document: &Path, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let folder = document.parent().expect("a document is in a folder");
    let target = if path.is_empty() { document.to_owned() } else { folder.join(path) };
    if !target.exists() {
        return Some(format!("{} is not there", target.display()));
    }
    let anchor = anchor?;
    let text = fs::read_to_string(&target).unwrap_or_default();
    let is_there = anchors(&text).iter().any(|known| known == anchor);
    (!is_there).then(|| format!("{} has no heading #{anchor}", target.display()))
}

#[test]
fn every_relative_link_resolves() {
    let mut checked = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).expect("documents are text");
        for link in links(&text) {
            checked += 1;
            assert_eq!(fault(&document, &link), None, "{}: {link}", document.display());
        }
    }
    assert!(checked > 10, "{checked} links");
    let readme = workspace().join("README.md");
    assert!(fault(&readme, "nowhere.md").is_some() && fault(&readme, "README.md#nothing").is_some());
    assert_eq!(fault(&readme, "#two-commands"), None);
}

#[test]
fn the_readme_is_read_in_one_go_and_leads_to_the_rest() {
    let text = fs::read_to_string(workspace().join("README.md")).expect("there is one");
    assert!(text.lines().count() <= MAX_README_LINES, "{} lines", text.lines().count());
    let links = links(&text);
    for document in
        ["shared/docs/architecture.md", "deploy/README.md", "coordinator/graph/README.md", "tests/README.md"]
    {
        assert!(links.iter().any(|link| link == document), "README does not lead to {document}");
    }
}
