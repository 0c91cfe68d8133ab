# Everything this project does for a developer or an evaluator. Each target sets up first, which is quick when done.
# More options: make test ARGS="tests/core -x"
PY := .venv/bin/python
ARGS ?=
DEMO_HOME := $(or $(KENPO_HOME),var/demo)

.PHONY: demo test serve check bench golden screenshots setup
.NOTPARALLEL:

demo: setup # one month of an invented society, to printed paper under var/demo
	KENPO_HOME="$(DEMO_HOME)" $(PY) manage.py demo $(ARGS)

test: setup # all tests, one process per processor
	$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

serve: setup # the office on http://127.0.0.1:8000, with the demo's data
	KENPO_HOME="$(DEMO_HOME)" $(PY) manage.py serve $(ARGS)

check: setup # style, types, floors, system checks, migrations, parameters
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) manage.py check --fail-level WARNING
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py check_parameters

bench: setup # benchmarks, as ratios within one run
	mkdir -p var
	$(PY) manage.py bench --out var/bench.json $(ARGS)

golden: setup # rewrites the golden PDFs; look at the difference before keeping it
	KENPO_UPDATE_GOLDEN=1 $(PY) -m pytest -m golden $(ARGS)

screenshots: setup # rewrites the handbook's pictures from the real pages; look at the difference before keeping it
	$(PY) tools/screenshots.py

setup:
	@bash tools/setup.sh
