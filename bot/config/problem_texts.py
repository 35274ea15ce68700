"""What is wrong with a configuration, in words: one line for each problem that pydantic found."""

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from pydantic_core import ErrorDetails

from bot.addresses import redacted
from bot.logs import without_passwords

Loc = tuple[int | str, ...]
"""Where a value stands: section, key, place in a list."""

_UNDERSCORES = re.compile("_+")
_WORDS = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "finite_number": "must be a number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "greater_than": "must be above {gt:.12g}",
    "greater_than_equal": "must be at least {ge:.12g}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le:.12g}",
    "literal_error": "must be {expected}",
    "missing": "is missing",
    "model_type": "must be a section with keys of its own",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_type": "must be text in quotes",
    "too_short": "must not be empty",
    "tuple_type": "must be a list",
    "value_error": "{error}",
}
_WITHOUT_VALUE = {"missing", "model_type", "too_short", "tuple_type", "string_too_short"}


def explain(
    details: ErrorDetails,
    variables: Mapping[str, str],
    *,
    siblings: Callable[[Loc], list[str]],
    secret: Collection[str],
) -> Iterator[str]:
    """The lines for one problem of a validation, each beginning with its dotted key.

    Args:
        variables: by dotted key, the variable that set it.
        siblings: the known keys beside the one at a place.
        secret: keys whose values are never shown.
    """
    kind, key, context = details["type"], _dotted(details["loc"]), details.get("ctx", {})
    if kind == "between_keys":
        for part, text in context["problems"]:
            yield f"{key}{part}: {text}" if part.startswith("[") or not key else f"{key}.{part}: {text}"
        return
    if kind == "extra_forbidden":
        if key == "discord.token":
            yield "discord.token: is not a known key; the token goes into DISCORD_TOKEN or DISCORD_TOKEN_FILE"
            return
        yield f"{key}: is not a known key{did_you_mean(str(details['loc'][-1]), siblings(details['loc']))}"
        return
    text = _WORDS[kind].format(**context) if kind in _WORDS else details["msg"]
    if kind not in _WITHOUT_VALUE and key not in secret:
        shown = redacted(without_passwords(str(details["input"]))).replace("\n", "\\n")
        text += f" ({variables[key]} says {shown})" if key in variables else f" (you wrote {shown})"
    elif key in variables:
        text += f" (set by {variables[key]})"
    yield f"{key}: {text}"


def _dotted(loc: tuple[int | str, ...]) -> str:
    """`topics[1].name`: list items are counted from 1, as people do."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in loc).removeprefix(".")


def did_you_mean(wrong: str, known: list[str]) -> str:
    """A hint at the known name that is most like a wrong one; empty where none is."""
    close = difflib.get_close_matches(wrong, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def slips(environ: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """Variables that are known but for the number of their underscores: they would be ignored without a word."""
    meant = {_UNDERSCORES.sub("_", name): name for name in known}
    for variable in sorted(environ):
        name = meant.get(_UNDERSCORES.sub("_", variable))
        if name is not None and name != variable and not variable.startswith("RIVERPOST__"):
            yield f"{variable}: is not a known variable; did you mean {name}? (two underscores between the parts)"
