"""Any screen as Markdown, made from its HTML: headings, sentences, tables, texts, pictures in words."""

from html.parser import HTMLParser

from suture.studio.pages.markdown import code_words, plain_words

_SKIPPED = frozenset(
    [
        "head",
        "script",
        "style",
        "template",
        "button",
        "select",
        "textarea",
        "dialog",
        "noscript",
        "nav",
        "header",
        "form",
    ]
)
"""What a reader of the copy can do nothing with."""
_BLOCKS = frozenset(
    ["p", "div", "li", "dt", "dd", "summary", "figcaption", "figure", "label", "ul", "ol", "dl", "details", "svg"]
)
_HEADINGS = {"h1": "# ", "h2": "## ", "h3": "### "}
_KEPT_OPEN = frozenset(["pre", "svg", "code", "title", "table"])


def screen_markdown(html: str) -> str:
    """The main part of a page. One that brings a Markdown of its own (``template#markdown``) is answered with that."""
    start, end = html.find("<main"), html.rfind("</main>")
    reader = _Reader()
    reader.feed(html[start:end] if 0 <= start < end else html)
    reader.close()
    return reader.own or reader.text()


class _Reader(HTMLParser):
    """``own``: what a page's own Markdown says."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.own = ""
        self._blocks: list[str] = []
        self._words: list[str] = []
        self._rows: list[list[str]] = []
        self._head = ""
        self._open: list[str] = []
        self._skipped, self._depth, self._is_own = "", 0, False

    def text(self) -> str:
        self._end_block()
        return "\n\n".join(self._blocks) + "\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._depth:
            self._depth += tag == self._skipped
        elif tag in _SKIPPED:
            self._skipped, self._depth = tag, 1
            self._is_own = ("id", "markdown") in attrs
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._words = []
        elif tag in _BLOCKS or tag in _HEADINGS or tag in ("pre", "table"):
            self._begin_block(tag)
        if not self._depth and tag in _KEPT_OPEN:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._depth:
            self._depth -= tag == self._skipped
            return
        if tag in ("td", "th") and self._rows:
            self._rows[-1].append(self._said())
        elif tag == "table":
            self._end_table()
        elif tag == "pre":
            self._end_pre()
        elif (tag in _BLOCKS or tag in _HEADINGS) and "table" not in self._open:
            self._end_block()
        if self._open and tag == self._open[-1]:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.own += data if self._is_own else ""
        elif "svg" in self._open:
            self._words.append(f"(picture: {plain_words(data)})" if self._open[-1] == "title" and data.strip() else "")
        elif "pre" in self._open:
            self._words.append(data)
        elif "code" in self._open:
            self._words.append(code_words(data).replace("|", "¦"))
        else:
            lead, tail = " " * data[:1].isspace(), " " * data[-1:].isspace()
            self._words.append(f"{lead}{plain_words(data)}{tail}")

    def _said(self) -> str:
        words, self._words = " ".join("".join(self._words).split()), []
        return words

    def _begin_block(self, tag: str) -> None:
        if "table" not in self._open:
            self._end_block()
            self._head = _HEADINGS.get(tag, "- " if tag == "li" else "")

    def _end_block(self) -> None:
        if words := self._said():
            self._blocks.append(self._head + words)
        self._head = ""

    def _end_pre(self) -> None:
        text, self._words = "".join(self._words), []
        fence = "```"
        while fence in text:
            fence += "`"
        self._blocks.append(f"{fence}\n{text}\n{fence}")

    def _end_table(self) -> None:
        rows, self._rows = [row for row in self._rows if row], []
        if rows:
            wide = max(map(len, rows))
            lines = [f"| {' | '.join([*row, *[''] * (wide - len(row))])} |" for row in rows]
            self._blocks.append("\n".join([lines[0], "|---" * wide + "|", *lines[1:]]))
