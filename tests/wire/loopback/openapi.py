"""Whether requests and answers are ones that Discord's OpenAPI file describes; requests with closed schemas."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema
import referencing
import referencing.jsonschema

from tests.paths import SHARED

OPENAPI = SHARED / "discord" / "openapi.json"
EXTRAS: dict[str, tuple[str, ...]] = {
    "RichEmbed": ("flags",),
    "MessageCreateRequest": ("tts",),
    "BaseCreateMessageCreateRequest": ("tts",),
    "CreateForumThreadRequest": ("type",),
    "MessageEditRequestPartial": ("tts",),
    "IncomingWebhookUpdateRequestPartial": ("tts",),
    "IncomingWebhookUpdateForInteractionCallbackRequestPartial": ("tts",),
    "ApplicationCommandCreateRequest": ("nsfw",),
    "ApplicationCommandUpdateRequest": ("nsfw",),
}
"""Keys that discord.py sends and the file lacks."""
EXTRA_QUERY = frozenset({"use_nested_fields"})
"""What discord.py asks for with a forum post, from before that was the only way."""
MEDIA = 16
"""A kind of channel that the documentation has (resources/channel) and the file lacks."""
ROOT = "urn:openapi"
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}

Schema = dict[str, Any]


@dataclass(frozen=True)
class _Operation:
    query: Mapping[str, Schema]
    path: Mapping[str, Schema]
    body: Schema | None
    body_is_required: bool
    answers: Mapping[str, Schema | None]
    """By status or "4XX"; None where the answer has no body."""


def schema_problems(method: str, path: str, query: Mapping[str, str], body: Any) -> list[str]:
    """Where a request departs from the file; `path` is what follows /api/v10, `body` the JSON or None.

    Empty also where the file is absent, and for a route it does not have: that the server answers itself.
    """
    if not OPENAPI.exists():
        return []
    found = _operation(method, path)
    if found is None:
        return []
    operation, values = found
    body = with_ids_as_text(body)
    problems = [f"query has an unknown {name}" for name in query if name not in {*operation.query, *EXTRA_QUERY}]
    for name, value in query.items():
        if name in operation.query:
            problems += _departures(f"query {name}", operation.query[name], _typed(value, operation.query[name]))
    for name, value in values.items():
        problems += _departures(f"path {name}", operation.path.get(name, {}), value)
    if body is not None:
        no_body = [f"{method} {path} takes no body"]
        problems += _departures("body", operation.body, body) if operation.body is not None else no_body
    elif operation.body_is_required:
        problems.append(f"{method} {path} has no body")
    return problems


def answer_problems(method: str, path: str, status: int, text: str | None) -> list[str]:
    """Where an answer of Discord's own departs from the file. What stands in front of Discord is free to say anything."""
    found = _operation(method, path) if OPENAPI.exists() else None
    if found is None:
        return []
    answers, where = found[0].answers, f"{method} {path} {status}"
    key = str(status) if str(status) in answers else f"{status // 100}XX"
    if key not in answers:
        return [f"{where} is no answer to this"]
    schema = answers[key]
    if schema is None:
        return [f"{where} has a body"] if text else []
    return _departures(where, schema, json.loads(text or "null"), closed=False)


def with_ids_as_text(body: Any) -> Any:
    """Discord takes ids as numbers too, as discord.py writes them in mentions and menus; the file wants text."""
    if isinstance(body, list):
        return [with_ids_as_text(each) for each in body]
    if not isinstance(body, dict):
        return body
    told = {key: with_ids_as_text(value) for key, value in body.items()}
    if "recipient_id" in body:
        told["recipient_id"] = str(body["recipient_id"])
    if (allowed := body.get("allowed_mentions")) and "roles" in allowed:
        told["allowed_mentions"] = allowed | {"roles": [str(role) for role in allowed["roles"]]}
    if chosen := body.get("default_values"):
        told["default_values"] = [each | {"id": str(each["id"])} for each in chosen]
    return told


