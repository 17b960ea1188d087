//! Labels: the names by which arcs of one extended link join its locators and resources (XLink 1.1 section 5.1.3).
//!
//! They mean nothing outside their link, so they are numbers while it is read, and gone when it ends.

use std::borrow::Cow;
use std::ops::Range;

use foldhash::HashMap;

use super::{Bearer, ExtendedLink};

/// The labels of the link at hand.
#[derive(Default)]
pub(super) struct LinkLabels<'d> {
    numbers: HashMap<Cow<'d, str>, u32>,
    /// The label of each bearer, in document order.
    borne: Vec<(u32, Bearer)>,
    /// The labels from and to which each arc of the link goes.
    joined: Vec<[u32; 2]>,
}

impl<'d> LinkLabels<'d> {
    /// Takes a locator's or a resource's label.
    pub(super) fn bear(&mut self, label: Cow<'d, str>, bearer: Bearer) {
        let number = self.number(label);
        self.borne.push((number, bearer));
    }

    /// Takes the labels of the link's next arc.
    pub(super) fn join(&mut self, from: Cow<'d, str>, to: Cow<'d, str>) {
        let ends = [from, to].map(|label| self.number(label));
        self.joined.push(ends);
    }

    /// Gives the arcs of the link, now that it ends, what their labels stand for, and forgets them.
    pub(super) fn settle(&mut self, link: &mut ExtendedLink) {
        let ranges = self.ranges();
        let mut next: Vec<u32> = ranges.iter().map(|range| range.start).collect();
        link.bearers = vec![Bearer::Locator(0); self.borne.len()];
        for (label, bearer) in self.borne.drain(..) {
            let place = &mut next[label as usize];
            link.bearers[*place as usize] = bearer;
            *place += 1;
        }
        let mut unknown = Vec::new();
        for (arc, ends) in link.arcs.iter_mut().zip(self.joined.drain(..)) {
            [arc.from, arc.to] = ends.map(|label| ranges[label as usize].clone());
            let nobody = ends.into_iter().filter(|label| ranges[*label as usize].is_empty());
            unknown.extend(nobody.map(|label| (label, arc.line)));
        }
        if !unknown.is_empty() {
            let texts: HashMap<u32, &str> =
                self.numbers.iter().map(|(text, number)| (*number, &**text)).collect();
            link.unknown_labels =
                unknown.into_iter().map(|(label, line)| (texts[&label].into(), line)).collect();
        }
        self.numbers.clear();
    }

    fn number(&mut self, label: Cow<'d, str>) -> u32 {
        let next = u32::try_from(self.numbers.len()).expect("bounded by the size of the document");
        *self.numbers.entry(label).or_insert(next)
    }

    /// Where the bearers of each label go when they are put label by label.
    fn ranges(&self) -> Vec<Range<u32>> {
        let mut ranges = vec![0..0; self.numbers.len()];
        self.borne.iter().for_each(|(label, _)| ranges[*label as usize].end += 1);
        let mut start = 0;
        for range in &mut ranges {
            *range = start..start + range.end;
            start = range.end;
        }
        ranges
    }
}
