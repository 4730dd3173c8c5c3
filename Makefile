# The commands of a working day. `make` alone says what there is.
VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help install demo test torture soak coverage mutation audit check format docs bench lock clean

help:
	@echo 'make demo     watch Rejoinder at work in a sandbox on this computer'
	@echo 'make test     every check and every test that this computer can run'
	@echo 'make torture  kill the daemon 700 times, and count the mails; make torture N=10000 before a release'
	@echo 'make soak     let the daemon live through 90 simulated days with a fault every hour: some 20 minutes'
	@echo 'make coverage which lines and branches of the road of a letter the tests walk'
	@echo 'make mutation plant small mistakes in that code, and tell which of them no test notices'
	@echo 'make audit    ask pypi.org whether anything is known against what is pinned'
	@echo 'make check    formatter, linter, types and import contracts only'
	@echo 'make format   put every file into shape'
	@echo 'make docs     draw and play anew what the pages show of the code'
	@echo 'make bench    measure speed, as ratios within one run'
	@echo 'make lock     pin every dependency anew'
	@echo 'make clean    remove what was built'

# Debian splits venv from Python; say so instead of failing halfway.
$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo 'Python is missing: apt-get install python3 python3-venv'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed; name it with: make PYTHON=python3.11'; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo 'The venv module is missing: apt-get install python3-venv'; exit 1; }
	@command -v git >/dev/null || { echo 'git is missing: apt-get install git'; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(STAMP): $(BIN)/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

install: $(STAMP)

demo: $(STAMP)
	@$(BIN)/rejoinder demo

check: $(STAMP)
	$(BIN)/ruff format --check bot tests benchmarks docs
	$(BIN)/ruff check bot tests benchmarks docs
	$(BIN)/mypy
	$(BIN)/lint-imports

# One process for each processor; WORKERS=0 for one that can be debugged.
WORKERS ?= auto

test: check
	$(BIN)/pytest --numprocesses $(WORKERS) --maxprocesses 8 --dist loadfile --no-loadscope-reorder

# RECORD=--record writes the table of the run into docs/reliability.md; MORE='--minutes 60 --keep FILE' stops in
# time and goes on another day.
N ?= 700
torture: $(STAMP)
	$(BIN)/python -m tests.torture --kills $(N) $(RECORD) $(MORE)

soak: $(STAMP)
	$(BIN)/python -m tests.soak $(RECORD)

coverage: $(STAMP)
	$(BIN)/coverage run -m pytest -q tests/case tests/stories tests/edge/smtp
	$(BIN)/coverage report

# AREA=case, send or smtp tries one of the three.
mutation: $(STAMP)
	$(BIN)/python -m tests.mutation $(AREA) $(RECORD)

audit: $(STAMP)
	$(BIN)/python -m tests.audit

format: $(STAMP)
	$(BIN)/ruff format bot tests benchmarks docs
	$(BIN)/ruff check --fix bot tests benchmarks docs

docs: $(STAMP)
	$(BIN)/python -m docs.drawing
	$(BIN)/python -m docs.screens

bench: $(STAMP)
	$(BIN)/python -m benchmarks

lock: $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 \
		--all-extras --group dev --custom-compile-command 'make lock' pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
