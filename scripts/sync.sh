#!/bin/sh
# Fills .venv with what uv.lock names, on-device parts and LangGraph included; arguments go to uv sync.
set -eu
python=$(sh scripts/python.sh)
# The project's own environment, whatever the shell has activated.
unset VIRTUAL_ENV UV_PROJECT_ENVIRONMENT
export UV_PYTHON_DOWNLOADS=never
.tools/uv/bin/uv sync --quiet --frozen --extra local --extra langgraph --python "$python" "$@"
