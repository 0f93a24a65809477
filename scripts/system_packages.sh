#!/bin/sh
# Installs the system packages that the assistant (libgomp1) and tests (the others) need, where it
# may; else prints the command, and goes on.
set -eu
missing=
for program in chromium redis-server espeak-ng; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
has_library() {
    .venv/bin/python -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library(sys.argv[1]))' "$1"
}
has_library portaudio || missing="$missing libportaudio2"
has_library gomp || missing="$missing libgomp1"
if [ -z "$missing" ]; then
    exit 0
fi

install() {
    # shellcheck disable=SC2086 # a list of names
    $1 apt-get update -qq && $1 apt-get install -qq -y --no-install-recommends $missing >/dev/null
}

if command -v apt-get >/dev/null 2>&1; then
    sudo=
    if [ "$(id -u)" -ne 0 ]; then
        sudo="sudo -n"
    fi
    if [ -z "$sudo" ] || $sudo true 2>/dev/null; then
        echo "offmic: installing$missing"
        if DEBIAN_FRONTEND=noninteractive install "$sudo"; then
            exit 0
        fi
    fi
fi
echo "offmic: packages are missing that the model (libgomp1) and tests (others) need: sudo apt-get install$missing" >&2
