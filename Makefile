# make up     install, start everything, print the address     (PORT=8001 for another port)
# make test   install (also 0.9 GB of packages our figures are compared with), lint, type-check, test
# make test-fast  what needs no database, model or server
# make fuzz   thousands of new inputs of every kind (FUZZ=20000 for more)
# make try-python OTHER=python3.13  the tests of test-fast, where they need no model, in another Python
# make messages  after a change of texts or translations (docs/translating.md)
# make lock   after a change of a requirements file: pin and hash all that comes with it
# make wheel  the numerics and the command line of ratings alone, into dist/
# make audit  look up what is installed in the list of known holes (needs pypi.org)
# make sbom   write what is installed as a software bill of materials
# make admin  make a superuser for /admin/
# make demo-data  fetch the real Chatbot Arena of August 2024 as a campaign
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
FUZZ ?= 2000
BIN := .venv/bin
PARALLEL := -n auto --maxprocesses 4 --no-loadscope-reorder
PIP_AUDIT := 2.10.1
CYCLONEDX := 7.5.0
KNOWN_HOLE := https://pypi.org/pypi/jinja2/2.4.1/json
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.PHONY: up wheel test test-fast fuzz install install-test install-peers admin audit sbom demo-data lint lock messages try-python wipe install-bench bench-path bench-inference bench-ratings bench-coverage bench-import bench-export bench-render bench-voting bench-silence bench-blind bench-flood bench-rigging bench-style bench-web bench-admin bench-backup bench-draw bench-faults bench-rolling bench-hosts bench-scale bench-sharing
.DEFAULT_GOAL := up

up: install
	@exec $(BIN)/python manage.py up --host $(HOST) --port $(PORT)

# What fails gets a second try, with nothing beside it, as in CPython's own suite: real servers and
# browsers share two cores. A fault fails twice; what then passes is printed, and is a test to mend.
test: install-test install-peers lint
	$(BIN)/python -m pytest $(PARALLEL) || { test $$? = 1 && \
		echo "!!! These failed. Those that pass now, alone, are tests to mend:" && \
		$(BIN)/python -m pytest --last-failed --last-failed-no-failures none -rap; }

test-fast: install-test
	$(BIN)/python -m pytest -m fast

fuzz: install-test
	FUZZ=$(FUZZ) $(BIN)/python -m pytest $(PARALLEL) --timeout 0 tests/fuzz \
		tests/ratings/api/test_api_fuzz.py

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

wheel: install-test
	$(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir dist .
	@ls dist/*.whl

# What is installed on a host, with hashes and licences: software bill of materials (CycloneDX).
sbom: install
	$(BIN)/uv tool run --quiet --from cyclonedx-bom==$(CYCLONEDX) cyclonedx-py requirements \
		requirements.lock --of JSON --output-reproducible -o var/sbom.cdx.json
	@$(BIN)/python -m config.licences var/sbom.cdx.json
	@echo "var/sbom.cdx.json"

# Known holes in what is installed. It needs PyPI's own list of them, which mirrors do not have: one
# hole is looked up first that has been known for years.
audit: install
	@if $(BIN)/python -c "import json; from urllib.request import urlopen; \
		assert json.load(urlopen('$(KNOWN_HOLE)', timeout=20))['vulnerabilities']" 2>/dev/null; \
	then $(BIN)/uv tool run --quiet pip-audit==$(PIP_AUDIT) --strict --disable-pip --require-hashes \
		-r requirements-dev.lock; \
	else echo "!!! SKIPPED: $(KNOWN_HOLE) tells no hole, so NOTHING was compared with known ones." >&2; fi

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

# make bench-scale ONLY="--battles 100"
bench-scale: install-bench
	$(BIN)/python -m benchmarks.scale $(ONLY)

# make bench-sharing ONLY="--workers 1 2"
bench-sharing: install-test
	$(BIN)/python -m benchmarks.sharing $(ONLY)

# make bench-faults ONLY="'web:*' 'valkey:kill' --battles 100"
bench-faults: install-test
	$(BIN)/python -m benchmarks.faults $(ONLY)

# make bench-rolling ONLY="--minutes 2"
bench-rolling: install-test
	$(BIN)/python -m benchmarks.rolling $(ONLY)

# As root: sudo make bench-hosts ONLY="'web1 dies' --battles 40"
bench-hosts: install-test
	unshare --net --pid --fork --kill-child --mount-proc $(BIN)/python -m benchmarks.hosts $(ONLY)

bench-blind: install-test
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.blind

# make bench-flood ONLY="--slots 2 --rounds 5"
bench-flood: install-test
	$(BIN)/python -m benchmarks.flood $(ONLY)

# make bench-rigging ONLY="drip sybils"
bench-rigging: install-test
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.rigging.site $(ONLY)

# make bench-style DATA=answers.jsonl
bench-style: install-test
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.style $(DATA)

bench-admin: install-test
	$(BIN)/python -m benchmarks.admin

bench-backup: install-test
	$(BIN)/python -m benchmarks.backups

bench-web: install-test
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.web

# make bench-coverage ONLY=200
bench-coverage: install-test
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.coverage $(ONLY)

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
	@$(PYTHON) config/install.py requirements-dev.lock $@ --for-tests

.venv/installed-bench: requirements-bench.txt .venv/installed-dev
	@$(PYTHON) config/install.py requirements-bench.txt $@

.venv/installed-peers: requirements-peers.txt config/install.py
	@$(PYTHON) config/install.py requirements-peers.txt $@ --venv .venv/peers \
		--says "0.9 GB, one or two minutes"
