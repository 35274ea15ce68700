"""Messages under a source's own name and picture, by a webhook of ours in the channel; the bot itself where that fails."""

import discord

from bot import logs
from bot.clock import Clock
from bot.model import MessagePayload, Post, WebhookIdentity
from bot.posting.discord.error_mapping import StalePlan
from bot.posting.discord.message_parts import embeds_of

log = logs.get(__name__)

NAME = "Riverpost"
REST_SECONDS = 3600.0
"""After a webhook could not be made or was refused, the bot posts as itself for so long."""
MAX_KNOWN = 1_000
_GONE = frozenset({10015, 50027})


class Webhooks:
    """Our webhooks, found or made when they are first used. Their tokens are never stored."""

    def __init__(self, client: discord.Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[int, discord.Webhook] = {}
        self._resting: dict[int, float] = {}

    def possible_in(self, channel_id: int) -> bool:
        """Whether nothing speaks against it that happened lately."""
        return self._resting.get(channel_id, 0.0) <= self._clock.monotonic()

    async def send(self, post: Post, identity: WebhookIdentity, mentions: discord.AllowedMentions) -> int:
        """The new message's id.

        Raises:
            StalePlan: nothing was sent; plan it anew.
        """
        is_new = post.channel_id not in self._known
        webhook = await self._of(post.channel_id)
        try:
            made = await webhook.send(
                content=post.payload.content or discord.utils.MISSING,
                embeds=embeds_of(post.payload),
                username=identity.username,
                avatar_url=identity.avatar_url or discord.utils.MISSING,
                allowed_mentions=mentions,
                silent=post.payload.silent,
                wait=True,
            )
        except discord.HTTPException as error:
            if error.code in _GONE:
                self._known.pop(post.channel_id, None)
                if is_new:  # listed a moment ago: looking for it again would find the same
                    raise self._rest(post.channel_id, error) from error
                raise StalePlan("its webhook is gone") from error
            if error.status == 400 and "username" in (error.text or ""):
                raise self._rest(post.channel_id, error) from error
            raise
        return made.id

    async def edit(self, channel_id: int, message_id: int, payload: MessagePayload) -> None:
        """Give a message of our webhook other embeds."""
        webhook = await self._of(channel_id)
        try:
            await webhook.edit_message(message_id, embeds=embeds_of(payload))
        except discord.HTTPException as error:
            if error.code in _GONE:
                self._known.pop(channel_id, None)
                raise StalePlan("its webhook is gone, and with it the right to edit") from error
            raise

    async def _of(self, channel_id: int) -> discord.Webhook:
        """Looked for before one is made, so that a lost answer never leaves two."""
        known = self._known.get(channel_id)
        if known is not None:
            return known
        channel = self._client.get_channel(channel_id)
        if not isinstance(channel, discord.TextChannel):
            raise StalePlan("the channel takes no webhooks")
        try:
            found = next((each for each in await channel.webhooks() if self._is_ours(each)), None)
            webhook = found or await channel.create_webhook(name=NAME)
        except (discord.Forbidden, discord.NotFound) as error:
            raise self._rest(channel_id, error) from error
        except discord.HTTPException as error:
            if error.status != 400:
                raise
            raise self._rest(channel_id, error) from error
        if len(self._known) >= MAX_KNOWN:
            self._known.pop(next(iter(self._known)))  # it is looked for again when it is needed
        self._known[channel_id] = webhook
        return webhook

    def _is_ours(self, webhook: discord.Webhook) -> bool:
        me = self._client.user
        return webhook.token is not None and webhook.user is not None and me is not None and webhook.user.id == me.id

    def _rest(self, channel_id: int, error: discord.HTTPException) -> StalePlan:
        now = self._clock.monotonic()
        self._resting = {channel: until for channel, until in self._resting.items() if until > now}
        self._resting[channel_id] = now + REST_SECONDS
        log.warning(
            "no webhook can be used; the bot posts as itself for an hour", channel=channel_id, error=str(error)[:200]
        )
        return StalePlan("no webhook can be used in its channel")
