#!/bin/sh
# Prints the path of a Python that is new enough, or says in one line what is missing.
set -eu
python="${PYTHON:-python3}"
if ! command -v "$python" >/dev/null 2>&1; then
    echo "offmic: $python is missing: apt-get install python3 (3.11 or newer)" >&2
    exit 2
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    found=$("$python" -c 'import platform; print(platform.python_version())')
    echo "offmic: $python is $found, 3.11 or newer is needed: name another, make PYTHON=python3.11" >&2
    exit 2
fi
"$python" -c 'import sys; print(sys.executable)'
