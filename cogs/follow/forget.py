"""/forget me: what is stored about a person, and its end."""

from discord import app_commands
from discord.ext import commands

from bot.i18n.translation import _, many
from bot.model import Stored
from bot.services import Services
from cogs.ui import params
from cogs.ui.replies import Interaction, say
from cogs.ui.views import Confirm


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class ForgetCommands(commands.GroupCog, group_name="forget", group_description="What I know about you"):
    """Forgetting."""

    def __init__(self, services: Services) -> None:
        self._personal = services.personal

    @app_commands.command(description="Show what I have stored about you, and delete it if you like")
    async def me(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        user_id = interaction.user.id
        stored, others = await self._personal.stored(user_id)
        lines = [*_lines(stored), *others]
        if not lines:
            await say(interaction, _("I have nothing stored about you."))
            return

        async def confirmed() -> str:
            await self._personal.forget(user_id)
            return _("Done: I have deleted all of that, and nothing more is sent to you.")

        text = _("This is all I have stored about you:\n{list}").format(list="\n".join(f"- {line}" for line in lines))
        text += "\n\n" + _(
            "Shall I delete it? Topics and sources that you added stay, without your name. Messages that I sent you stay "
            "until you delete them."
        )
        await say(interaction, text, view=Confirm(user_id, _("Forget me"), confirmed, required=None))


def _lines(stored: Stored) -> list[str]:
    lines = []
    if stored.follows:
        lines.append(many("{n} thing that you follow", "{n} things that you follow", stored.follows))
    if stored.articles:
        lines.append(
            many(
                "{n} article that was sent to you lately or is on its way",
                "{n} articles that were sent to you lately or are on their way",
                stored.articles,
            )
        )
    if stored.zone is not None:
        lines.append(_("your time zone, {zone}").format(zone=stored.zone))
    if stored.hour is not None:
        lines.append(_("the hour of your digest, {hour:02}:00").format(hour=stored.hour))
    if stored.known:
        lines.append(_("the language in which I write to you, and the private channel"))
    if stored.sources_added:
        lines.append(
            many(
                "your name at {n} source that you added",
                "your name at {n} sources that you added",
                stored.sources_added,
            )
        )
    if stored.topics_made:
        lines.append(
            many("your name at {n} topic that you made", "your name at {n} topics that you made", stored.topics_made)
        )
    return lines


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(ForgetCommands(params.services_of(bot)))
