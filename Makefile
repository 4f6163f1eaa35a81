PYTHON ?= python3

# Some machines forbid it: what is compiled is kept, or each process of ours compiles five hundred files anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test bench bench-large soak check

# One exec each: a signal to make must reach the launcher, not a shell in between.
run:
	@exec $(PYTHON) -m scripts.run

test:
	@exec $(PYTHON) -m scripts.test $(ARGS)

bench:
	@exec $(PYTHON) -m scripts.provision requirements-dev.txt bench $(ARGS)

bench-large:
	@exec $(PYTHON) -m scripts.provision requirements-dev.txt bench large exam

soak:
	@exec $(PYTHON) -m scripts.provision requirements-dev.txt bench.soak $(ARGS)

check:
	@exec $(PYTHON) -m scripts.check
