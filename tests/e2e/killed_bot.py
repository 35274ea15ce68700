"""The real bot, except that it kills itself with SIGKILL at a named step: `killed_bot.py CONFIG STEP:TIME`, run by the zygote."""

import asyncio
import os
import signal
from pathlib import Path

from bot import config, logs
from bot.app import App


async def main(path: str, point: str) -> int:
    name, _, time = point.partition(":")
    left = int(time or 1)

    def step(reached: str) -> None:
        nonlocal left
        if reached == name:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    loaded = config.load(Path(path), os.environ)
    assert loaded.token is not None
    logs.setup(loaded.logging.level, loaded.logging.format, [])
    app = App(loaded, step=step)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, app.stop)
    async with app:
        return await app.run(loaded.token.get_secret_value())


def run(arguments: list[str]) -> int:
    path, point = arguments
    return asyncio.run(main(path, point))
