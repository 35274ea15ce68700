"""One story once: which article of another source tells what a topic has told already. Pure; when in doubt, both are posted."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from bot.duplicates import text_similarity
from bot.model import Story

SAME_TEXT_WITHIN = timedelta(days=3)
SAME_LINK_WITHIN = timedelta(days=30)
"""An aggregator may come late; after a month an address that comes again is more likely used for something new."""

NAMED_WITHIN = timedelta(hours=48)
"""A message older than this is not edited to name another source."""


def suspects(new: Story, told: Sequence[Story]) -> tuple[Story, ...]:
    """Those that may be the same, by link or title alone: only their texts need be read."""
    return tuple(
        each for each in told if _may_be(new, each) and (_same_link(new, each) or _same_title_in_time(new, each))
    )


def match(new: Story, told: Sequence[Story]) -> Story | None:
    """The one of the told stories that is the same, the earliest where there are several; None to post it.

    Two entries of one source are never one story: not with each other, and not by way of a third.
    """
    found = sorted(
        (each for each in told if same(new, each)),
        key=lambda each: (not _same_link(new, each), each.at, each.delivery_id),
    )
    if not found:
        return None
    if len({each.feed_id for each in found}) < len(found) and not _same_link(new, found[0]):
        return None  # one source told it twice: a column with the same words each time
    return found[0]


def same(one: Story, other: Story) -> bool:
    """Whether two articles tell one story; the order does not matter.

    By the link: it belongs to one entry of each source, it leads to a page and not to a site, and the titles do not
    contradict it. By the words: title and text are nearly the same within 3 days, with the same names and numbers.
    """
    if not _may_be(one, other):
        return False
    if (
        _same_link(one, other)
        and text_similarity.of_title(one.title).numbers == text_similarity.of_title(other.title).numbers
    ):
        if text_similarity.share_words(one.title, other.title):
            return True
        return text_similarity.same_text(one.text, other.text)
    if one.title_recurs or other.title_recurs or not _same_title_in_time(one, other):
        return False
    return text_similarity.same_text(one.text, other.text)


def _may_be(one: Story, other: Story) -> bool:
    ours, theirs = one.sources | {one.feed_id}, other.sources | {other.feed_id}
    return not ours & theirs and abs(one.at - other.at) <= SAME_LINK_WITHIN


def _same_link(one: Story, other: Story) -> bool:
    if one.link_key is None or one.link_key != other.link_key or one.link_is_shared or other.link_is_shared:
        return False
    return _is_page(one.link) and _is_page(other.link)


def _is_page(link: str | None) -> bool:
    parts = urlsplit(link or "")
    return bool(parts.path.strip("/") or parts.query)


def _same_title_in_time(one: Story, other: Story) -> bool:
    if abs(one.at - other.at) > SAME_TEXT_WITHIN or _two_pages_of_one_site(one, other):
        return False
    return text_similarity.same_title(_title(one), _title(other))


def _two_pages_of_one_site(one: Story, other: Story) -> bool:
    """A site does not tell one story on two pages; a column has a page for each day."""
    if one.link_key is None or other.link_key is None or one.link_key == other.link_key:
        return False
    return _host(one.link) == _host(other.link)


def _host(link: str | None) -> str:
    return (urlsplit(link or "").hostname or "").removeprefix("www.")


def _title(story: Story) -> str:
    """Without the source's own name, which many put behind a bar or a dash."""
    for mark in (" | ", " - ", " – ", " — ", " :: ", " · "):  # noqa: RUF001 - dashes are meant
        head, _, tail = story.title.rpartition(mark)
        if head and text_similarity.of_title(tail).words == text_similarity.of_title(story.source).words:
            return head
    return story.title
