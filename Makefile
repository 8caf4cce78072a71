# make up     install, start everything, print the address     (PORT=8001 for another port)
# make test   install, lint, type-check, test
# make admin  make a superuser for /admin/
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
BIN := .venv/bin

.PHONY: up test install install-test admin lint bench-path wipe
.DEFAULT_GOAL := up

up: install
	@exec $(BIN)/python manage.py up --host $(HOST) --port $(PORT)

test: install-test lint
	$(BIN)/python -m pytest

lint: install-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .

admin: install
	@$(BIN)/python manage.py createsuperuser

bench-path: install-test
	$(BIN)/python -m benchmarks.path

wipe:
	@$(PYTHON) config/wipe.py

install: .venv/installed
install-test: .venv/installed-dev

.venv/installed: requirements.txt config/install.py
	@$(PYTHON) config/install.py requirements.txt $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@$(PYTHON) config/install.py requirements-dev.txt $@ --chromium
