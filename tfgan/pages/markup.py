"""HTML that cannot be broken by what stands in it: all text is escaped, unless we made it here."""

import html
from typing import Any


class Markup(str):
    """Text that is HTML, and ours."""


def tag(name: str, /, *children: Any, **attributes: Any) -> Markup:
    """Returns an element with all that is in it.

    Args:
      name: of the element.
      *children: `Markup` stays as it is, a list is what it holds, anything else is text.
      **attributes: values are text; None leaves an attribute out. A name may end in "_", which
        Python's own words need, and has "-" for any other "_".
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    is_void = name in ("img", "meta")
    return Markup(f"<{name}{written}>" + ("" if is_void else f"{joined(*children)}</{name}>"))


def joined(*children: Any) -> Markup:
    """Returns children one behind the other, as `tag` takes them."""
    return Markup(
        "".join(
            child
            if isinstance(child, Markup)
            else joined(*child)
            if isinstance(child, (list, tuple))
            else escaped(child)
            for child in children
        )
    )


def escaped(value: Any) -> Markup:
    """Returns any value as text of a page, or of an attribute.

    What is invisible, turns the direction of a line round or is no UTF-8 becomes a question mark.
    """
    shown = "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in str(value))
    return Markup(html.escape(shown))
