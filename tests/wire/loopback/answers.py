"""What the loopback Discord answers with: JSON in Discord's shape and under Discord's type."""

import json
from typing import Any

from aiohttp import web


async def json_of(request: web.Request) -> Any:
    """The body as JSON, as text where it is none, or None where there is no body."""
    text = await request.text()
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def reply(body: object, *, status: int = 200) -> web.Response:
    """JSON as Discord sends it: discord.py takes a body with a charset in its type for text."""
    answer = web.json_response(body, status=status)
    answer.headers["Content-Type"] = "application/json"
    return answer


def invalid_addresses(paths: list[str], *, named: bool = True) -> web.Response:
    """A refusal that names parts of the form, such as "embeds.0.image.url" (reference#error-messages).

    Args:
        named: else Discord's other way to refuse an address, which names the embed alone (bugsink#280).
    """
    if not named:
        return reply({"embeds": ["0"]}, status=400)
    errors: dict[str, Any] = {}
    for path in paths:
        place = errors
        for part in path.split("."):
            place = place.setdefault(part, {})
        place["_errors"] = [{"code": "URL_TYPE_INVALID_URL", "message": "Not a well formed URL."}]
    return reply({"code": 50035, "message": "Invalid Form Body", "errors": errors}, status=400)


def error(status: int, code: int, message: str) -> web.Response:
    """An error in Discord's shape."""
    return reply({"code": code, "message": message}, status=status)
