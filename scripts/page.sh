#!/bin/sh
# Builds the web page into web/dist where its sources are newer than what was built.
set -eu
built=web/dist/index.html
inputs="web/src web/public web/index.html web/vite.config.ts web/package-lock.json"

# shellcheck disable=SC2086 # a list of names
if [ -f "$built" ] && [ -z "$(find $inputs -newer "$built")" ]; then
    exit 0
fi
if ! command -v npm >/dev/null 2>&1 ||
    ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'; then
    # The rest of offmic runs without it.
    echo "offmic: the web page is not built, npm with Node 20.19 or newer is missing: https://nodejs.org" >&2
    exit 0
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "offmic: building the web page"
if ! { npm ci --prefix web --no-audit --no-fund --loglevel=error && npm run build --prefix web; } >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    echo "offmic: the web page was not built, the lines above say why; npm needs the network once" >&2
    exit 2
fi
