//! The content of tagged elements.
//!
//! Tags nest: a note holds a table that holds numbers. So text is not copied into every open tag; it is appended once
//! to a flow that all of them share, and a tag remembers where its own part starts and ends. There are two flows,
//! plain text and markup, each written only while some open tag wants it.

use std::borrow::Cow;
use std::ops::Range;

use crate::markup;
use crate::reader::XmlElement;

/// All values of one report together. Tagged text nests, so values can be larger than the documents they come from;
/// real reports stay below twice their size.
pub(super) const MAX_VALUE_BYTES: usize = 512 << 20;

/// Which flow a value is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// The text alone.
    Plain,
    /// The text with its XHTML elements, `escape="true"`.
    Markup,
    /// Either: a continuation whose fact is not known yet.
    Both,
}

impl Flow {
    fn has_plain(self) -> bool {
        self != Flow::Markup
    }

    fn has_markup(self) -> bool {
        self != Flow::Plain
    }
}

/// Where something is in both flows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    plain: Range<usize>,
    markup: Range<usize>,
    /// The `ix:exclude` elements inside, as indexes.
    excludes: Range<usize>,
}

/// The flows of one document set.
#[derive(Default)]
pub(super) struct Captures {
    plain: String,
    markup: String,
    plain_readers: usize,
    markup_readers: usize,
    /// What `ix:exclude` covers, in document order; one may contain others.
    excludes: Vec<Span>,
}

impl Captures {
    /// Starts taking in text for `flow`.
    pub(super) fn open(&mut self, flow: Flow) -> Span {
        self.plain_readers += usize::from(flow.has_plain());
        self.markup_readers += usize::from(flow.has_markup());
        self.here()
    }

    /// Ends what [`Captures::open`] started.
    pub(super) fn close(&mut self, flow: Flow, span: &mut Span) {
        self.plain_readers -= usize::from(flow.has_plain());
        self.markup_readers -= usize::from(flow.has_markup());
        self.end(span);
    }

    /// Starts something that is no part of the tags around it. Returns its number.
    pub(super) fn open_exclude(&mut self) -> usize {
        let span = self.here();
        self.excludes.push(span);
        self.excludes.len() - 1
    }

    /// Ends what [`Captures::open_exclude`] started under this number.
    pub(super) fn close_exclude(&mut self, number: usize) {
        let mut span = std::mem::take(&mut self.excludes[number]);
        self.end(&mut span);
        self.excludes[number] = span;
    }

    /// How much was taken in.
    pub(super) fn bytes(&self) -> usize {
        self.plain.len() + self.markup.len()
    }

    /// How many of those there were.
    pub(super) fn excludes(&self) -> usize {
        self.excludes.len()
    }

    pub(super) fn text(&mut self, text: &str) {
        if self.plain_readers > 0 {
            self.plain.push_str(text);
        }
        if self.markup_readers > 0 {
            markup::text(text, &mut self.markup);
        }
    }

    pub(super) fn start(&mut self, element: &XmlElement<'_, '_>) {
        if self.markup_readers > 0 {
            markup::start(element, &mut self.markup);
        }
    }

    pub(super) fn end_element(&mut self, raw_name: &str) {
        if self.markup_readers > 0 {
            markup::end(raw_name, &mut self.markup);
        }
    }

    /// An upper bound of the bytes that [`Captures::content`] of these spans copies. Spans may lie in each other, so it
    /// can be a thousand times what there is.
    pub(super) fn copied_bytes(&self, spans: &[&Span], flow: Flow) -> usize {
        let is_borrowed = matches!(spans, [span] if span.excludes.is_empty());
        let length = |span: &&Span| match flow {
            Flow::Markup => span.markup.len(),
            Flow::Plain | Flow::Both => span.plain.len(),
        };
        if is_borrowed { 0 } else { spans.iter().map(length).sum() }
    }

    /// The content of some spans in a row, exclusions left out. `flow` is not [`Flow::Both`].
    pub(super) fn content(&self, spans: &[&Span], flow: Flow) -> Cow<'_, str> {
        let text = |span: &Span| match flow {
            Flow::Markup => (&*self.markup, span.markup.clone()),
            Flow::Plain | Flow::Both => (&*self.plain, span.plain.clone()),
        };
        if let [span] = spans
            && span.excludes.is_empty()
        {
            let (flow, range) = text(span);
            return Cow::Borrowed(&flow[range]);
        }
        let mut out = String::new();
        for span in spans {
            let (flow, range) = text(span);
            let mut from = range.start;
            for exclude in &self.excludes[span.excludes.clone()] {
                let (_, excluded) = text(exclude);
                // An exclusion inside the one before has been left out with it.
                if excluded.start >= from {
                    out.push_str(&flow[from..excluded.start]);
                    from = excluded.end;
                }
            }
            out.push_str(&flow[from..range.end]);
        }
        Cow::Owned(out)
    }

    fn here(&self) -> Span {
        Span {
            plain: self.plain.len()..self.plain.len(),
            markup: self.markup.len()..self.markup.len(),
            excludes: self.excludes.len()..self.excludes.len(),
        }
    }

    fn end(&self, span: &mut Span) {
        span.plain.end = self.plain.len();
        span.markup.end = self.markup.len();
        span.excludes.end = self.excludes.len();
    }
}
