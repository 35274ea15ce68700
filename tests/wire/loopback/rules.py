"""The rules of Discord that its OpenAPI file lets pass."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.wire.loopback.world import visible

LIMITS = {"title": 256, "description": 4096}
PARTS = ("image", "thumbnail", "author", "footer")
NOT_FOR_BOTS = ("provider", "video")
EPHEMERAL = 1 << 6
SETTABLE_FLAGS = 1 << 2 | 1 << 12 | 1 << 13 | 1 << 15
COMMAND_CHARACTERS = 8000


def broken_rules(body: dict[str, Any], *, flags: int = SETTABLE_FLAGS) -> list[str]:
    """What the OpenAPI file lets pass and Discord does not, for the body of a new message."""
    problems = _broken_parts(body)
    if not ((body.get("content") or "").strip() or body.get("embeds")):
        problems.append("an empty message")
    if (body.get("flags") or 0) & ~flags:
        problems.append("flags that no message may have")
    if (body.get("allowed_mentions") or {}).get("parse") != []:
        problems.append("mentions are not switched off")
    if len(str(body.get("nonce") or "")) > 25:
        problems.append("nonce over 25 characters")
    return problems


def unseen_embeds(body: object) -> list[str]:
    """What Discord takes and its clients do not show: every embed whose url an earlier one of its message has."""
    message = body.get("message", body) if isinstance(body, dict) else None
    embeds = (message.get("embeds") or []) if isinstance(message, dict) else []
    shown = visible(embeds)
    return [f"an embed that no reader sees: {each.get('title')}" for each in embeds if each not in shown]


def pinged_roles(body: dict[str, Any]) -> list[str]:
    """The roles whose members Discord tells of a message: named in its text, and allowed."""
    allowed = (body.get("allowed_mentions") or {}).get("roles") or []
    return [str(role) for role in allowed if f"<@&{role}>" in (body.get("content") or "")]


def broken_reply_rules(body: dict[str, Any], *, new: bool) -> list[str]:
    """The same for an answer to an interaction: a new message, or what a message is after an edit."""
    problems = broken_rules(body, flags=SETTABLE_FLAGS | EPHEMERAL) if new else _broken_parts(body)
    rows = body.get("components") or []
    if not new and not ((body.get("content") or "").strip() or body.get("embeds") or rows):
        problems.append("an edit that leaves nothing")
    if len(rows) > 5:
        problems.append("more than 5 rows of components")
    inner = [each for row in rows for each in row.get("components") or []]
    names = [each["custom_id"] for each in inner if "custom_id" in each]
    if len(names) != len(set(names)):
        problems.append("two components of one custom_id")
    for row in rows:
        kinds = [each["type"] for each in row.get("components") or []]
        if not kinds or len(kinds) > 5 or (len(kinds) > 1 and set(kinds) != {2}):
            problems.append("a row takes up to 5 buttons or 1 menu")
    return problems


def _broken_parts(body: dict[str, Any]) -> list[str]:
    problems = []
    embeds = body.get("embeds") or []
    if len((body.get("content") or "").strip()) > 2000:
        problems.append("content over 2000 characters")
    for embed in embeds:
        problems += [
            f"{key} over {limit}" for key, limit in LIMITS.items() if len((embed.get(key) or "").strip()) > limit
        ]
        problems += [f"an embed may not set {key}" for key in NOT_FOR_BOTS if key in embed]
        problems += [f"no web address: {link}" for link in _links(embed) if not _is_web_address(link)]
        if not any(embed.get(key) for key in ("title", "description", "url", "fields", *PARTS)):
            problems.append("an empty embed")
    if sum(_size(embed) for embed in embeds) > 6000:
        problems.append("embeds over 6000 characters together")
    return problems


def broken_command_rules(commands: list[dict[str, Any]]) -> list[str]:
    """The same for the list of all commands."""
    names = [(command.get("type", 1), command["name"]) for command in commands]
    problems = [f"two commands named {name}" for kind, name in set(names) if names.count((kind, name)) > 1]
    for command in commands:
        if sum(_characters(command)) > COMMAND_CHARACTERS:
            problems.append(f"/{command['name']} has over {COMMAND_CHARACTERS} characters")
        problems += _broken_options(f"/{command['name']}", command.get("options") or [])
    return problems


def _broken_options(where: str, options: list[dict[str, Any]]) -> list[str]:
    required = [bool(option.get("required")) for option in options]
    problems = [f"{where}: a required option after an optional one"] if required != sorted(required)[::-1] else []
    for option in options:
        if option.get("autocomplete") and option.get("choices"):
            problems.append(f"{where} {option['name']}: autocomplete and choices")
        problems += _broken_options(f"{where} {option['name']}", option.get("options") or [])
    return problems


def _characters(command: dict[str, Any]) -> Iterator[int]:
    for key in ("name", "description", "value"):
        yield len(str(command.get(key) or ""))
    for each in (command.get("options") or []) + (command.get("choices") or []):
        yield from _characters(each)


def addresses(body: object) -> dict[str, str]:
    """The addresses of a message's embeds and of its webhook, by the names that Discord gives these parts."""
    if not isinstance(body, dict):
        return {}
    before, message = ("message.", body["message"]) if isinstance(body.get("message"), dict) else ("", body)
    found = {"avatar_url": body.get("avatar_url")}
    for place, embed in enumerate(message.get("embeds") or []):
        found |= {f"{before}embeds.{place}.{name}": link for name, link in _named_links(embed)}
    return {name: link for name, link in found.items() if link}


def _links(embed: dict[str, Any]) -> list[str]:
    return [link for _name, link in _named_links(embed)]


def _named_links(embed: dict[str, Any]) -> list[tuple[str, str]]:
    links = [("url", embed.get("url"))]
    links += [(f"{part}.{key}", (embed.get(part) or {}).get(key)) for part in PARTS for key in ("url", "icon_url")]
    return [(name, link) for name, link in links if link]


def _size(embed: dict[str, Any]) -> int:
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts.append((embed.get("author") or {}).get("name"))
    for each in embed.get("fields") or []:
        texts += [each.get("name"), each.get("value")]
    return sum(len((text or "").strip()) for text in texts)


def _is_web_address(link: str) -> bool:
    """Hosts without a dot and with an underscore are refused for sure (grafana#65270, discord.js#7438)."""
    try:
        parts = urlsplit(link)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    labels = host.removesuffix(".").split(".")
    named = len(labels) > 1 and all(label and "_" not in label and "\\" not in label for label in labels)
    well_formed = " " not in link and len(link) <= 2048 and port != 0 and not parts.netloc.endswith(":")
    return parts.scheme in {"http", "https"} and well_formed and (named or ":" in host)
