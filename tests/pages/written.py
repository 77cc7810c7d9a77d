"""Reads a page as a program does: every element closed, in order, and what it holds."""

from html.parser import HTMLParser

VOID = {"meta", "img"}


class Element:
    """An element of a page: its name, attributes, children and the text in it."""

    def __init__(self, name, attributes):
        self.name, self.attributes = name, attributes
        self.children: list[Element] = []
        self.own_text = ""

    def all(self, name: str, **wanted: str) -> list["Element"]:
        """Returns the elements below of a name, with some words in their attributes, in order."""
        found = []
        for child in self.children:
            fits = all(
                word in child.attributes.get(key.rstrip("_"), "").split()
                for key, word in wanted.items()
            )
            found += [child] * (child.name == name and fits) + child.all(name, **wanted)
        return found

    @property
    def text(self) -> str:
        """Returns all text in it; of each child with spaces around it."""
        return " ".join([self.own_text, *(child.text for child in self.children)]).strip()


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> says something twice: {names}"
        assert all(value is not None for _, value in attrs), f"<{tag}> has a bare word: {attrs}"
        element = Element(tag, dict(attrs))
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag):
        assert self._open[-1].name == tag, f"</{tag}> closes <{self._open[-1].name}>"
        self._open.pop()

    def handle_data(self, data):
        self._open[-1].own_text += data

    def close(self):
        super().close()
        assert self._open == [self.root], f"<{self._open[-1].name}> stays open"


def read(text: str) -> Element:
    """Returns the elements of a page, which has to be well-formed."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.root
