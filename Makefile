# Everything goes through here: `make run` starts offmic, `make test` tests it, `make help` lists all.
PYTHON ?= python3
VENV := .venv
UV := .tools/uv/bin/uv
SYNCED := $(VENV)/.synced
RUN := $(VENV)/bin

# An environment whose Python is gone, after an upgrade of the system, is filled again.
ifneq ($(shell $(RUN)/python -c 'print("runs")' 2>/dev/null),runs)
.PHONY: $(SYNCED)
endif

.DEFAULT_GOAL := help
.PHONY: help setup run test test-cloud audit faults check bench clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

setup: $(SYNCED) ## everything that the other commands need; done once
	@sh scripts/livekit_server.sh
	@sh scripts/system_packages.sh
	@sh scripts/page.sh

run: setup ## livekit-server, a worker and the web page on this machine; Ctrl-C stops all
	@exec $(RUN)/python -m offmic.run

test: setup ## every test
	$(RUN)/pytest
	npm test --prefix web --silent

audit: setup ## every leak attack on the front desk, attack by sink; 100 spoken card numbers
	$(RUN)/offmic audit
	CARDS=100 $(RUN)/pytest -q -s tests/integration/test_spoken_cards.py

test-cloud: setup ## a call with the real cloud providers, where their keys are set
	OFFMIC_TEST_CLOUD=1 $(RUN)/pytest -q -rs tests/integration/test_cloud.py

faults: setup ## deliveries, providers and a fleet under faults; SEED=NUMBER runs the same ones again
	DELIVERIES=1000 ALL_FAULTS=1 $(RUN)/pytest -q -s tests/faults tests/faults/fleet_under_faults.py \
		tests/faults/fleet_under_calls.py tests/integration/test_rows.py \
		tests/integration/test_partners.py

check: $(SYNCED) ## lint, format, types, import rules
	$(RUN)/ruff check
	$(RUN)/ruff format --check
	$(RUN)/mypy
	$(RUN)/lint-imports
	@sh scripts/page.sh
	npm run check --prefix web --silent

bench: setup ## speed and memory of a call, rates and speed of the guard
	@PYTHON=$(PYTHON) sh scripts/sync.sh --group bench
	@$(RUN)/python -m bench

clean: ## remove what was built; livekit-server stays, for it takes minutes
	rm -rf $(VENV) .tools/uv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache web/dist web/node_modules

$(UV): scripts/uv.sh
	@PYTHON=$(PYTHON) sh scripts/uv.sh

$(SYNCED): $(UV) pyproject.toml uv.lock
	@PYTHON=$(PYTHON) sh scripts/sync.sh
	@touch $(SYNCED)
