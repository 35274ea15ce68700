"""The options that the /follow commands share: when it comes; and what is suggested while somebody types."""

from collections.abc import Callable
from typing import Any, TypeVar

from discord import app_commands

from bot import logs
from bot.services.personal.follows import When
from cogs.follow.buttons import hidden_of, name_of, place_of
from cogs.ui import params
from cogs.ui.replies import Interaction

log = logs.get(__name__)

Command = TypeVar("Command", bound=Callable[..., Any])
AT_ONCE, DAILY = "at once", "daily"
Hour = app_commands.Range[int, 0, 23]


async def zones(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Time zones that hold what was typed, each with the time there."""
    found = params.services_of(interaction.client).personal.suggest_zones(typed)
    return [app_commands.Choice(name=shown, value=zone) for shown, zone in found]


async def follows(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The person's own follows; nobody else's, wherever they are asked for."""
    try:
        user_id, personal = interaction.user.id, params.services_of(interaction.client).personal
        mine = (await personal.following(user_id))[1]
        hidden = await hidden_of(interaction.client, user_id, mine)
        wanted = typed.strip().casefold()
        found = [each for each in mine if wanted in name_of(each, hidden).casefold()][: params.MOST]
    except Exception as error:  # noqa: BLE001 - no error may reach somebody who is typing
        log.warning("no suggestions", error=str(error))
        return []
    shown = [(each.id, f"{name_of(each, hidden)} · {place_of(interaction.client, each)}") for each in found]
    return [app_commands.Choice(name=label[: params.LENGTH], value=str(number)) for number, label in shown]


def timed(command: Command) -> Command:
    """The options for when it comes, the same at each command."""
    command = app_commands.describe(
        when="As soon as it is there, or once a day (at once if you do not say)",
        hour="The hour of your daily digest, 0 to 23; it is the same for all you follow",
        zone="Your time zone; it is remembered",
    )(command)
    command = app_commands.choices(
        when=[
            app_commands.Choice(name="At once", value=AT_ONCE),
            app_commands.Choice(name="In a daily digest", value=DAILY),
        ]
    )(command)
    return app_commands.autocomplete(zone=zones)(command)


def when_of(interaction: Interaction, when: str | None, hour: int | None, zone: str | None) -> When:
    """What was chosen, and the language of who chose it."""
    daily = None if when is None else when == DAILY
    return When(daily, hour, zone, str(interaction.locale))
