"""Prints what scikit-learn, SciPy and NannyML say of the rows that reference-values.test.ts reads.

pip install scikit-learn==1.9.1 scipy==1.17.1 nannyml==0.13.1 statsmodels && python3 reference-values.py > reference-values.json
"""

import json
import os
import warnings

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
warnings.simplefilter("ignore")

import nannyml
import numpy as np
import pandas as pd
import scipy
import sklearn
from nannyml.calibration import IsotonicCalibrator
from nannyml.performance_estimation.confidence_based import CBPE
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn import metrics
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression

random = np.random.default_rng(7)


def binary(rows, stretch, shift=0.0):
    """Probabilities whose log odds are `stretch` times the true ones."""
    odds = random.normal(-0.6 + shift, 1.3, rows)
    labels = (random.random(rows) < expit(odds)).astype(int)
    probabilities = np.round(expit(stretch * odds), 3)
    return np.clip(probabilities, 0.001, 0.999), labels


def figures(labels, predicted):
    found = {}
    for average in ["macro", "weighted"]:
        found[f"precision-{average}"] = metrics.precision_score(labels, predicted, average=average, zero_division=0)
        found[f"recall-{average}"] = metrics.recall_score(labels, predicted, average=average, zero_division=0)
        found[f"f1-{average}"] = metrics.f1_score(labels, predicted, average=average, zero_division=0)
    return {"accuracy": metrics.accuracy_score(labels, predicted), **found}


def of_binary(rows, stretch):
    p, y = binary(rows, stretch)
    predicted = (p >= 0.5).astype(int)
    odds = logit(p)
    fit = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000).fit(odds.reshape(-1, 1), y)
    share, mean = calibration_curve(y, p, n_bins=10, strategy="uniform")
    place = np.searchsorted(np.linspace(0, 1, 11)[1:-1], p)
    counts = np.bincount(place, minlength=10)
    counts = counts[counts > 0]
    return {
        "probabilities": p.tolist(),
        "labels": y.tolist(),
        "expected": {
            "accuracy": metrics.accuracy_score(y, predicted),
            "precision": metrics.precision_score(y, predicted),
            "recall": metrics.recall_score(y, predicted),
            "f1": metrics.f1_score(y, predicted),
            "auc": metrics.roc_auc_score(y, p),
            "average-precision": metrics.average_precision_score(y, p),
            "log-loss": metrics.log_loss(y, p),
            "brier": metrics.brier_score_loss(y, p),
            "expected-calibration-error": float(np.sum(counts * np.abs(share - mean)) / rows),
            "calibration-slope": float(fit.coef_[0, 0]),
            "calibration-intercept": brentq(lambda a: np.sum(y - expit(a + odds)), -10, 10, xtol=1e-13),
        },
        "reliability": {"positive": share.tolist(), "meanProbability": mean.tolist(), "n": counts.tolist()},
    }


def of_classes(rows):
    # Class 4 is never predicted, and class 5 never true.
    y = random.integers(0, 5, rows)
    predicted = np.where(random.random(rows) < 0.6, y, random.integers(0, 6, rows))
    predicted[predicted == 4] = 1
    return {"labels": y.tolist(), "predicted": predicted.tolist(), "expected": figures(y, predicted)}


def of_numbers(rows):
    y = np.round(random.normal(50, 12, rows), 2)
    predicted = np.round(0.8 * y + random.normal(9, 5, rows), 2)
    return {
        "labels": y.tolist(),
        "predicted": predicted.tolist(),
        "expected": {
            "mae": metrics.mean_absolute_error(y, predicted),
            "rmse": metrics.root_mean_squared_error(y, predicted),
            "mape": metrics.mean_absolute_percentage_error(y, predicted),
            "r2": metrics.r2_score(y, predicted),
        },
    }


def of_interval():
    y = np.array([3.1, 4.4, 2.2, 8.9, 5.0, 7.7, 6.1, 9.4, 4.8, 5.9, 7.2, 3.3, 6.6, 8.1, 2.9, 5.5, 6.3, 4.1, 7.0, 10.9])
    predicted = np.round(0.7 * y + 1.1 + 1.3 * np.sin(7 * y), 2)
    found = {}
    for method in ["BCa", "percentile"]:
        interval = scipy.stats.bootstrap(
            (np.abs(predicted - y),), np.mean, n_resamples=400_000, batch=20_000, method=method, random_state=3
        ).confidence_interval
        found[method.lower()] = [interval.low, interval.high]
    return {"labels": y.tolist(), "predicted": predicted.tolist(), "mae": found}


def of_estimate(rows, stretch):
    reference_p, reference_y = binary(2 * rows, stretch)
    p, y = binary(rows, stretch, shift=0.5)
    reference = pd.DataFrame({"p": reference_p, "predicted": (reference_p >= 0.5).astype(int), "y": reference_y})
    window = pd.DataFrame({"p": p, "predicted": (p >= 0.5).astype(int)})
    names = ["accuracy", "precision", "recall", "f1", "roc_auc"]
    estimator = CBPE(
        problem_type="classification_binary",
        y_pred_proba="p",
        y_pred="predicted",
        y_true="y",
        metrics=names,
        chunk_size=rows,
    )
    estimator.fit(reference)
    estimate = estimator.estimate(window).filter(period="analysis").to_df().iloc[0]
    calibrator = IsotonicCalibrator()
    calibrator.fit(reference_p, reference_y)
    probes = np.linspace(0, 1, 41)
    return {
        "reference": {"probabilities": reference_p.tolist(), "labels": reference_y.tolist()},
        "window": {"probabilities": p.tolist()},
        "calibrated": bool(estimator.needs_calibration),
        "isotonic": {"scores": probes.tolist(), "calibrated": calibrator.calibrate(probes).tolist()},
        "expected": {
            name.replace("roc_auc", "auc"): {
                "value": float(estimate[(name, "value")]),
                "samplingError": float(estimate[(name, "sampling_error")]),
            }
            for name in names
        },
    }


def not_calibrated(rows):
    """Whether well calibrated scores need it is near a coin toss: rows of which NannyML says that they do not."""
    while True:
        found = of_estimate(rows, 1.0)
        if not found["calibrated"]:
            return found


print(
    json.dumps(
        {
            "versions": {
                "scikit-learn": sklearn.__version__,
                "scipy": scipy.__version__,
                "nannyml": nannyml.__version__,
            },
            "binary": {"timid": of_binary(300, 0.6), "extreme": of_binary(250, 1.9)},
            "multiclass": {"five": of_classes(200)},
            "regression": {"numbers": of_numbers(150)},
            "interval": of_interval(),
            "estimate": {"timid": of_estimate(500, 0.45), "calibrated": not_calibrated(500)},
        }
    )
)
