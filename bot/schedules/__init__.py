"""Times of digests and quiet hours, in the time zones of topics and people. Pure.

`digest_times` knows a topic's digests and quiet hours, `personal_digest_time` a person's hour. Each case of clocks that change has a
test in tests/schedules.
"""
