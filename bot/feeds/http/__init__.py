"""HTTP for feeds: requests within bounds, host queues, DNS, the SSRF guard, redirects, caching headers, decompression.

The only place where aiohttp's client is used for feeds. Knows no documents and no database. To refuse another network, add it to
`special_purpose_networks`, and a case to tests/feeds/http/test_ssrf_guard.py.
"""
