#!/bin/sh
# Puts uv, at one version, into .tools/uv; touches nothing outside of the project.
set -eu
version=0.13.9
python=$(sh scripts/python.sh)
echo "offmic: fetching uv $version"
rm -rf .tools/uv
mkdir -p .tools/uv/bin
if "$python" -m pip --version >/dev/null 2>&1; then
    # No virtual environment: Debian ships venv in a package of its own.
    "$python" -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
        --root-user-action ignore --target .tools/uv/lib "uv==$version"
    ln -sf ../lib/bin/uv .tools/uv/bin/uv
elif "$python" -m venv .tools/uv/lib >/dev/null 2>&1; then
    .tools/uv/lib/bin/python -m pip install --quiet --disable-pip-version-check "uv==$version"
    ln -sf ../lib/bin/uv .tools/uv/bin/uv
else
    rm -rf .tools/uv
    echo "offmic: $python has neither pip nor venv: apt-get install python3-venv" >&2
    exit 2
fi
