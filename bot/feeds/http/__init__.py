"""HTTP for feeds: requests within bounds, host queues, DNS, the SSRF guard, redirects, caching headers, decompression.

The only place where aiohttp's client is used for feeds. To refuse another network, see `special_purpose_networks`.
"""
