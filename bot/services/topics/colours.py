"""Colours that people type: by name, or by six hexadecimal digits. Pure."""

import re

from bot.errors import UserError
from bot.i18n.translation import N_, _
from bot.services.topics import name_search

NO_COLOUR_OF_ITS_OWN = "none"
"""Instead of a colour: the standard one."""
NAMED = {
    N_("red"): 0xE74C3C,
    N_("orange"): 0xE67E22,
    N_("yellow"): 0xF1C40F,
    N_("green"): 0x2ECC71,
    N_("teal"): 0x1ABC9C,
    N_("blue"): 0x3498DB,
    N_("navy"): 0x1F3A93,
    N_("blurple"): 0x5865F2,
    N_("purple"): 0x9B59B6,
    N_("pink"): 0xEB459E,
    N_("brown"): 0x8D6E63,
    N_("grey"): 0x95A5A6,
    N_("black"): 0x23272A,
    N_("white"): 0xFFFFFF,
}
ALIASES = {"gray": "grey", "violet": "purple", "magenta": "pink", "cyan": "teal", "turquoise": "teal", "gold": "yellow"}
_DIGITS = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")


def read(text: str) -> int | None:
    """The colour of `#1f8b4c`, `1f8b4c`, `#fff` or `blue`; None for the standard one.

    Raises:
        UserError: it is no such colour.
    """
    wanted = name_search.simplified(text)
    if wanted in {NO_COLOUR_OF_ITS_OWN, name_search.simplified(_("none"))}:
        return None
    for name, number in NAMED.items():
        if wanted in {name, name_search.simplified(_(name))}:
            return number
    if wanted in ALIASES:
        return NAMED[ALIASES[wanted]]
    match = _DIGITS.fullmatch(text.strip())
    if match is None:
        raise UserError(
            _(
                "I cannot read that colour. Give a name such as {names}, or six digits or letters from A to F, "
                "for example #1f8b4c."
            ).format(names=", ".join(_(name) for name in list(NAMED)[:6]))
        )
    digits = match[1]
    return int("".join(digit * 2 for digit in digits) if len(digits) == 3 else digits, 16)


def suggest(typed: str) -> tuple[tuple[str, str], ...]:
    """Names that hold what was typed, in the reader's language with the digits, and what stands for each."""
    found = name_search.suggested(
        NAMED, typed.removeprefix("#"), lambda name: (_(name), name), lambda name: (_hex(name),)
    )
    return tuple((f"{_(name)} ({_hex(name)})", _hex(name)) for name in found)


def _hex(name: str) -> str:
    return f"#{NAMED[name]:06x}"
