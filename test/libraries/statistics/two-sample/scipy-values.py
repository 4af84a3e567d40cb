"""Prints what SciPy says of the samples in scipy-values.test.ts.

pip install scipy==1.17.1 && python3 scipy-values.py > scipy-values.json
"""

import json
import warnings

import numpy as np
import scipy
from scipy import special, stats
from scipy.spatial.distance import jensenshannon

warnings.simplefilter("ignore")

SAMPLES = {
    # Without ties.
    "small": ([0.12, 1.94, 3.2, 0.77, 2.05, 1.31, 4.4], [2.2, 5.1, 1.5, 3.9, 4.8, 2.9, 6.3, 3.35, 7.7]),
    # Whole numbers with many ties.
    "tied": ([1, 2, 2, 3, 3, 3, 4, 5, 5, 6, 7, 7], [2, 3, 3, 4, 5, 5, 5, 6, 6, 7, 8, 8, 9, 9, 9]),
    "large": (
        [((i * 37) % 1009) / 100 for i in range(400)],
        [((i * 53) % 997) / 95 + 0.001 for i in range(300)],
    ),
}

CELLS = {
    "balanced": ([40, 35, 25], [30, 38, 45]),
    "many": ([120, 80, 60, 40, 30, 20], [100, 95, 50, 60, 25, 30]),
    "two": ([52, 148], [33, 57]),
    "few": ([8, 2], [1, 5]),
}


def numbers(x, y):
    exact = stats.ks_2samp(x, y, method="exact")
    pooled = len(x) * len(y) / (len(x) + len(y))
    mann = stats.mannwhitneyu(x, y, method="auto")
    cramer = stats.cramervonmises_2samp(x, y, method="asymptotic")
    anderson = stats.anderson_ksamp([x, y], variant="midrank")
    epps = stats.epps_singleton_2samp(x, y)
    student = stats.ttest_ind(y, x)
    welch = stats.ttest_ind(y, x, equal_var=False)
    return {
        "kolmogorov-smirnov": [exact.statistic, exact.pvalue],
        "kolmogorov-smirnov asymptotic": [exact.statistic, special.kolmogorov(np.sqrt(pooled) * exact.statistic)],
        "mann-whitney": [mann.statistic, mann.pvalue],
        "cramer-von-mises": [cramer.statistic, cramer.pvalue],
        "anderson-darling": [anderson.statistic, None],
        "epps-singleton": [epps.statistic, epps.pvalue],
        "student-t": [student.statistic, student.pvalue],
        "welch-t": [welch.statistic, welch.pvalue],
        "wasserstein": [stats.wasserstein_distance(x, y), None],
        "energy-distance": [stats.energy_distance(x, y), None],
    }


def cells(x, y):
    table = np.array([x, y])
    chi = stats.chi2_contingency(table, correction=False)
    likelihood = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    p, q = np.array(x) / sum(x), np.array(y) / sum(y)
    found = {
        "chi-square": [chi.statistic, chi.pvalue],
        "g-test": [likelihood.statistic, likelihood.pvalue],
        "jensen-shannon": [jensenshannon(p, q, base=2), None],
        "jensen-shannon natural": [jensenshannon(p, q), None],
        "kullback-leibler": [stats.entropy(p, q), None],
        "psi": [stats.entropy(p, q) + stats.entropy(q, p), None],
        "hellinger": [np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / np.sqrt(2), None],
        "total-variation": [np.abs(p - q).sum() / 2, None],
        "l-infinity": [np.abs(p - q).max(), None],
    }
    if len(x) == 2:
        fisher = stats.fisher_exact([y, x])
        found["fisher-exact"] = [fisher.statistic, fisher.pvalue]
        pooled = (x[0] + y[0]) / (sum(x) + sum(y))
        z = (q[0] - p[0]) / np.sqrt(pooled * (1 - pooled) * (1 / sum(x) + 1 / sum(y)))
        found["z-test"] = [z, 2 * stats.norm.sf(abs(z))]
    return found


def plain(value):
    return {k: plain(v) for k, v in value.items()} if isinstance(value, dict) else [
        None if v is None else float(v) for v in value
    ]


print(json.dumps({
    "scipy": scipy.__version__,
    "samples": {name: {"reference": x, "current": y, "expected": plain(numbers(x, y))} for name, (x, y) in SAMPLES.items() if name != "large"}
    | {"large": {"expected": plain(numbers(*SAMPLES["large"]))}},
    "cells": {name: {"reference": x, "current": y, "expected": plain(cells(x, y))} for name, (x, y) in CELLS.items()},
}, indent=2))
