//! Running text to lines: white space collapsed, blocks on lines of their own, at most one empty line between them.

use unicode_width::UnicodeWidthStr;

/// One line of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    /// A table made it: its blanks mean something, and it is not to be wrapped.
    pub(super) is_laid_out: bool,
}

/// What stands between what was said and what comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    #[default]
    None,
    /// The end of a line.
    Line,
    /// An empty line.
    Blank,
}

/// Lines in the making.
#[derive(Debug, Default)]
pub(super) struct Flow {
    lines: Vec<Line>,
    line: String,
    /// White space was passed that counts as soon as a word follows.
    has_space: bool,
    gap: Gap,
    indent: usize,
    marker: String,
}

impl Flow {
    /// Takes in text; blanks and line breaks as they are if they are to be preserved.
    pub(super) fn text(&mut self, text: &str, is_preserved: bool) {
        for character in text.chars() {
            match character {
                '\n' if is_preserved => self.line_break(),
                ' ' | '\t' | '\n' | '\r' | '\u{c}' if !is_preserved => self.space(),
                // Breaks of words where there is room for none, and what no terminal should be told.
                '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' => {}
                blank if blank.is_whitespace() => self.push(' '),
                control if control.is_control() => {}
                other => self.push(other),
            }
        }
    }

    fn push(&mut self, character: char) {
        if std::mem::take(&mut self.has_space) {
            self.line.push(' ');
        }
        self.line.push(character);
    }

    /// What comes next on the line is another word.
    pub(super) fn space(&mut self) {
        self.has_space = !self.line.is_empty();
    }

    /// Whether the last character is one of a word, so that what follows would become part of it.
    pub(super) fn ends_in_word(&self) -> bool {
        !self.has_space && self.line.ends_with(char::is_alphanumeric)
    }

    /// Ends the line; an empty one stays empty.
    pub(super) fn line_break(&mut self) {
        if !self.end_line() && !self.lines.is_empty() {
            self.gap = Gap::Blank;
        }
    }

    /// What comes next is apart from what was said.
    pub(super) fn part(&mut self, gap: Gap) {
        self.end_line();
        self.gap = self.gap.max(gap);
    }

    /// The lines of a table.
    pub(super) fn laid_out(&mut self, lines: impl IntoIterator<Item = Line>) {
        self.part(Gap::Blank);
        for line in lines {
            self.end_with(line);
        }
        self.gap = Gap::Blank;
    }

    /// An item of a list begins, behind a mark.
    pub(super) fn open_item(&mut self, mark: &str) {
        self.end_line();
        self.indent += mark.width();
        self.marker = mark.to_owned();
    }

    /// It ends.
    pub(super) fn close_item(&mut self, mark: &str) {
        self.end_line();
        self.indent -= mark.width();
        self.marker.clear();
    }

    /// Ends the line, and says whether there was anything on it.
    fn end_line(&mut self) -> bool {
        self.has_space = false;
        let text = std::mem::take(&mut self.line);
        let has_text = !text.trim_end().is_empty();
        if has_text {
            self.end_with(Line { text: text.trim_end().to_owned(), is_laid_out: false });
        }
        has_text
    }

    fn end_with(&mut self, mut line: Line) {
        if self.gap == Gap::Blank && !self.lines.is_empty() {
            self.lines.push(Line::default());
        }
        if self.indent > 0 && !line.text.is_empty() {
            let marker = std::mem::take(&mut self.marker);
            let blanks = self.indent.saturating_sub(marker.width());
            line.text = [&*" ".repeat(blanks), &*marker, &*line.text].concat();
        }
        self.lines.push(line);
        self.gap = Gap::Line;
    }

    /// All lines.
    pub(super) fn finish(mut self) -> Vec<Line> {
        self.end_line();
        self.lines
    }
}
