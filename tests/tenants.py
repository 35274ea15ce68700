"""Two servers, one of them hostile: a story that chance makes, played with and without the hostile one."""

import random
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.world import EVIL, GOOD, HONEST, HOSTILE, NEUTRAL, OTHER, VICTIM, Hosts, World, article, document


class Story:
    """What happens in each round, decided by chance beforehand: the same honest story for both runs."""

    def __init__(self, seed: int, *, rounds: int = 8) -> None:
        self._honest, self._evil = random.Random(f"honest {seed}"), random.Random(f"evil {seed}")
        self._rounds = rounds
        self._published = {VICTIM: 3, OTHER: 3}
        self._first = {VICTIM: 1, OTHER: 1}
        self._words: dict[tuple[str, int], str] = {}

    async def play(self, folder: Path, *, hostile: bool) -> list[dict[str, Any]]:
        """Everything that the good server sees, round by round."""
        world = await World.open(folder)
        try:
            await self._begin(world)
            seen = []
            for url in EVIL if hostile else ():
                world.hosts.bodies[url] = self._planted(world.hosts, url)
                await world.follow(HOSTILE, self._evil.choice(("a", "b")), url)
            for _ in range(self._rounds):
                await self._honest_events(world)
                if hostile:
                    for _ in range(self._evil.randint(1, 5)):
                        await self._evil_event(world)
                await world.round(*self._groups())
                await world.match()
                seen.append(await world.seen_by(GOOD))
            happened["foreign moves"] += await world.foreign_moves()
            return seen
        finally:
            await world.close()

    async def _begin(self, world: World) -> None:
        self._publish(world)
        for url in HONEST:
            await world.follow(NEUTRAL, "all", url)  # so that these are read from the beginning in either run
        await world.follow(GOOD, "news", VICTIM)
        await world.follow(GOOD, "both", VICTIM)
        await world.follow(GOOD, "both", OTHER)
        await world.follow_words("article")

    def _groups(self) -> tuple[list[str], list[str]]:
        """Addresses that are asked at once. Of the two honest ones one comes first, so that both runs tell one story."""
        groups = self._honest.choice((([VICTIM], [OTHER]), ([OTHER], [VICTIM])))
        for url in EVIL:
            self._evil.choice(groups).append(url)
        return groups

    def _publish(self, world: World) -> None:
        for url, last in self._published.items():
            numbers = range(last, self._first[url] - 1, -1)
            listed = [article(number, at=url, words=self._words.get((url, number), "")) for number in numbers]
            world.hosts.bodies[url] = document(f"The blog of {url}", listed)

    async def _honest_events(self, world: World) -> None:
        chance, hosts = self._honest, world.hosts
        for url in self._published:
            self._published[url] += chance.choice((0, 1, 1, 2))
            self._first[url] = min(self._first[url] + chance.choice((0, 0, 1)), self._published[url])
            self._words[url, chance.randint(self._first[url], self._published[url])] = chance.choice(("", "Mended."))
        self._publish(world)
        # Somebody whom nobody minds sees to it that what was gone is asked again.
        feed_ids = [feed_id for _, feed_id, _ in await world.sources(NEUTRAL)]
        await world.store.changes.retry_sources(feed_ids, now=world.clock.now())
        hosts.broken = {url: status for url, status in hosts.broken.items() if url in EVIL}
        event = chance.choice(("post", "post", "pause", "resume", "unfollow", "follow", "save", "fail", "gone", "move"))
        place = chance.randint(0, 9)
        match event:
            case "post":
                await world.post(GOOD, chance.choice(("news", "both")))
            case "pause" | "resume":
                await world.pause(GOOD, place, paused=event == "pause")
            case "unfollow":
                await world.unfollow(GOOD, place)
            case "follow":
                await world.follow(GOOD, chance.choice(("news", "both")), chance.choice((VICTIM, OTHER)))
            case "save":
                await world.save(GOOD, place)
            case _:
                self._host_event(hosts, event, place)

    def _host_event(self, hosts: Hosts, event: str, place: int) -> None:
        match event:
            case "fail" | "gone":
                hosts.broken[(VICTIM, OTHER)[place % 2]] = 500 if event == "fail" else 410
            case "move" if place < 4:
                hosts.moved[OTHER] = VICTIM

    async def _evil_event(self, world: World) -> None:
        chance, hosts = self._evil, world.hosts
        url = chance.choice(EVIL)
        event = chance.choice(
            ("follow", "follow", "list", "list", "list", "move", "move", "move", "back", "fail", "unfollow", "pause")
        )
        place = chance.randint(0, 20)
        match event:
            case "follow":
                await world.follow(HOSTILE, chance.choice(("a", "b")), chance.choice((*EVIL, *EVIL, *HONEST)))
            case "list":
                hosts.moved.pop(url, None)
                hosts.broken.pop(url, None)
                hosts.bodies[url] = self._planted(hosts, url)
            case "move":
                target = chance.choice((*HONEST, *HONEST, *EVIL))
                if target != url:
                    hosts.moved[url] = target
            case "back":
                hosts.moved.pop(url, None)
            case "fail":
                hosts.broken[url] = chance.choice((404, 410, 500))
            case "unfollow":
                await world.unfollow(HOSTILE, place)
            case "pause":
                await world.pause(HOSTILE, place, paused=chance.random() < 0.5)

    def _planted(self, hosts: Hosts, url: str) -> bytes:
        """Guids and links of what is there and of what is still to come, under other words, or a copy as it is."""
        chance = self._evil
        victim = chance.choice((VICTIM, OTHER))
        if chance.random() < 0.2:
            return hosts.bodies[victim]
        items = []
        for number in range(self._first[victim], self._published[victim] + 12):
            true = article(number, at=victim, words=self._words.get((victim, number), ""))
            kind = chance.choice(("none", "same", "guid", "link", "text", "all but text"))
            if kind == "same":
                items.append(true)
            elif kind == "guid":
                items.append(replace(true, title="FREE NITRO", link=f"{url}/{number}", text="Planted"))
            elif kind == "link":
                items.append(replace(true, title="FREE NITRO", guid=f"evil {number}", text="Planted"))
            elif kind == "text":
                items.append(replace(true, guid=f"evil {number}", link=f"https://phish.example/{number}"))
            elif kind == "all but text":
                items.append(replace(true, title="FREE NITRO", text="Planted article"))
        return document("The blog of Evil", items)


