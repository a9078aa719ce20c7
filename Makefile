# make demo    set up what is missing, then play (without a display: plays itself, writes demo.png and demo.gif)
# make test    set up what is missing, then run every test
# make build   compile the extension into .venv
# make lint    ruff, mypy and clang-format, changing nothing
# make bench   time the core and every other runtime that is installed, e.g. make bench ARGS="g3 --rounds 31"
# make fuzz    random packs and files, e.g. make fuzz MINUTES=60 JOBS=1; keeps what it finds as new tests
# make play    the demo again, with ARGS, e.g. make play ARGS="--seed 7"
# make clean   remove .venv and everything built

VENV   := .venv
PYTHON ?= python3
BIN    := $(VENV)/bin
PIP    := $(BIN)/pip --disable-pip-version-check --quiet
PYGAME := "pygame>=2.6; python_version < '3.14'" "pygame-ce>=2.5; python_version >= '3.14'"
STRICT := -C cmake.define.TILEWRIGHT_WERROR=ON
CORE   := pyproject.toml constraints.txt CMakeLists.txt $(shell find csrc tests/simt -type f)

# Build requirements follow the same pins as everything else.
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt

.PHONY: demo test fuzz build lint bench play clean
.DEFAULT_GOAL := build

demo: play

play: $(VENV)/core
	@$(BIN)/tilewright play $(ARGS)

test: $(VENV)/dev
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

MINUTES ?= 1
JOBS    ?= $(shell nproc)

fuzz: $(VENV)/dev
	@$(BIN)/python -m tests.fuzz --minutes $(MINUTES) --jobs $(JOBS) --save $(ARGS)

build: $(VENV)/core

lint: $(VENV)/dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@git ls-files '*.cpp' '*.h' '*.cu' '*.cuh' | xargs $(BIN)/clang-format --dry-run --Werror

bench: $(VENV)/core
	@$(BIN)/tilewright bench $(ARGS)

clean:
	rm -rf $(VENV) build

# Each stamp is newer than what it installed; the extension is rebuilt when its sources change.
$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "tilewright needs Python 3.11 or later: apt-get install python3" >&2; exit 1; }
	@command -v $${CXX:-g++} > /dev/null || \
	  { echo "tilewright needs a C++ compiler: apt-get install g++" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || \
	  { echo "tilewright needs Python's venv: apt-get install python3-venv" >&2; exit 1; }
	@echo "making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/core: $(CORE) | $(VENV)/bin/pip
	@echo "compiling tilewright (a minute) ..."
	@$(PIP) install --editable . $(PYGAME) $(STRICT)
	@touch $@

$(VENV)/dev: $(CORE) | $(VENV)/bin/pip
	@echo "compiling tilewright and fetching what the tests need (some minutes the first time) ..."
	@$(PIP) install --editable '.[dev]' -C cmake.define.TILEWRIGHT_SIMT=ON $(STRICT)
	@touch $@ $(VENV)/core
