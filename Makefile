# WenBao. `make run` and `make test` need Python 3.11+, make and git; the rest they fetch.
.DEFAULT_GOAL := help
.PHONY: help install run test check audit torture mutation eval bench shots train clean

# The first Python of the machine that is new enough; `make PYTHON=… run` takes another.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; exit; }; \
	done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

# Set-up runs once, and again when the dependencies change. torch goes first, so that
# nothing else can choose a larger build of it.
$(STAMP): pyproject.toml constraints.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "WenBao needs Python 3.11 or newer, '$(PYTHON)' is not: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@test -x $(BIN)/python || { rm -rf $(VENV); "$(PYTHON)" -m venv $(VENV); } \
		|| { rm -rf $(VENV); echo "cannot create $(VENV): install the venv module of $(PYTHON)" >&2; exit 1; }
	@echo "installing into $(VENV); the first time takes a few minutes"
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --quiet -c constraints.txt -e '.[dev]'
	@touch $@

install: $(STAMP) ## create .venv and install everything

run: $(STAMP) ## open the chat app (builds the index first when there is none)
	@$(BIN)/wenbao serve

# A worker a core, each with the tests of whole files: some files share what takes long to start.
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

test: $(STAMP) ## run every test
	@$(PYTEST)

check: $(STAMP) ## format, lint, types, tests: the gate
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(PYTEST)

audit: $(STAMP) ## list every dependency (SBOM) and the weaknesses that are known of them
	@$(BIN)/python -c 'import pip_audit' 2>/dev/null \
		|| $(BIN)/python -m pip install --quiet --quiet -c constraints.txt -e '.[audit]'
	@$(BIN)/python -m tests.audit

torture: $(STAMP) ## kill, damage, flood and deceive it, and count what came through; an hour
	@rm -f test-results/torture.jsonl
	@$(BIN)/python -m pytest -m torture --torture
	@$(BIN)/python -m tests.torture

# As many faults as FAULTS says: a hundred and fifty take two cores an hour or two.
FAULTS ?= 150
mutation: $(STAMP) ## put small faults into the core and count how many its tests notice
	@$(BIN)/python -m tests.mutation --sample $(FAULTS)

eval: $(STAMP) ## run the evaluation suite; fails below a floor
	@$(BIN)/wenbao eval

# The peers at 68,156 documents take hours; `make bench SIZES=1000` does not.
SIZES ?= 1000,10000,68156
bench: $(STAMP) ## measure it beside its peers: building, asking, memory, cold start
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[bench]'
	@$(BIN)/python -m evals.bench --data $(DATA) --sizes $(SIZES)

shots: $(STAMP) ## screenshots of the app into test-results/shots, to be looked at
	@$(BIN)/python -m tests.shots

# Where the training data lies. The settings of the allocator keep the memory of one step for
# the next: a quarter less time a step.
DATA ?= ../shared/data
ALLOCATOR := MALLOC_MMAP_THRESHOLD_=4000000000 MALLOC_TRIM_THRESHOLD_=8000000000 \
	MALLOC_TOP_PAD_=200000000
FOUND := index/training/work/found.jsonl.gz
train: $(STAMP) ## make the bundled model again from DATA (default ../shared/data); 3 to 4 hours
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[training]'
	$(ALLOCATOR) $(BIN)/python -m index.training --data $(DATA)
	$(BIN)/python -m evals.found_passages --data $(DATA) --out $(FOUND)
	$(ALLOCATOR) $(BIN)/python -m index.training.reader_again --data $(DATA) --found $(FOUND)

clean: ## remove caches, reports, the built index and .venv
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info \
		index/build evals/out test-results
	find index rag ui evals tests -name __pycache__ -type d -prune -exec rm -rf {} +
