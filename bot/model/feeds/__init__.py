"""Values about feeds: addresses, requests, answers, entries, polls, imports."""
