# The worker with its on-device models, the page and the watcher: one image, three commands. No key
# and no secrets file is in any layer: give it the environment (--env-file) and mount the file.
#
#     docker build -t offmic .
#     docker run --env-file .env -v "$PWD/secrets.toml:/app/secrets.toml:ro" offmic
#
# compose.yaml runs a whole fleet of it.

FROM node:22-bookworm-slim AS page
WORKDIR /app/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

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
COPY scripts/hatch_page.py scripts/
COPY src src
COPY --from=page /app/web/dist web/dist
RUN uv sync --frozen --no-cache --no-dev --extra local --no-editable

# glibc, not musl: the speech recogniser's wheel needs 2.34 or newer.
FROM python:3.11-slim-bookworm
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
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
# The worker's own port listens on loopback, so the check runs inside. Where the image runs another
# command, switch it off: compose.yaml does.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-m", "offmic.fleet.probe", "live"]
CMD ["python", "main.py", "start"]
