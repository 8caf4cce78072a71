# make up     install, start everything, print the address     (PORT=8001 for another port)
# make test   install (also 0.9 GB of packages our figures are compared with), lint, type-check, test
# make test-fast  what needs no database, model or server
# make try-python OTHER=python3.13  the tests of test-fast, where they need no model, in another Python
# make messages  after a change of texts or translations (docs/translating.md)
# make lock   after a change of a requirements file: pin and hash all that comes with it
# make admin  make a superuser for /admin/
# make demo-data  fetch the real Chatbot Arena of August 2024 as a campaign
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
BIN := .venv/bin
PARALLEL := -n auto --maxprocesses 4 --no-loadscope-reorder
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.PHONY: up test test-fast install install-test install-peers admin demo-data lint lock messages try-python wipe install-bench bench-path bench-inference bench-ratings bench-import bench-export bench-render bench-voting bench-silence bench-blind bench-style bench-web bench-admin bench-draw
.DEFAULT_GOAL := up

up: install
	@exec $(BIN)/python manage.py up --host $(HOST) --port $(PORT)

test: install-test install-peers lint
	$(BIN)/python -m pytest $(PARALLEL)

test-fast: install-test
	$(BIN)/python -m pytest -m fast

# Without llama-cpp-python, which each Python would have to compile for itself.
try-python: install-test
	$(BIN)/uv venv -q --clear --python $(OTHER) .venv/other
	@echo llama-cpp-python | $(BIN)/uv pip install -q --python .venv/other/bin/python \
		--require-hashes -r requirements-dev.lock --excludes /dev/stdin
	.venv/other/bin/python -m pytest -q -m fast tests/arena tests/ratings

lint: install-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --check templates
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/python -m translating --check
	$(BIN)/mypy .

# Bring the catalogues in locale/ up to date after a change of texts, and compile them.
messages: install-test
	$(BIN)/python -m translating

lock: install-test
	$(COMPILE) requirements.txt -o requirements.lock
	$(COMPILE) requirements-site.txt -c requirements.lock -o requirements-site.lock
	$(COMPILE) requirements-dev.txt -c requirements.lock -o requirements-dev.lock

admin: install
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py createsuperuser

demo-data: install
	@$(BIN)/python manage.py demo_data

bench-import: install-test
	$(BIN)/python -m benchmarks.importing

bench-export: install-test
	$(BIN)/python -m benchmarks.exporting

bench-path: install-test
	$(BIN)/python -m benchmarks.path

bench-inference: install-bench
	$(BIN)/python -m benchmarks.inference
	$(BIN)/python -m benchmarks.streaming

bench-render: install-test
	$(BIN)/python -m benchmarks.render

bench-draw: install-test
	$(BIN)/python -m benchmarks.drawing

bench-voting: install-test
	$(BIN)/python -m benchmarks.voting

bench-silence: install-test
	$(BIN)/python -m benchmarks.silence

bench-blind: install-test
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.blind

# make bench-style DATA=answers.jsonl
bench-style: install-test
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.style $(DATA)

bench-admin: install-test
	$(BIN)/python -m benchmarks.admin

bench-web: install-test
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.web

bench-ratings: install-peers
	.venv/peers/bin/python -m benchmarks.ratings

wipe:
	@$(PYTHON) config/wipe.py

install: .venv/installed
install-test: .venv/installed-dev
install-peers: .venv/installed-peers
install-bench: .venv/installed-bench

.venv/installed: requirements.lock config/install.py
	@$(PYTHON) config/install.py requirements.lock $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	@$(PYTHON) config/install.py requirements-dev.lock $@ --chromium

.venv/installed-bench: requirements-bench.txt .venv/installed-dev
	@$(PYTHON) config/install.py requirements-bench.txt $@

.venv/installed-peers: requirements-peers.txt config/install.py
	@$(PYTHON) config/install.py requirements-peers.txt $@ --venv .venv/peers \
		--says "0.9 GB, one or two minutes"
