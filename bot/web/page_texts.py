"""The words of the pages, in the language of the server that they belong to."""

from types import SimpleNamespace

from bot.i18n.translation import _, many


def words() -> SimpleNamespace:
    """Everything that a template says, by name."""
    return SimpleNamespace(
        skip=_("To the articles"),
        read_on=_("Continue reading"),
        search=_("Search"),
        search_for=_("Search these articles"),
        sources=_("Sources"),
        topics=_("Topics"),
        feeds=_("Feeds"),
        newer=_("Newer"),
        older=_("Older"),
        pages=_("Pages"),
        page=_("Page"),
        nothing_yet=_("Nothing has come in yet. Come back soon."),
        no_hits=_("No article has these words."),
        permalink=_("Permanent link"),
        site=_("Website"),
        feed=_("Feed"),
        listen=_("Listen"),
        watch=_("Watch"),
        by=_("by"),
        made_by=_("Collected by Riverpost. Every article belongs to its author; its title leads to it."),
        original=_("Read it on its own site"),
        untitled=_("Untitled"),
        source_list=_("List of sources (OPML)"),
    )


def articles(count: int) -> str:
    """How many there are."""
    return many("{n} article", "{n} articles", count)


def refusal(status: int) -> tuple[str, str]:
    """Heading and sentence of a page that there is not."""
    return {
        404: (_("There is no such page"), _("Check the address, or start at the page that you came from.")),
        410: (_("This page is gone"), _("It was published once. Whoever runs it has taken it back.")),
        400: (_("I cannot read that address"), _("Check the address, or start at the page that you came from.")),
        429: (_("Too many searches at once"), _("Wait a moment, then try again.")),
        503: (_("Not now"), _("I am just starting, or very busy. Try again in a minute.")),
    }.get(status, (_("Something failed"), _("Try again in a minute. Whoever runs this finds the reason in the log.")))
