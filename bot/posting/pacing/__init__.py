"""Rate limiter, circuit breaker and backoff for requests to Discord. Pure: time is passed in.

To change how fast requests leave, see `rate_limiter`; when none may leave, `circuit_breaker`; when one is tried again, `backoff`.
"""
