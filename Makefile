# Everything this project does for a developer or an evaluator. Each target sets up what it needs first, which is quick
# when done. More options: make test ARGS="tests/core -x"
PY := .venv/bin/python
ARGS ?=
HOME_DIR := $(or $(KENPO_HOME),var)
DEMO_HOME := $(or $(KENPO_HOME),var/demo)

# A checkout that only others may write keeps nothing: what the tools remember goes where temporary files go.
ifneq ($(shell test -w . && echo writable),writable)
CACHES := $(or $(TMPDIR),/tmp)/kenpo-caches-$(shell id -u)
export MYPY_CACHE_DIR := $(CACHES)/mypy
export RUFF_CACHE_DIR := $(CACHES)/ruff
export PYTHONDONTWRITEBYTECODE := 1
PYTEST_OPTIONS := -o cache_dir=$(CACHES)/pytest
LINT_OPTIONS := --cache-dir $(CACHES)/imports
endif

.PHONY: help demo test serve check bench golden screenshots lock setup setup-tests
.NOTPARALLEL:

help: # what each target does
	@awk '/^[a-z-]+:.*# / { name = $$1; sub(":.*", "", name); sub("[^#]*# ", ""); printf "  make %-12s %s\n", name, $$0 }' Makefile

demo: setup # one month of an invented society, to printed paper under var/demo
	@KENPO_HOME="$(DEMO_HOME)" exec $(PY) manage.py demo $(ARGS)

test: setup-tests # all tests, one process per processor
	$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(PYTEST_OPTIONS) $(ARGS)

serve: setup # the office on http://127.0.0.1:8000, with the demo's data
	@KENPO_HOME="$(DEMO_HOME)" exec $(PY) manage.py serve $(ARGS)

check: setup-tests # style, types, floors and rooms, system checks, migrations, parameters, nobody real
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports $(LINT_OPTIONS)
	$(PY) manage.py check --fail-level WARNING
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py check_parameters
	$(PY) tools/guard_personal_data.py

bench: setup # benchmarks, as ratios within one run
	$(PY) manage.py bench --out "$(HOME_DIR)/bench.json" $(ARGS)

golden: setup-tests # rewrites the golden PDFs; look at the difference before keeping it
	KENPO_UPDATE_GOLDEN=1 $(PY) -m pytest -m golden $(ARGS)

screenshots: setup-tests # rewrites the handbook's pictures from the real pages; look at the difference before keeping it
	$(PY) tools/screenshots.py

lock: # rewrites the locks after a change of requirements.txt; look at the difference before keeping it
	bash tools/lock.sh

setup:
	@bash tools/setup.sh office

setup-tests:
	@bash tools/setup.sh tests
