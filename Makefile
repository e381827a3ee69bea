PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup chromium demo test faults soak drift eval fuzz bench schema clean

setup: $(READY)

$(READY): requirements.txt requirements-alerts.txt requirements-dev.txt deploy/requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "sabah needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; name another with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $(READY)

demo: $(READY)
	$(BIN)/scrapy demo

test: $(READY)
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 4 --dist worksteal

faults: $(READY)
	$(BIN)/python -m tests.faults
	SABAH_EXAMPLES=25 $(BIN)/pytest tests/test_faults_in_any_order.py
	$(BIN)/pytest -n 2 -m thorough

soak: $(READY)
	$(BIN)/python -m tests.soak

drift: $(READY)
	$(BIN)/python -m tests.drift

eval: $(READY)
	$(BIN)/python -m tests.evaluate

fuzz: $(READY)
	$(BIN)/python -m tests.fuzz

bench: $(READY)
	$(BIN)/python -m bench

chromium: $(READY)
	$(BIN)/python -m sabah.middlewares.rendering.install

schema: $(READY)
	$(BIN)/python -m sabah.items

clean:
	rm -rf $(VENV) .venv-bench* .mypy_cache .ruff_cache .pytest_cache .hypothesis
