"""Messages: planned, tried, recorded. Each step is one transaction, shared with those of other channels."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StoreError
from bot.model import DeliveryState, MessagePayload, Post, PostKind, PostPlan, PostState
from bot.store.engine.batcher import Batcher
from bot.store.engine.database import Database
from bot.store.posting.articles_of_post import members_are, members_of, members_wait
from bot.store.posting.deliveries import LEASE
from bot.store.posting.digest_times import due_again, is_quiet
from bot.store.posting.follow_ups import request_follow_ups
from bot.store.posting.once_per_channel import settle_rivals, take_turn
from bot.store.posting.skipped_deliveries import bring_back, bring_back_elsewhere
from bot.store.schema import row_mapping
from bot.store.schema.tables import channels, deliveries, posts, topics

Step = Callable[[AsyncConnection], Awaitable[Any]]


class PostStore:
    """The table `posts`, with the deliveries that are in each."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._batcher: Batcher[Step, Any] = Batcher(self._run_all)

    async def drain(self) -> None:
        """Wait for the transactions that were begun."""
        await self._batcher.drain()

    async def first_open(self, channel_id: int, *, now: datetime | None = None) -> Post | None:
        """The oldest message of a channel that is planned and not yet recorded as sent.

        Args:
            now: has quiet hours count as a pause of the topic.
        """
        paused = sa.or_(topics.c.paused.is_(True), sa.false() if now is None else is_quiet(now))
        moved = sa.and_(
            posts.c.kind != PostKind.PERSONAL,
            sa.or_(posts.c.topic_id.is_(None), paused, topics.c.channel_id != posts.c.channel_id),
        ).label("topic_moved")
        query = (
            sa.select(posts, moved)
            .outerjoin(topics, topics.c.id == posts.c.topic_id)
            .where(posts.c.channel_id == channel_id, posts.c.state == PostState.PLANNED)
            .where(posts.c.kind != PostKind.NOTICE)
            .order_by(posts.c.id)
            .limit(1)
        )
        async with self._db.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
            if row is None:
                return None
            members = (await connection.execute(members_of(row["id"], row["kind"]))).all()
        return row_mapping.post(
            row,
            topic_moved=bool(row["topic_moved"]),
            deliveries=tuple(member.id for member in members),
            entries=tuple(member.entry_id for member in members),
        )

    async def plan(self, *plans: PostPlan, now: datetime) -> bool:
        """Store a message before it is sent, or all those of a digest together.

        False, and nothing stored, if one of their articles no longer waits, or stands in the channel already.
        """

        async def step(connection: AsyncConnection) -> bool:
            ids = [number for plan in plans for number in plan.delivery_ids]
            channel_id = plans[0].channel_id
            turn = await take_turn(connection, channel_id, ids)
            if not turn.free:
                return False
            for plan in plans:
                await _store(connection, plan, now)
            if turn.has_rivals:
                await settle_rivals(connection, channel_id, ids)
            return True

        return bool(await self._batcher.submit(step))

    async def attempt(
        self,
        post_id: int,
        *,
        channel_id: int,
        now: datetime,
        at: datetime | None = None,
        settled_at: datetime | None = None,
    ) -> bool:
        """Remember that a request is about to leave, and renew the channel's lease.

        Args:
            at: the moment by Discord's time, where it may be another than the machine's.
            settled_at: before it, nobody can know what became of the request if its answer is lost.

        Returns:
            False, and nothing is to leave, if the message came to nothing meanwhile: a person's change goes first.
        """
        wait = {} if settled_at is None else {"due_at": settled_at, "not_before": settled_at}

        async def step(connection: AsyncConnection) -> bool:
            tried = await connection.execute(
                sa.update(posts)
                .where(posts.c.id == post_id, posts.c.state == PostState.PLANNED)
                .values(
                    attempts=posts.c.attempts + 1,
                    unsure=True,
                    first_attempt_at=sa.func.coalesce(
                        posts.c.first_attempt_at, sa.literal(at or now, posts.c.first_attempt_at.type)
                    ),
                    last_attempt_at=at or now,
                    **wait,
                )
            )
            await connection.execute(
                sa.update(channels).where(channels.c.channel_id == channel_id).values(lease_until=now + LEASE)
            )
            return tried.rowcount > 0

        return bool(await self._batcher.submit(step))

    async def posted(self, post_id: int, *, channel_id: int, message_id: int | None, now: datetime) -> None:
        """Discord has it; `message_id` is None where it was removed since."""

        async def step(connection: AsyncConnection) -> None:
            recorded = await connection.execute(
                sa.update(posts)
                .where(posts.c.id == post_id, posts.c.state != PostState.DISSOLVED)
                .values(state=PostState.POSTED, unsure=False, message_id=message_id, posted_at=now, last_error=None)
                .returning(posts.c.id, posts.c.channel_id, posts.c.guild_id, posts.c.payload, posts.c.kind)
            )
            if (row := recorded.one_or_none()) is None:
                return  # the person wants to be forgotten
            if message_id is not None:
                await request_follow_ups(connection, row, message_id, now=now)
            await members_are(connection, post_id, row.kind, state=DeliveryState.POSTED)
            values: dict[str, Any] = {
                "held_kind": None,
                "held_reason": None,
                "held_since": None,
                "probe_at": None,
                "probes": 0,
            }
            if message_id is not None:
                values["last_message_id"] = sa.func.max(sa.func.coalesce(channels.c.last_message_id, 0), message_id)
            await connection.execute(sa.update(channels).where(channels.c.channel_id == channel_id).values(values))

        await self._batcher.submit(step)

    async def later(
        self, post_id: int, *, due_at: datetime, error: str, unsure: bool, not_before: datetime | None = None
    ) -> None:
        """Try again at `due_at`; `unsure` if this attempt may have been posted all the same.

        Args:
            not_before: what Discord itself asked for; `hasten` does not go below it.
        """

        async def step(connection: AsyncConnection) -> None:
            values: dict[str, Any] = {
                "due_at": due_at,
                "not_before": not_before,
                "delays": posts.c.delays + 1,
                "last_error": error,
            }
            if not unsure:
                values["unsure"] = False
            await connection.execute(sa.update(posts).where(posts.c.id == post_id).values(values))

        await self._batcher.submit(step)

    async def rewrite(self, post_id: int, *, payload: MessagePayload, nonce: str, error: str, now: datetime) -> None:
        """Nothing was made of it; it is due again with another body under another nonce."""

        async def step(connection: AsyncConnection) -> None:
            await connection.execute(
                sa.update(posts)
                .where(posts.c.id == post_id, posts.c.state == PostState.PLANNED)
                .values(
                    payload=payload.to_json(), nonce=nonce, unsure=False, due_at=now, not_before=None, last_error=error
                )
            )

        await self._batcher.submit(step)

    async def wait_for_channel(self, post_id: int, *, error: str, unsure: bool) -> None:
        """Its channel is held; when that is over it goes on at once."""

        async def step(connection: AsyncConnection) -> None:
            values: dict[str, Any] = {"last_error": error} if unsure else {"last_error": error, "unsure": False}
            await connection.execute(sa.update(posts).where(posts.c.id == post_id).values(values))

        await self._batcher.submit(step)

    async def hasten(self, *, now: datetime) -> int:
        """Discord is back: what was put off for want of an answer is due now. How many messages there are."""
        moment = sa.literal(now, posts.c.due_at.type)
        soon = sa.case((posts.c.not_before > moment, posts.c.not_before), else_=moment)
        async with self._db.write() as connection:
            changed = await connection.execute(
                sa.update(posts).where(posts.c.state == PostState.PLANNED, posts.c.due_at > now).values(due_at=soon)
            )
            return changed.rowcount

    async def failed(self, post_id: int, reason: str) -> None:
        """Discord refuses this content for good."""

        async def step(connection: AsyncConnection) -> None:
            kind = await connection.scalar(
                sa.update(posts)
                .where(posts.c.id == post_id)
                .values(state=PostState.FAILED, unsure=False, last_error=reason)
                .returning(posts.c.kind)
            )
            await members_are(connection, post_id, kind, state=DeliveryState.FAILED, reason=reason)
            await bring_back(connection, sa.select(deliveries.c.id).where(deliveries.c.post_id == post_id))

        await self._batcher.submit(step)

    async def dissolve(self, post_id: int, reason: str, *, singly: bool) -> None:
        """Nothing was made of it: its articles wait again, each for a message of its own if `singly`."""

        async def step(connection: AsyncConnection) -> None:
            await due_again(connection, sa.select(posts.c.id).where(posts.c.id == post_id))
            kind = await connection.scalar(
                sa.update(posts)
                .where(posts.c.id == post_id)
                .values(state=PostState.DISSOLVED, unsure=False, last_error=reason)
                .returning(posts.c.kind)
            )
            await bring_back_elsewhere(connection, sa.select(deliveries.c.id).where(deliveries.c.post_id == post_id))
            await members_wait(connection, post_id, kind, singly=singly)

        await self._batcher.submit(step)

    async def _run_all(self, steps: Sequence[Step]) -> list[Any]:
        """All behind one savepoint; one by one if that fails, so that a defect in one costs only itself.

        A savepoint of its own for each would take as long as what most of them do.
        """
        async with self._db.write() as connection:
            try:
                async with connection.begin_nested():
                    return [await step(connection) for step in steps]
            except (sa.exc.OperationalError, StoreError):
                raise  # the database itself: nothing of the batch is stored
            except Exception as error:  # noqa: BLE001 - handed to whoever waits for this step
                if len(steps) == 1:
                    return [error]
            return [await _run_one(connection, step) for step in steps]


async def _run_one(connection: AsyncConnection, step: Step) -> Any:
    try:
        async with connection.begin_nested():
            return await step(connection)
    except (sa.exc.OperationalError, StoreError):
        raise
    except Exception as error:  # noqa: BLE001 - as above
        return error


async def _store(connection: AsyncConnection, plan: PostPlan, now: datetime) -> None:
    made = await connection.execute(
        sa.insert(posts)
        .values(
            topic_id=plan.topic_id,
            channel_id=plan.channel_id,
            guild_id=plan.guild_id,
            kind=plan.kind,
            nonce=plan.nonce,
            payload=plan.payload.to_json(),
            state=PostState.PLANNED,
            due_at=now,
            created_at=now,
        )
        .returning(posts.c.id)
    )
    await connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.id.in_(plan.delivery_ids))
        .values(state=DeliveryState.PLANNED, post_id=made.scalar_one())
    )
