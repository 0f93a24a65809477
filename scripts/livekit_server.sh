#!/bin/sh
# Builds livekit-server into .tools/bin where none is on the PATH; takes about three minutes, once.
set -eu
version=v1.13.5
built=.tools/bin/livekit-server

if command -v livekit-server >/dev/null 2>&1; then
    exit 0
fi
if [ -x "$built" ] && "$built" --version | grep -qF "${version#v}"; then
    exit 0
fi
if ! command -v go >/dev/null 2>&1; then
    echo "offmic: livekit-server is not on the PATH and go, which builds it, is missing:" \
        "apt-get install golang (1.21 or newer), or https://go.dev/dl" >&2
    exit 2
fi

work=$(mktemp -d)
building=
stop() {
    if [ -n "$building" ]; then
        kill "$building" 2>/dev/null || true
        wait "$building" || true
    fi
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM HUP

echo "offmic: building livekit-server $version, once; this takes about three minutes"
CGO_ENABLED=0 GOBIN="$work" go install -v "github.com/livekit/livekit-server/cmd/server@$version" \
    >"$work/log" 2>&1 &
building=$!
seconds=0
while kill -0 "$building" 2>/dev/null; do
    sleep 1
    seconds=$((seconds + 1))
    if [ $((seconds % 10)) -eq 0 ]; then
        echo "offmic: building livekit-server: $seconds s, $(wc -l <"$work/log") steps done"
    fi
done
if ! wait "$building"; then
    building=
    tail -n 15 "$work/log" >&2
    echo "offmic: livekit-server was not built, the lines above say why; go 1.21 or newer and the" \
        "network are needed, or a livekit-server on the PATH" >&2
    exit 2
fi
building=
mkdir -p .tools/bin
mv "$work/server" "$built"
echo "offmic: livekit-server $version is in $built"
