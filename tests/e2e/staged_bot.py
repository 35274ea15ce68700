"""The real bot with what tests change: `staged_bot.py CONFIG STEP:TIME SECONDS`, run by the zygote.

It kills itself with SIGKILL at a named step (or never, for `-`), and takes a request without an answer for done or lost
after so many seconds.
"""

import asyncio
import os
import signal
from pathlib import Path

from bot import logs
from bot.app import App
from bot.config import settings


async def main(path: str, point: str, settled_seconds: float) -> int:
    name, _, time = point.partition(":")
    left = int(time or 1)

    def step(reached: str) -> None:
        nonlocal left
        if reached == name:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    loaded = settings.load(Path(path), os.environ)
    assert loaded.token is not None
    logs.setup(loaded.logging.level, loaded.logging.format, [])
    app = App(loaded, step=step, settled_seconds=settled_seconds)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, app.stop)
    async with app:
        return await app.run(loaded.token.get_secret_value())


def run(arguments: list[str]) -> int:
    path, point, settled_seconds = arguments
    return asyncio.run(main(path, point, float(settled_seconds)))
