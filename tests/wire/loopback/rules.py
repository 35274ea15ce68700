"""Whether a request is one that Discord would take: its OpenAPI file with closed schemas, and the rules beside it."""

import copy
import json
import os
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import referencing
import referencing.jsonschema

SHARED = Path(os.environ.get("RIVERPOST_SHARED", Path(__file__).resolve().parents[4] / "shared"))
OPENAPI = SHARED / "discord" / "openapi.json"
MESSAGES = "/channels/{channel_id}/messages"
LIMITS = {"title": 256, "description": 4096}
MESSAGE = "MessageCreateRequest"
COMMAND = "ApplicationCommandUpdateRequest"
EXTRAS: dict[str, dict[str, dict[str, object]]] = {
    "RichEmbed": {"flags": {}},
    MESSAGE: {"tts": {}},
    COMMAND: {"nsfw": {}},
}
"""Keys that discord.py sends and the file lacks."""
ROOT = "urn:openapi"


def broken_rules(body: dict[str, Any]) -> list[str]:
    """What the OpenAPI file lets pass and Discord does not, for the body of a new message."""
    problems = []
    embeds = body.get("embeds") or []
    if len((body.get("content") or "").strip()) > 2000:
        problems.append("content over 2000 characters")
    if not (body.get("content") or embeds):
        problems.append("an empty message")
    if body.get("allowed_mentions", {}).get("parse") != []:
        problems.append("mentions are not switched off")
    if len(str(body.get("nonce") or "")) > 25:
        problems.append("nonce over 25 characters")
    for embed in embeds:
        problems += [
            f"{key} over {limit}" for key, limit in LIMITS.items() if len((embed.get(key) or "").strip()) > limit
        ]
        links = [embed.get("url"), *((embed.get(key) or {}).get("url") for key in ("image", "thumbnail", "author"))]
        problems += [f"no web address: {link}" for link in links if link and not _is_web_address(link)]
    if sum(_size(embed) for embed in embeds) > 6000:
        problems.append("embeds over 6000 characters together")
    return problems


def _size(embed: dict[str, Any]) -> int:
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts.append((embed.get("author") or {}).get("name"))
    for each in embed.get("fields") or []:
        texts += [each["name"], each["value"]]
    return sum(len((text or "").strip()) for text in texts)


def _is_web_address(link: str) -> bool:
    parts = urlsplit(link)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in link and len(link) <= 2048


@cache
def _validator(schema: str) -> jsonschema.protocols.Validator | None:
    if not OPENAPI.exists():
        return None
    document = json.loads(OPENAPI.read_text())
    schemas = document["components"]["schemas"]
    for name, extra in EXTRAS.items():
        schemas[name]["properties"] |= copy.deepcopy(extra)
    for each in schemas.values():
        if each.get("type") == "object" and "properties" in each:
            each.setdefault("additionalProperties", False)
    resource = referencing.jsonschema.DRAFT202012.create_resource(document)
    registry: Any = referencing.Registry().with_resource(ROOT, resource)
    checker = jsonschema.FormatChecker()
    return jsonschema.Draft202012Validator(
        {"$ref": f"{ROOT}#/components/schemas/{schema}"}, registry=registry, format_checker=checker
    )


def schema_problems(body: dict[str, Any], schema: str = MESSAGE) -> list[str]:
    """Where the body of a new message, or of another kind, departs from the OpenAPI file; empty also where the file is absent."""
    validator = _validator(schema)
    if validator is None:
        return []
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(body)]
