"""What a terminal can show: its width, colours where they are wanted, and characters of its encoding.

A stream that is no terminal is read by a program: what goes there is plain, and of any width.
"""

from __future__ import annotations

import os
import sys
from typing import Literal, TextIO

Style = Literal["good", "bad", "attention", "faint", "strong"]

# Of the sixteen colours that every terminal has, and its user has chosen: they can be read on dark and on light.
_CODES: dict[Style, str] = {"good": "32", "bad": "1;31", "attention": "33", "faint": "2", "strong": "1"}
_NARROWEST, _USUAL = 40, 80
_PLAIN = {"─": "-", "━": "#", "╸": "#", "✓": "ok:", "…": "..."}


def width(stream: TextIO | None = None) -> int | None:
    """Columns of the terminal behind a stream (default: standard output); None where there is none."""
    stream = sys.stdout if stream is None else stream
    if not stream.isatty():
        return None
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    return max(_NARROWEST, columns or _USUAL)


def coloured(stream: TextIO | None = None) -> bool:
    """Whether colours are wanted there: at a terminal that knows them, and without NO_COLOR (https://no-color.org)."""
    stream = sys.stdout if stream is None else stream
    return stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")


def paint(text: str, style: Style | None, stream: TextIO | None = None) -> str:
    """A text in a style, where colours are wanted."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if style and text.strip() and coloured(stream) else text


def drawn(text: str, stream: TextIO | None = None) -> str:
    """A text with lines and signs; in characters that the stream has, where these are missing."""
    encoding = (sys.stdout if stream is None else stream).encoding or "ascii"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        for sign, plain in _PLAIN.items():
            text = text.replace(sign, plain)
    return text
