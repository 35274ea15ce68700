"""Rate limiter, circuit breaker and backoff for requests to Discord. Pure."""
