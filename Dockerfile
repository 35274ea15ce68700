# Two stages: the first has pip and its cache, the second only what runs.
# To pin it to the byte: docker build --build-arg BASE=python:3.12.12-slim-bookworm@sha256:…
ARG BASE=python:3.12.12-slim-bookworm
FROM ${BASE} AS packages
RUN python -m venv /opt/venv
COPY requirements/base.lock base.lock
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r base.lock

FROM ${BASE}
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --no-create-home riverpost \
    && mkdir -p /app/data \
    && chown riverpost /app/data
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY bot ./bot
COPY cogs ./cogs
USER riverpost
# The database and its copies. A configuration, if any, is mounted at /app/config.toml.
VOLUME /app/data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-m", "bot", "healthcheck"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
