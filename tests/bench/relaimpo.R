# Times relaimpo on the table that compare_importance.py wrote; one line of JSON per case.
arguments <- commandArgs(TRUE)
rows <- as.integer(arguments[2])
replicates <- as.integer(arguments[3])
few <- 10 # replicates run, then scaled up
suppressPackageStartupMessages(library(relaimpo))
table <- matrix(readBin(arguments[1], "double", rows * 28), nrow = rows)
columns <- function(p) data.frame(y = table[, 28], table[, seq_len(p)])
triples <- lapply(0:8, function(group) paste0("X", 3 * group + 1:3))

processor <- function(work) sum(system.time(work)[1:2])

report <- function(case, work, times = 1) {
  before <- sum(gc(reset = TRUE)[, 2])
  seconds <- processor(result <- work())
  peak <- sum(gc()[, 6]) - before
  if (seconds < 0.2) # too short for the clock
    seconds <- processor(for (run in 1:10) work()) / 10
  split <- if (times == 1) paste(sprintf("%.17g", result@lmg), collapse = ",") else ""
  cat(sprintf('{"case": "%s", "seconds": %.6f, "megabytes": %.3f, "split": [%s]}\n',
              case, seconds * times, peak, split))
}

for (p in 5:15) report(sprintf("p=%d", p), function() calc.relimp(columns(p), type = "lmg"))
report("9 groups of 3", function() calc.relimp(columns(27), type = "lmg", groups = triples))
scale <- replicates / few
report("bootstrap p=10", function() boot.relimp(columns(10), b = few, type = "lmg"), scale)
report("bootstrap 9 groups", function()
  boot.relimp(columns(27), b = few, type = "lmg", groups = triples), scale)
