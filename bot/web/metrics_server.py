"""What operators watch: /healthz, /readyz and /metrics, on a port of their own that visitors do not reach."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Self

from aiohttp import web
from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from bot import __version__, logs
from bot.clock import Clock
from bot.errors import StoreError
from bot.metrics import Measures
from bot.store import Store
from bot.store.admin.metric_gauges import Gauges
from bot.web.listening import listening_socket

log = logs.get(__name__)

LAG_SECONDS = 0.5
"""Between two looks at how late the event loop is."""
LATE_SECONDS = 600.0
"""From which on a message that should have gone says that posting does not work."""
QUANTILES = (0.5, 0.95)


class Instruments:
    """Serves them. `async with` opens and closes it.

    Args:
        problems: why the loops do not run, a sentence each; blocking.
        is_connected: whether the gateway is there.
    """

    def __init__(
        self,
        store: Store,
        measures: Measures,
        clock: Clock,
        *,
        listen: str,
        problems: Callable[[], list[str]],
        is_connected: Callable[[], bool],
    ) -> None:
        self._store = store
        self._clock = clock
        self._listen = listen
        self._problems = problems
        self._is_connected = is_connected
        self._registry = CollectorRegistry()
        self._collector = _Collector(measures, is_connected)
        self._registry.register(self._collector)
        ProcessCollector(namespace="riverpost", registry=self._registry)
        self._lag = Histogram(
            "riverpost_event_loop_lag_seconds",
            "How late the event loop was",
            buckets=(0.001, 0.005, 0.02, 0.05, 0.1, 0.5, 1, 5),
            registry=self._registry,
        )
        self._runner: web.AppRunner | None = None
        self._watching: asyncio.Task[None] | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            OSError: the address cannot be listened on.
        """
        app = web.Application()
        app.add_routes(
            [
                web.get("/healthz", self._health),
                web.get("/readyz", self._ready),
                web.get("/metrics", self._metrics),
            ]
        )
        listening = listening_socket(self._listen)
        self.port = listening.getsockname()[1]
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.SockSite(self._runner, listening).start()
        self._watching = asyncio.create_task(self._watch_lag(), name="event loop lag")
        log.info("metrics are served", listen=self._listen)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watching is not None:
            self._watching.cancel()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _health(self, _request: web.Request) -> web.Response:
        """Whether a restart would help: the loops ran lately, and the database answers."""
        return _said(await asyncio.to_thread(self._problems))

    async def _ready(self, _request: web.Request) -> web.Response:
        """Whether it does its work: also Discord is there, and messages go out."""
        found = await asyncio.to_thread(self._problems)
        if not self._is_connected():
            found.append("the gateway of Discord is not connected")
        try:
            late = (await self._store.gauges.read(now=self._clock.now())).late_post_seconds
        except StoreError as error:
            found.append(str(error))
        else:
            if late > LATE_SECONDS:
                found.append(f"a message is due for {late:.0f} s")
        return _said(found)

    async def _metrics(self, _request: web.Request) -> web.Response:
        try:
            self._collector.gauges = await self._store.gauges.read(now=self._clock.now())
        except StoreError as error:
            log.warning("the gauges could not be read", reason=str(error))
            self._collector.gauges = None
        body = generate_latest(self._registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _watch_lag(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(LAG_SECONDS)
            self._lag.observe(max(0.0, time.perf_counter() - begun - LAG_SECONDS))


class _Collector(Collector):
    """Turns the numbers into metrics at the moment in which they are asked for."""

    def __init__(self, measures: Measures, is_connected: Callable[[], bool]) -> None:
        self._measures = measures
        self._is_connected = is_connected
        self.gauges: Gauges | None = None

    def collect(self) -> Iterator[Metric]:
        measures, gauges = self._measures, self.gauges
        yield _gauge("info", "Always 1; the label has the version", 1, version=__version__)
        yield _counters("polls", "Polls of feeds, by outcome", "outcome", measures.polls)
        answers = {str(status): count for status, count in measures.discord_answers.items()}
        yield _counters("discord_requests", "Requests to Discord, by status", "status", answers)
        yield _counters("failed_rounds", "Rounds that failed, by loop", "loop", measures.failed_rounds)
        yield CounterMetricFamily(
            "riverpost_articles_posted", "Articles that Discord has", value=measures.articles_posted
        )
        yield CounterMetricFamily(
            "riverpost_messages_posted", "Messages that Discord has", value=measures.messages_posted
        )
        yield _gauge("gateway_connected", "1 where the gateway is there", int(self._is_connected()))
        yield _gauge("database_up", "1 where the database answered", int(gauges is not None))
        if gauges is None:
            return
        for name, text, value in (
            ("feeds", "Feeds that are polled", gauges.active_feeds),
            ("failing_feeds", "Feeds whose last polls failed", gauges.failing_feeds),
            ("overdue_poll_seconds", "How long the feed is due that should be first", gauges.overdue_poll_seconds),
            ("waiting_deliveries", "Articles that wait in topics", gauges.waiting_deliveries),
            ("late_post_seconds", "How long the message is due that should be first", gauges.late_post_seconds),
            ("held_channels", "Channels in which nothing can be posted", gauges.held_channels),
        ):
            yield _gauge(name, text, value)
        delays = sorted(gauges.delays_seconds)
        if delays:
            delay = GaugeMetricFamily(
                "riverpost_post_delay_seconds",
                "From publication to the post, of the articles posted last",
                labels=["quantile"],
            )
            for quantile in QUANTILES:
                delay.add_metric([str(quantile)], delays[min(len(delays) - 1, int(quantile * len(delays)))])
            yield delay


def _gauge(name: str, text: str, value: float, **labels: str) -> Metric:
    made = GaugeMetricFamily(f"riverpost_{name}", text, labels=list(labels))
    made.add_metric(list(labels.values()), value)
    return made


def _counters(name: str, text: str, label: str, counts: dict[str, int]) -> Metric:
    made = CounterMetricFamily(f"riverpost_{name}", text, labels=[label])
    for key, count in counts.items():
        made.add_metric([key], count)
    return made


def _said(problems: list[str]) -> web.Response:
    text = "\n".join(problems) or "ok"
    return web.Response(status=503 if problems else 200, text=text + "\n", headers={"Cache-Control": "no-store"})
