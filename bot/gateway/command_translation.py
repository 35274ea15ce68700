"""Names and descriptions of commands in the languages of the catalogues, as Discord asks for them."""

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location
from discord.app_commands import TranslationContextTypes

from bot.i18n import translation

NAMES = {
    Location.command_name: translation.COMMAND,
    Location.group_name: translation.COMMAND,
    Location.parameter_name: translation.OPTION,
}


class CommandTranslator(app_commands.Translator):
    """Gives no translation where a catalogue has none: Discord shows the English one then."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: TranslationContextTypes
    ) -> str | None:
        language = str(locale.value)
        if context.location in NAMES and not isinstance(context.data, app_commands.ContextMenu):
            return translation.named(NAMES[context.location], string.message, language)
        told = translation.catalogue(language).gettext(string.message) if string.message else ""
        return told if told and told != string.message else None
