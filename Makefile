# make demo   the environment, then `kutip demo`; so does `make` alone
# make install   the environment only
# make test   the environment, then the whole test suite
# make check  lint, types and the suite: what .ci/run runs
# make soak   everything at once, for MINUTES: load, kills, full disks, damaged files, a failing Telegram
# make lock   requirements.lock again from pyproject.toml

PYTHON ?= python3
BIN := .venv/bin
# The environment is whole when this file is newer than what it is made from. How it is made, with llama.cpp
# compiled meanwhile, stands in .ci/environment.py: beside what decides whether a change lands, and no part of
# what is installed.
READY := .venv/.ready

# Of `make soak`; a line a minute goes to LOG as well. RATE is in questions a second.
MINUTES ?= 60
SEED ?= 1
RATE ?= 0.6
LOG ?= lab/work/soak.log

.PHONY: demo install test check lint soak lock clean
.DELETE_ON_ERROR:

demo: $(READY)
	@$(BIN)/kutip demo

install: $(READY)

test: $(READY)
	@$(BIN)/python -m pytest

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

check: lint test

soak: $(READY)
	@$(BIN)/python -m lab.soak --minutes $(MINUTES) --seed $(SEED) --rate $(RATE) --log $(LOG)

$(READY): requirements.lock pyproject.toml .ci/environment.py .ci/light.cmake
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Kutip needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python .ci/environment.py
	@touch $@

lock:
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
	  --extra dev --extra build --extra postgres pyproject.toml -o requirements.lock

clean:
	rm -rf .venv
