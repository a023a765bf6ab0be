# make report | make test | make lab | make course: each sets up what it needs first, then does it.
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11 python,\
	$(shell $(p) -c 'import sys; sys.version_info >= (3, 11) and print("$(p)")' 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
STUDY ?= data/sample/study.toml
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: report test engines real browser site check coverage lab app course setup notebooks lock clean bench bench-scale bench-reports \
	bench-reading bench-cluster

report: setup
	@$(BIN)/cxanalysis report $(STUDY)

# On up to four processors, one thread each; a worker takes about 1 GiB.
PARALLEL := -n auto --maxprocesses 4 --dist loadfile
test: export OPENBLAS_NUM_THREADS = 1
test: setup
	@$(BIN)/python -m pytest $(PARALLEL) -m "not (real or browser or engines or long)"
	@$(BIN)/python -m pytest $(PARALLEL) --nbval \
		--nbval-sanitize-with tests/nbval_sanitize.cfg notebooks/explore notebooks/course

# The same figures from every source on every engine: PostgreSQL, a Spark master and two workers
# are really started. Skipped, with a word, where Java or PostgreSQL are not installed.
engines: setup $(VENV)/.spark
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -m "engines and not long" -rs

$(VENV)/.spark: requirements-spark.lock $(VENV)/.ready
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-spark.lock
	@touch $@

# On real data beside the checkout; says so where they are not there.
real: setup
	@$(BIN)/python -m pytest -m real -rs

# Reports, notebooks and the app in a real browser; says so where there is no Chromium.
browser: export OPENBLAS_NUM_THREADS = 1
browser: setup
	@$(BIN)/python -m pytest $(PARALLEL) -m browser -rs

lab: setup
	@$(BIN)/jupyter lab notebooks/explore/quickstart.ipynb

# The lessons to work in, written once: answers in them stay.
course: setup
	@test -d my_course || $(BIN)/cxanalysis course my_course
	@$(BIN)/jupyter lab my_course/0_two_words.ipynb

# The drivers notebook as an app in a browser: its controls without its code. The template asks no
# other server for anything.
app: setup
	@JUPYTER_PATH=$(CURDIR)/cxanalysis/explore/jupyter $(BIN)/voila --template=offline \
		notebooks/explore/drivers.ipynb

# The documentation as pages, from README, docstrings, course and notebooks: build/site/index.html.
# A warning or a link that leads nowhere stops it; no network is asked.
site: setup
	@$(BIN)/python .ci/site/build.py build/site

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# Do intervals, tests and decisions keep what they promise? About an hour on two cores; what is
# finished is kept, so it can be stopped and started again.
coverage: setup
	@$(BIN)/python -m tests.coverage.run

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "cxanalysis needs Python 3.11 or newer, and none was found."; \
		echo "Install one, or name it: make report PYTHON=/path/to/python3.12"; exit 1; }
	@echo "Setting up in $(VENV) (once; a few minutes)…"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python could not make a virtual environment."; \
		echo "On Debian and Ubuntu install it first: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# For maintainers: the split of R² timed beside pingouin, installed apart from what is locked,
# and beside relaimpo where R has it.
bench: setup
	@test -x $(VENV)/bench/bin/python || $(BIN)/python -m venv $(VENV)/bench
	@$(VENV)/bench/bin/python -m pip install --quiet --editable . "pingouin>=0.7"
	@$(VENV)/bench/bin/python tests/bench/compare_importance.py

# For maintainers, on a quiet machine with 24 GiB and about an hour: time and memory from 1 to 50
# million events beside naive pandas and hand-written SQL; ARGS="--events 10 --hot" and the like.
bench-scale: ARGS ?= --events 1 10 50
bench-scale: setup
	@$(BIN)/python -m tests.bench.scale $(ARGS)

# For maintainers: a study of ten million events on a Spark master and two workers, stage by stage.
bench-cluster: ARGS ?= --events 10
bench-cluster: setup $(VENV)/.spark
	@PYTHONPATH=tests:tests/engines OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.bench.on_cluster $(ARGS)

# For maintainers: reading and checking a CSV table with bad rows beside DuckDB reading it as text;
# ARGS="10000000 FOLDER" are its rows and where it is written for the time.
bench-reading: ARGS ?= 10000000
bench-reading: setup
	@$(BIN)/python tests/bench/compare_reading.py $(ARGS)

# For maintainers, on Linux: a batch of reports beside papermill in a loop and in a pool, and the
# cells alone; ARGS="--reports 8" for a smaller run.
bench-reports: setup
	@$(BIN)/python -m tests.bench.compare_reports $(ARGS)

# For maintainers: run the notebooks whose outputs are kept and compared.
notebooks: setup
	@$(BIN)/jupyter nbconvert --execute --to notebook --inplace notebooks/explore/*.ipynb
	@$(BIN)/jupyter nbconvert --execute --to notebook --inplace \
		--ExecutePreprocessor.store_widget_state=False notebooks/course/*.ipynb

# For maintainers: resolve the lock anew (needs uv).
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--fork-strategy fewest --generate-hashes --no-emit-index-url --no-header \
		--upgrade --quiet --output-file requirements.lock
	echo "pyspark>=4.1,<5" | uv pip compile - --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate \
		--upgrade --quiet --output-file requirements-spark.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
