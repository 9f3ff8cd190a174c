# make demo: install and run the main job; make test: install and run every check; make coverage: the tests again, with
# the share of lines and branches that they run; make bench: measure.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One more than there are cores: tests of whole commands wait for processes as often as they work.
WORKERS := $(shell $(PYTHON) -c "import os; print(1 + (os.cpu_count() or 1))")

.PHONY: demo test coverage bench clean

demo: $(VENV)/.installed
	OCODE="$(CURDIR)/$(BIN)/ocode" sh examples/demo.sh

test: $(VENV)/.checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy & mypy=$$!; $(BIN)/basedpyright; other=$$?; wait $$mypy && exit $$other
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations=15

coverage: $(VENV)/.checks
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n $(WORKERS) --dist worksteal --durations=15
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

bench: $(VENV)/.installed
	$(BIN)/python benchmarks/run.py

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.checks: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

clean:
	rm -rf $(VENV)
