"""The sandbox: the real bot in a local page, without Discord and without a token.

`sample_sites` serves sample feeds from `feeds` and `pictures`, `discord_simulator` plays the server. To add a sample
feed, add its TOML file.
"""

import importlib.util
import sys

from bot.config.settings import Config

MISSING = "The sandbox needs the extra: pip install 'riverpost[sandbox]'; scripts/run does that."


async def run(config: Config, *, port: int = 0) -> int:
    """Show the bot in a page at `port` of 127.0.0.1 (0: any free one) until SIGINT or SIGTERM. The exit code."""
    if importlib.util.find_spec("simcord") is None:
        print(MISSING, file=sys.stderr)  # noqa: T201 - the command line prints
        return 1
    from bot.sandbox import main  # noqa: PLC0415 - needs the extra

    return await main.run(config, port=port)
