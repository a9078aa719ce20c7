# make demo    set up what is missing, then play (without a display: plays itself, writes demo.png and demo.gif)
# make test    set up what is missing, then run every test
# make build   compile the extension into .venv
# make lint    ruff, mypy and clang-format, changing nothing
# make bench   time the core and every other runtime that is installed, e.g. make bench ARGS="g3 --rounds 31"
# make fuzz    random packs and files, e.g. make fuzz MINUTES=60 JOBS=1; keeps what it finds as new tests
# make sanitize  tests of the core with GCC's sanitizers: addresses and undefined behaviour, then threads
# make wheel   the source distribution and, from it, the wheel, both in dist/; then tests of the two
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
# Compiled tests are kept, because pytest takes seconds to rewrite their assertions in each of its processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test fuzz sanitize build lint bench wheel play clean
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

# An extension of its own for each sanitizer, in a virtual environment that borrows the packages of .venv.
SANITIZE_address := address;undefined
SANITIZE_thread  := thread
ADDRESS_TESTS ?= tests/ops tests/core tests/cuda tests/fuzz tests/level/test_solver.py tests/test_engine.py
THREAD_TESTS  ?= tests/core/test_thread_pool.py tests/core/test_executor.py tests/fuzz/test_concurrent.py

sanitize: sanitize-address sanitize-thread

# What Python leaves behind is no leak of ours. pytest leaves the file descriptors alone, so that reports are seen.
# libstdc++ is loaded first, because libasan looks for the function that throws an exception when the process starts.
sanitize-address: build/address/core
	@LD_PRELOAD="$$($${CXX:-g++} -print-file-name=libasan.so) $$($${CXX:-g++} -print-file-name=libstdc++.so)" \
	  ASAN_OPTIONS=detect_leaks=0 build/address/bin/python -m pytest --capture=sys --numprocesses auto --dist worksteal $(ADDRESS_TESTS)

# The sanitizer of threads has one itself and does not outlive a fork; it needs its addresses unrandomised.
sanitize-thread: build/thread/core
	@LD_PRELOAD=$$($${CXX:-g++} -print-file-name=libtsan.so) OPENBLAS_NUM_THREADS=1 \
	  setarch -R build/thread/bin/python -m pytest --capture=sys -p no:xdist -k "not fork and not kept" $(THREAD_TESTS)

build/%/core: $(CORE) | $(VENV)/dev
	@echo "compiling tilewright with -fsanitize=$(SANITIZE_$*) (minutes) ..."
	@$(BIN)/python -m venv --without-pip build/$*
	@$(BIN)/python -c 'import sys; print(*(p for p in sys.path if p.endswith("site-packages")), sep="\n")' \
	  > $$(build/$*/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/borrowed.pth
	@build/$*/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --editable . -C build-dir=build/$*/cmake \
	  -C cmake.define.TILEWRIGHT_SANITIZE="$(SANITIZE_$*)" -C cmake.define.TILEWRIGHT_CUDA=OFF \
	  -C cmake.define.TILEWRIGHT_SIMT=$(if $(filter address,$*),ON,OFF)
	@touch $@

build: $(VENV)/core

lint: $(VENV)/dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32 python/tilewright
	@git ls-files '*.cpp' '*.h' '*.cu' '*.cuh' | xargs $(BIN)/clang-format --dry-run --Werror

bench: $(VENV)/dev
	@$(BIN)/tilewright bench $(ARGS)

wheel: $(VENV)/dev
	@echo "compiling tilewright for a wheel (a minute) ..."
	@rm -rf dist
	@$(BIN)/python -c 'from scikit_build_core.build import build_sdist; build_sdist("dist")' > build/sdist.log
	@$(PIP) wheel --no-deps --wheel-dir dist dist/*.tar.gz $(STRICT)
	@TILEWRIGHT_WHEEL=$$(echo dist/*.whl) $(BIN)/python -m pytest tests/test_package.py
	@ls -l dist

clean:
	rm -rf $(VENV) build dist

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
