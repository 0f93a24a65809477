# The worker with its on-device models. No key and no secrets file is in any layer: give it the
# environment (--env-file) and mount the file of secrets.
#
#     docker build -t offmic .
#     docker run --env-file .env -v "$PWD/secrets.toml:/app/secrets.toml:ro" offmic

FROM python:3.11-slim-bookworm AS build
ENV UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1 \
    UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
# What the lock file names comes first: it changes less often than the source.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-cache --no-dev --extra local --no-install-project
COPY README.md LICENSE secrets.example.toml ./
COPY src src
RUN uv sync --frozen --no-cache --no-dev --extra local --no-editable

# glibc, not musl: the speech recogniser's wheel needs 2.34 or newer.
FROM python:3.11-slim-bookworm
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HF_HUB_OFFLINE=1
# The model's runtime is linked with OpenMP. Its version is not pinned: Debian removes old ones.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 offmic
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY main.py ./
USER 10001
# The worker's own port listens on loopback, so the check runs inside.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('OFFMIC_PORT', '8081'), timeout=2)"]
CMD ["python", "main.py", "start"]
