"""simcord's people all have American Discords; these have the one they want."""

import contextlib
from collections.abc import Iterator
from typing import Any

from tests.cogs.conftest import World


@contextlib.contextmanager
def discord_in(world: World, language: str) -> Iterator[None]:
    """What people do in the block, they do in a Discord of this language."""
    backend: Any = world.env.backend
    emit = backend.emit

    def emit_in(event: str, payload: dict[str, Any], *rest: Any, **more: Any) -> Any:
        if event == "INTERACTION_CREATE":
            payload["locale"] = language
        return emit(event, payload, *rest, **more)

    backend.emit = emit_in
    try:
        yield
    finally:
        backend.emit = emit