def _departures(where: str, schema: Schema, value: Any, *, closed: bool = True) -> list[str]:
    validator = _validator(json.dumps(schema, sort_keys=True), closed=closed)
    return [f"{where} {error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]


def _typed(value: str, schema: Schema) -> object:
    if schema.get("type") == "integer" and value.lstrip("-").isdigit():
        return int(value)
    if schema.get("type") == "boolean":
        return _BOOLEANS.get(value.lower(), value)
    return value


def _operation(method: str, path: str) -> tuple[_Operation, dict[str, str]] | None:
    parts = path.strip("/").split("/")
    for template in _templates(len(parts)):
        values = _match(template, parts)
        if values is not None:
            operation = _operations()[template].get(method.lower())
            if operation is not None:
                return operation, values
    return None


def _match(template: str, parts: list[str]) -> dict[str, str] | None:
    values = {}
    for wanted, part in zip(template.strip("/").split("/"), parts, strict=True):
        if wanted.startswith("{"):
            values[wanted[1:-1]] = part
        elif wanted != part:
            return None
    return values


@cache
def _templates(length: int) -> list[str]:
    """All paths of so many parts, those with the fewest blanks first: /users/@me goes before /users/{user_id}."""
    fitting = (template for template in _operations() if len(template.strip("/").split("/")) == length)
    return sorted(fitting, key=lambda template: template.count("{"))


@cache
def _operations() -> dict[str, dict[str, _Operation]]:
    return {template: dict(_read(path)) for template, path in _document()["paths"].items()}


def _read(path: Mapping[str, Any]) -> Iterator[tuple[str, _Operation]]:
    for method, described in path.items():
        if method == "parameters":
            continue
        parameters = path.get("parameters", []) + described.get("parameters", [])
        places = {
            place: {each["name"]: each.get("schema", {}) for each in parameters if each["in"] == place}
            for place in ("query", "path")
        }
        asked = described.get("requestBody", {})
        body = asked.get("content", {}).get("application/json", {}).get("schema")
        required = bool(asked.get("required")) and body is not None
        yield method, _Operation(places["query"], places["path"], body, required, dict(_answers(described)))


def _answers(described: Mapping[str, Any]) -> Iterator[tuple[str, Schema | None]]:
    shared = _document()["components"]["responses"]
    for status, answer in described["responses"].items():
        whole = shared[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
        yield status, whole.get("content", {}).get("application/json", {}).get("schema")


@cache
def _validator(schema: str, *, closed: bool) -> jsonschema.protocols.Validator:
    return jsonschema.Draft202012Validator(
        _with_root(json.loads(schema)), registry=_registry(closed=closed), format_checker=jsonschema.FormatChecker()
    )


def _with_root(schema: Any) -> Any:
    """The schema with its references made absolute, as it stands outside the document."""
    if isinstance(schema, dict):
        return {
            key: f"{ROOT}{value}" if key == "$ref" and isinstance(value, str) else _with_root(value)
            for key, value in schema.items()
        }
    return [_with_root(each) for each in schema] if isinstance(schema, list) else schema


@cache
def _registry(*, closed: bool) -> Any:
    resource = referencing.jsonschema.DRAFT202012.create_resource(_document(closed=closed))
    return referencing.Registry().with_resource(ROOT, resource)


@cache
def _document(*, closed: bool = True) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(OPENAPI.read_text())
    kinds = document["components"]["schemas"]
    kinds["ChannelTypes"]["oneOf"].append({"title": "GUILD_MEDIA", "const": MEDIA})
    kinds["GuildChannelResponse"]["properties"]["type"]["enum"].append(MEDIA)
    if not closed:
        return document
    for name, keys in EXTRAS.items():
        document["components"]["schemas"][name]["properties"] |= {key: {} for key in keys}
    _close(document)
    return document


def _close(schema: object) -> None:
    if isinstance(schema, list):
        for each in schema:
            _close(each)
    elif isinstance(schema, dict):
        kinds = schema.get("type")
        if "properties" in schema and (kinds == "object" or (isinstance(kinds, list) and "object" in kinds)):
            schema.setdefault("additionalProperties", False)
        for each in schema.values():
            _close(each)
