"""Time zones as people type them, and forgetting what other parts store."""

from dataclasses import dataclass, field

import pytest

from bot.config.settings import LimitsSettings
from bot.errors import UserError
from bot.services import PersonalFollows, SourceManagement
from bot.services.personal.follows import Forgetter, When, zone_named
from bot.store import Store
from tests.builders import viewer
from tests.fakes import FakeClock
from tests.standins import nothing

ANN, GUILD = 71, 1


@dataclass
class Drawer:
    """Something else that is stored about persons."""

    things: dict[int, int] = field(default_factory=lambda: {ANN: 3})

    async def count(self, user_id: int) -> int:
        return self.things.get(user_id, 0)

    async def forget(self, user_id: int) -> int:
        return self.things.pop(user_id, 0)


def personal(store: Store, *forgetters: Forgetter) -> PersonalFollows:
    clock = FakeClock()
    tending = SourceManagement(
        store, clock, on_due=lambda: None, on_queued=lambda: None, on_change=lambda: None, limits=LimitsSettings()
    )
    return PersonalFollows(store, tending, clock, forgetters=forgetters, on_change=nothing, on_queued=nothing)


async def test_what_other_parts_store_is_shown_and_forgotten_too(store: Store) -> None:
    drawer = Drawer()
    people = personal(store, Forgetter(lambda count: f"{count} saved articles", drawer.count, drawer.forget))
    assert (await people.stored(ANN))[1] == ("3 saved articles",)
    assert (await people.stored(ANN + 1))[1] == ()
    await people.forget(ANN)
    assert (await people.stored(ANN))[1] == ()


@pytest.mark.parametrize("typed", ["Europe/Berlin", "europe/berlin", " Europe/Berlin "])
def test_a_time_zone_is_known_however_it_is_written(typed: str) -> None:
    assert zone_named(typed) == "Europe/Berlin"


@pytest.mark.parametrize("typed", ["", "Berlin", "../../etc/passwd", "posix/Europe/Berlin", "GMT+1", "x" * 500])
def test_what_is_no_time_zone_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match="I know no time zone"):
        zone_named(typed)


async def test_a_city_is_suggested_first_and_never_more_than_discord_shows(store: Store) -> None:
    people = personal(store)
    assert people.suggest_zones("new york")[0] == ("America/New York (19:00)", "America/New_York")
    assert people.suggest_zones("utc")[0] == ("UTC (00:00)", "UTC")
    assert len(people.suggest_zones("")) == 25
    assert people.suggest_zones("nowhere") == []


async def test_an_hour_or_a_zone_alone_means_the_digest_and_what_was_chosen_stays(store: Store) -> None:
    people = personal(store)
    first = await people.follow_words(viewer(guild=GUILD, user=ANN), "bgp", When(zone="Asia/Kathmandu"))
    assert (first.follow.daily, first.person.hour, first.person.zone) == (True, 8, "Asia/Kathmandu")
    second = await people.follow_words(viewer(guild=GUILD, user=ANN), "tea", When(daily=True))
    assert (second.person.hour, second.person.zone) == (8, "Asia/Kathmandu")
    third = await people.follow_words(viewer(guild=GUILD, user=ANN), "dns", When(hour=0))
    assert (third.person.hour, third.person.zone) == (0, "Asia/Kathmandu")
    assert not (await people.follow_words(viewer(guild=GUILD, user=ANN), "cat", When())).follow.daily
    again = await people.follow_words(viewer(guild=GUILD, user=ANN), "bgp", When(daily=False))
    assert (again.already, again.follow.daily, again.follow.id) == (True, False, first.follow.id)
