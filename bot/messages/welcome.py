"""What a guild reads when it has invited the bot, and the buttons under it. Pure."""

from bot.i18n.translation import _
from bot.model import MessagePayload

COLOUR = 0x2F6F9F
BUTTON, PRIMARY, SECONDARY = 2, 1, 2
TOPIC, PACKS, HELP = "topic", "packs", "help"


def custom_id(what: str) -> str:
    """What a button carries: it works for as long as the message stands."""
    return f"riverpost:welcome:{what}"


def payload(*, number: str) -> MessagePayload:
    """The message.

    Args:
        number: what tells this message from every other, stands in its footer.
    """
    embed = {
        "title": _("Hello, I am Riverpost"),
        "description": _(
            "I read news sites, blogs and podcasts, and post every new article once, in the channel of its topic.\n\n"
            "**How to begin:** press **Make a first topic** and name a site or two: the first article comes a few seconds "
            "later. Or take a starter pack, or type `/subscribe` with the address of a site in any channel.\n\n"
            "Everybody can read along with `/latest` and look for something with `/search`. Only who may manage channels "
            "can change topics and sources."
        ),
        "color": COLOUR,
        "footer": {"text": f"Riverpost {number}"},
    }
    buttons = [
        {"type": BUTTON, "style": style, "label": label, "custom_id": custom_id(what)}
        for what, style, label in (
            (TOPIC, PRIMARY, _("Make a first topic")),
            (PACKS, SECONDARY, _("Browse starter packs")),
            (HELP, SECONDARY, _("Help")),
        )
    ]
    return MessagePayload((embed,), components=({"type": 1, "components": buttons},))
