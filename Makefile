# Two commands: `make demo` and `make test`. Both set up .venv first, the demo without what only developers need; a second
# time that does nothing.
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.suture-setup
DEMO_STAMP := $(VENV)/.suture-demo

.PHONY: setup demo test test-longer test-slow test-random longer-list check lint types contracts docs mutants

setup: $(STAMP)

$(STAMP): pyproject.toml requirements.lock scripts/setup.sh
	PYTHON=$(PYTHON) scripts/setup.sh $(VENV)
	@touch $(DEMO_STAMP) $@

$(DEMO_STAMP): pyproject.toml requirements-demo.lock scripts/setup.sh
	PYTHON=$(PYTHON) scripts/setup.sh $(VENV) demo
	@touch $@

demo: $(DEMO_STAMP)
	$(VENV)/bin/suture heal recipes/quickstart.yaml; code=$$?; [ $$code -eq 0 ] || [ $$code -eq 1 ]

# Tests start hundreds of processes. Where this is set, each of them compiles all of Suture's source anew.
export PYTHONDONTWRITEBYTECODE :=

# A worker for each core, more for slow tests (tests/support/workers.py); property tests draw the same cases every time.
WORKERS := -n auto --dist loadscope --no-loadscope-reorder

test: setup
	$(VENV)/bin/pytest -m "not slow and not longer" $(WORKERS)

test-longer: setup
	$(VENV)/bin/pytest -m "longer and not slow" $(WORKERS)

test-slow: setup
	$(VENV)/bin/pytest -m "longer or slow" $(WORKERS)

# Which tests take longer is measured twice, once backwards: the first that needs a package or a model pays for it. Files
# whose tests follow one another, as those of one server do, fail backwards, and are measured all the same.
TIMES := build/times

longer-list: setup
	rm -rf $(TIMES) && mkdir -p $(TIMES)
	$(VENV)/bin/pytest -m "not slow and not longer" $(WORKERS) --times $(TIMES)/first
	-$(VENV)/bin/pytest -m "not slow and not longer" $(WORKERS) --times $(TIMES)/second --backwards
	$(VENV)/bin/python scripts/longer_list.py $(TIMES)/*.tsv

# Property tests with twenty times as many cases, drawn by chance; `make test-random SEED=...` draws them again.
SEED ?= $(shell date +%s)

test-random: setup
	$(VENV)/bin/pytest -m "hypothesis and not slow" $(WORKERS) --hypothesis-profile=random --hypothesis-seed=$(SEED)

check: lint types contracts

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: setup
	$(VENV)/bin/pyright

contracts: setup
	$(VENV)/bin/lint-imports

# The site, into build/site: zensical in an environment of its own, because nothing else needs it.
docs: setup
	$(VENV)/bin/uv venv --quiet --allow-existing .venv-docs
	$(VENV)/bin/uv pip install --quiet --python .venv-docs/bin/python --group docs
	PATH="$(CURDIR)/.venv-docs/bin:$$PATH" $(VENV)/bin/python scripts/site.py

# Changes the gate and its statistics in hundreds of small ways; the tests must notice each that matters (docs/evidence/gate-mutants.md).
mutants: setup
	$(VENV)/bin/mutmut run
	$(VENV)/bin/mutmut results