happened: Counter[str] = Counter()
"""Over all sequences, so that a test can say that something did happen."""


def first_difference(found: Any, wanted: Any) -> str:
    """Where two values of lists, tuples and dictionaries differ, and in what."""
    if isinstance(found, dict) and isinstance(wanted, dict) and found.keys() == wanted.keys():
        name = next(each for each in found if found[each] != wanted[each])
        return f".{name}{first_difference(found[name], wanted[name])}"
    if isinstance(found, list | tuple) and isinstance(wanted, list | tuple) and len(found) == len(wanted):
        place = next(place for place, each in enumerate(found) if each != wanted[place])
        return f"[{place}]{first_difference(found[place], wanted[place])}"
    return f": {str(found)[:600]} instead of {str(wanted)[:600]}"


async def difference(seed: int, folder: Path) -> str | None:
    """Where the good server sees something else because of the hostile one, or None."""
    seen = []
    for hostile in (False, True):
        place = folder / str(hostile)
        place.mkdir(parents=True)
        seen.append(await Story(seed).play(place, hostile=hostile))
        shutil.rmtree(place)
    alone, beside = seen
    happened["articles"] += len(alone[-1]["posted"])
    for number, (wanted, found) in enumerate(zip(alone, beside, strict=True)):
        for what, value in wanted.items():
            if found[what] != value:
                return f"sequence {seed}, round {number}, {what}{first_difference(found[what], value)}"
    return None
