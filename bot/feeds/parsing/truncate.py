"""Takes entries out of the middle of a document that has too many of them, before anything reads it as XML."""

import re

# Without the end of the document as an end, each of many that are not closed would be searched to there.
_MARK = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<(/?)(?:item|entry)(?=[\s>])", re.DOTALL)


def thinned(body: bytes, most: int) -> tuple[bytes, int]:
    """The document with the first and last `most // 2` entries, and how many were taken out between.

    A document whose entries do not simply follow each other comes back whole.
    """
    if body.count(b"<item") + body.count(b"<entry") <= most:
        return body, 0
    starts: list[int] = []
    inside = False
    for match in _MARK.finditer(body):
        if match[1] is None:
            continue
        if (match[1] == b"/") != inside:
            return body, 0
        inside = not inside
        if inside:
            starts.append(match.start())
    if len(starts) <= most:
        return body, 0
    keep = most // 2
    return body[: starts[keep]] + body[starts[-keep] :], len(starts) - 2 * keep
