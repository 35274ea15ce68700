"""Presses that nobody answers: on what another process showed, or what has expired meanwhile.

discord.py drops them without a word, and Discord says "This interaction failed".
"""

from collections.abc import Callable
from typing import Any

import discord
from discord.ui.view import ViewStore

EVENT = "stale_press"
"""It comes with a `discord.Interaction` that nothing here answers."""
BARRED_EVENT = "barred_press"
"""It comes with a `discord.Interaction` of a server that may not use the bot."""

Stale = Callable[[discord.Interaction[Any]], object]


class ReportingViewStore(ViewStore):
    """What discord.py knows of views, buttons and forms; tells of what is pressed and belongs to none of them.

    It is asked before discord.py acts: a view may be over as soon as it is pressed.

    Args:
        refuses: says whether an interaction comes from where the bot may not be used, and answers it then. Nothing that
            was pressed or filled in there has an effect.
    """

    def __init__(self, state: Any, on_stale: Stale, refuses: Callable[[discord.Interaction[Any]], bool]) -> None:
        super().__init__(state)
        self._on_stale = on_stale
        self._refuses = refuses

    def dispatch_view(self, component_type: int, custom_id: str, interaction: discord.Interaction[Any]) -> None:
        if self._refuses(interaction):
            return
        message_id = interaction.message.id if interaction.message is not None else None
        answered = self.answers(message_id, component_type, custom_id)
        super().dispatch_view(component_type, custom_id, interaction)
        if not answered:
            self._on_stale(interaction)

    def dispatch_modal(
        self, custom_id: str, interaction: discord.Interaction[Any], components: Any, resolved: Any
    ) -> None:
        if self._refuses(interaction):
            return
        answered = custom_id in self._modals
        super().dispatch_modal(custom_id, interaction, components, resolved)
        if not answered:
            self._on_stale(interaction)

    def answers(self, message_id: int | None, component_type: int, custom_id: str) -> bool:
        """Whether there is a view, or a button that works for ever, for this component."""
        if any(pattern.fullmatch(custom_id) for pattern in self._dynamic_items):
            return True
        key = (component_type, custom_id)
        return key in self._views.get(message_id, {}) or key in self._views.get(None, {})

    def has_view(self, message_id: int) -> bool:
        """Whether a view of this process stands under the message, if with other components than were pressed."""
        return bool(self._views.get(message_id))

    def living(self, message: discord.Message) -> discord.ui.View | None:
        """What stands under a message, without what nothing answers; None where nothing is left."""
        view = discord.ui.View.from_message(message, timeout=None)
        for item in view.children:
            custom_id = getattr(item, "custom_id", None)
            if custom_id is not None and not self.answers(message.id, item.type.value, custom_id):
                view.remove_item(item)
        view.stop()  # so that discord.py does not keep it
        return view if view.children else None
