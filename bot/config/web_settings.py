"""The section [web]."""

from typing import Annotated

from pydantic import AfterValidator, Field

from bot.config.value_types import Number, Section, WebAddress, Whole, listen_address


class WebSettings(Section):
    """The pages and feeds of published topics, and the operator's instruments."""

    enabled: bool = False
    listen: Annotated[str, AfterValidator(listen_address)] = "127.0.0.1:8080"
    public_url: Annotated[WebAddress, AfterValidator(lambda url: url.rstrip("/"))] | None = None
    """How visitors reach it, behind a proxy with TLS for instance. None means `listen` itself."""
    metrics_listen: Annotated[str, AfterValidator(listen_address)] | None = None
    """For the operator alone: /healthz, /readyz and /metrics. None means that there are none."""
    cache_megabytes: Number = Field(default=32, ge=1, le=10_000)
    cache_seconds: Number = Field(default=15, ge=0, le=3600)
    requests_at_once: Whole = Field(default=200, ge=1, le=100_000)

    @property
    def base_url(self) -> str:
        """What addresses of pages begin with."""
        return self.public_url or f"http://{self.listen}"
