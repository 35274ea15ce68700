"""Which source a person means by what they typed, and what is said where that is none or several."""

from collections.abc import Iterable

from bot.addresses import shown
from bot.errors import UserError
from bot.i18n.translation import _
from bot.model import SourceStatus
from bot.services.topics import name_search
from bot.url_normalisation import canonical

LISTED = 5
"""Sources that are named where several match."""
MAX_TYPED = 80


def title_of(source: SourceStatus) -> str:
    """What a source is called: its title, else the name of its host."""
    return source.title or source.url.site


def matching(sources: Iterable[SourceStatus], typed: str) -> list[SourceStatus]:
    """The sources a person means: by id, title, address, the site's address; else by how their titles begin."""
    listed = list(sources)
    text = typed.strip().strip("<>")
    address = canonical(text if "://" in text else f"https://{text}")
    ways = (
        [source for source in listed if str(source.feed_id) == text],
        [source for source in listed if (source.title or "").casefold() == text.casefold()],
        [source for source in listed if (source.own_title or "").casefold() == text.casefold()],
        [source for source in listed if canonical(source.url.reveal()) == address],
        [source for source in listed if source.site_url and canonical(source.site_url) == address],
    )
    return next((found for found in ways if found), None) or name_search.meant(listed, text, names_of)


def the_source(sources: Iterable[SourceStatus], typed: str, *, topic: str | None = None) -> list[SourceStatus]:
    """One source as each of its topics has it: the one that a person means.

    Args:
        topic: the name of the topic whose sources these are, if they are of one.

    Raises:
        UserError: there is none, or there are several; it names those that come close.
    """
    listed = list(sources)
    found = matching(listed, typed)
    titles = list(dict.fromkeys(title_of(each) for each in found))
    if len({each.feed_id for each in found}) > 1:
        names = ", ".join(titles[:LISTED])
        if len(titles) == 1:
            raise UserError(
                _("Several sources are called “{title}”. Choose from the list that appears while you type.").format(
                    title=names
                )
            )
        raise UserError(_("Several sources match that: {titles}. Write more of the name.").format(titles=names))
    if found:
        return found
    # An address may have a password in it.
    shown_name = (shown(typed) if "/" in typed or "@" in typed else typed.strip())[:MAX_TYPED]
    close = name_search.similar(list(dict.fromkeys(title_of(each) for each in listed)), typed)
    if close:
        names = " / ".join(f"“{each}”" for each in close)
        text = _("I find no source “{name}” here. Did you mean {names}?").format(name=shown_name, names=names)
    elif topic is not None:
        text = _(
            "“{topic}” has no such source. `/sources` shows what it has; choose from the list that appears while you type."
        ).format(topic=topic)
    else:
        text = _(
            "This server has no such source. `/sources` shows what it has; choose from the list that appears while you type."
        )
    raise UserError(text)


def names_of(source: SourceStatus) -> tuple[str, ...]:
    """What a source is called here, and what it calls itself."""
    return (title_of(source), source.own_title) if source.own_title else (title_of(source),)
