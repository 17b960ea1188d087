//! Markup to a tree, in time that grows with its length, whatever it is.
//!
//! HTML's own rules are not kind to hostile markup: unclosed formatting elements are opened again in every block, and
//! each tag asks all open elements about themselves. So formatting becomes `span`, which has no such rules and no other
//! meaning in plain text, and tags below a depth that no filing has are mere line breaks.

use std::cell::Cell;

use html5ever::interface::{TokenizerResult, Tracer};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};
use html5ever::{LocalName, QualName, local_name, ns};
use scraper::{Html, HtmlTreeSink};

/// Open elements; filings have some thirty. Small enough for whoever walks the tree to call itself.
const MAX_DEPTH: usize = 128;
/// Open elements are counted once in so many tags.
const TAGS_BETWEEN_COUNTS: usize = 16;

type Handle = <HtmlTreeSink as TreeSink>::Handle;

/// Whether a value has tags; otherwise its angle brackets and ampersands mean themselves.
pub(super) fn is_markup(value: &str) -> bool {
    let opens_tag = |(at, _): (usize, &str)| {
        let rest = value[at + 1..].strip_prefix('/').unwrap_or(&value[at + 1..]);
        rest.starts_with(|next: char| next.is_ascii_alphabetic()) || rest.starts_with("!--")
    };
    // Without a `>` behind it, nothing is a tag; a search from each `<` would take the square of the time.
    let end = value.rfind('>').unwrap_or(0);
    value[..end].match_indices('<').any(opens_tag)
}

/// The tree of a fragment, read as HTML, but for elements that close themselves as XHTML has them.
pub(super) fn parse(markup: &str) -> Html {
    let sink = HtmlTreeSink::new(Html::new_fragment());
    let body = QualName::new(None, ns!(html), local_name!("body"));
    let context = sink.create_element(body, Vec::new(), Default::default());
    let options = TreeBuilderOpts { scripting_enabled: true, ..TreeBuilderOpts::default() };
    let builder = TreeBuilder::new_for_fragment(sink, context, None, options);
    let tamed = Tamed { builder, tags: Cell::new(0), is_deep: Cell::new(false) };
    let tokenizer = Tokenizer::new(tamed, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(markup));
    // It stops after every script, which nobody runs.
    while let TokenizerResult::Script(_) = tokenizer.feed(&input) {}
    tokenizer.end();
    tokenizer.sink.builder.sink.finish()
}

/// What stands between the tokenizer and the rules of HTML.
struct Tamed {
    builder: TreeBuilder<Handle, HtmlTreeSink>,
    tags: Cell<usize>,
    is_deep: Cell<bool>,
}

impl Tamed {
    fn count(&self) {
        let tags = self.tags.get();
        self.tags.set(tags + 1);
        if tags.is_multiple_of(TAGS_BETWEEN_COUNTS) {
            let open = Open(Cell::new(0));
            self.builder.trace_handles(&open);
            self.is_deep.set(open.0.get() > MAX_DEPTH);
        }
    }
}

impl TokenSink for Tamed {
    type Handle = Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Handle> {
        let Token::TagToken(mut tag) = token else { return self.builder.process_token(token, line) };
        if is_formatting(&tag.name) {
            tag.name = local_name!("span");
        }
        if tag.kind == TagKind::EndTag || is_void(&tag.name) {
            return self.builder.process_token(Token::TagToken(tag), line);
        }
        self.count();
        if tag.self_closing && is_raw(&tag.name) || self.is_deep.get() && tag.name == local_name!("span") {
            return TokenSinkResult::Continue;
        }
        if self.is_deep.get() {
            // Whatever else it is, text before and behind it is not one word.
            (tag.name, tag.self_closing) = (local_name!("br"), false);
        }
        let end = tag.self_closing.then(|| Tag { kind: TagKind::EndTag, attrs: Vec::new(), ..tag.clone() });
        let result = self.builder.process_token(Token::TagToken(tag), line);
        match end {
            Some(end) => self.builder.process_token(Token::TagToken(end), line),
            None => result,
        }
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// Counts what the builder holds on to.
struct Open(Cell<usize>);

impl Tracer for Open {
    type Handle = Handle;

    fn trace_handle(&self, _: &Handle) {
        self.0.set(self.0.get() + 1);
    }
}

fn is_formatting(name: &LocalName) -> bool {
    let names = "a b big code em font i nobr s small strike strong tt u";
    names.split(' ').any(|formatting| **name == *formatting)
}

fn is_void(name: &LocalName) -> bool {
    let names = "area base br col embed hr img input link meta param source track wbr";
    names.split(' ').any(|void| **name == *void)
}

/// Elements whose content is no markup: one that closed itself would swallow all that follows.
fn is_raw(name: &LocalName) -> bool {
    let names = "iframe noembed noframes noscript plaintext script style textarea title xmp";
    names.split(' ').any(|raw| **name == *raw)
}
