"""Writes scores.json: random predictions with what scikit-learn makes of them.

    apt-get install python3-sklearn
    /usr/bin/python3 makeScores.py > scores.json && npx prettier --write scores.json      (written with scikit-learn 1.2.1)

The calibration errors are scikit-learn's calibration_curve of "is it right" by confidence, its bins weighted by their images (Guo
et al. 2017, arXiv:1706.04599). What scikit-learn gives is also worked out here the slow and obvious way: AUC counts pairs, average
precision walks every threshold, kappa multiplies the margins. Probabilities are multiples of 1/32, exact in float32, so that there
are many ties. Case "missing" has a class without images and one that is never predicted.
"""
import json
import warnings
import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.metrics import (accuracy_score, average_precision_score, cohen_kappa_score, confusion_matrix,
                             precision_recall_fscore_support, roc_auc_score)


def slow_auc(truth, score):
    own, others = score[truth], score[~truth]
    won = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a in own for b in others)
    return won / (len(own) * len(others))


def slow_average_precision(truth, score):
    total, recall_before = 0.0, 0.0
    for threshold in sorted(set(score.tolist()), reverse=True):
        taken = score >= threshold
        recall = (taken & truth).sum() / truth.sum()
        total += (recall - recall_before) * (taken & truth).sum() / taken.sum()
        recall_before = recall
    return total


def area(truth, score):
    if not truth.any() or truth.all():
        return None
    assert abs(roc_auc_score(truth, score) - slow_auc(truth, score)) < 1e-12
    return float(roc_auc_score(truth, score))


def average_precision(truth, score):
    if not truth.any():
        return None
    assert abs(average_precision_score(truth, score) - slow_average_precision(truth, score)) < 1e-12
    return float(average_precision_score(truth, score))


def calibration(labels, probabilities, bins):
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    accuracy, mean = calibration_curve(right, confidence, n_bins=bins)
    edges = np.linspace(0, 1, bins + 1)
    counts = np.array([((confidence > a) & (confidence <= b)).sum() for a, b in zip(edges, edges[1:])])
    gaps = np.abs(accuracy - mean)
    return float((gaps * counts[counts > 0]).sum() / len(labels)), float(gaps.max())


def case(name, count, classes, present, seed, skill):
    random = np.random.RandomState(seed)
    labels = random.choice(present, count)
    logits = random.randn(count, classes)
    logits[np.arange(count), labels] += skill
    if name == 'missing':
        logits[:, 1] = -9
    parts = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    probabilities = np.floor(parts * 32)
    probabilities[np.arange(count), probabilities.argmax(axis=1)] += 32 - probabilities.sum(axis=1)
    probabilities /= 32
    predicted = probabilities.argmax(axis=1)
    every = list(range(classes))
    matrix = confusion_matrix(labels, predicted, labels=every)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # A share of nothing is 0.
        scores = np.array(precision_recall_fscore_support(labels, predicted, labels=every))
        means = {average: precision_recall_fscore_support(labels, predicted, average=average)[:3]
                 for average in ('macro', 'weighted')}
    per_class = [{
        'precision': scores[0, c], 'recall': scores[1, c], 'f1': scores[2, c], 'support': int(scores[3, c]),
        'auc': area(labels == c, probabilities[:, c]),
        'averagePrecision': average_precision(labels == c, probabilities[:, c]),
    } for c in every]
    keys = ['precision', 'recall', 'f1']
    p_observed = np.trace(matrix) / count
    p_chance = (matrix.sum(axis=1) * matrix.sum(axis=0)).sum() / count ** 2
    kappa = cohen_kappa_score(labels, predicted)
    assert abs(kappa - (p_observed - p_chance) / (1 - p_chance)) < 1e-12
    ece15, mce15 = calibration(labels, probabilities, 15)
    ece10, mce10 = calibration(labels, probabilities, 10)
    confidence = probabilities.max(axis=1)
    wrong = [i for i in range(count) if predicted[i] != labels[i]]
    return {
        'name': name, 'classes': classes, 'labels': labels.tolist(), 'thirtySeconds': (probabilities * 32).astype(int).ravel().tolist(),
        'confusion': matrix.tolist(), 'perClass': per_class, 'accuracy': float(accuracy_score(labels, predicted)),
        'kappa': float(kappa),
        'macro': dict(zip(keys, map(float, means['macro']))),
        'weighted': dict(zip(keys, map(float, means['weighted']))),
        'calibration': {'15': [ece15, mce15], '10': [ece10, mce10]},
        'mistakes': sorted(wrong, key=lambda i: (-confidence[i], i)),
    }


print(json.dumps([
    case('usual', 60, 4, [0, 1, 2, 3], 1, 2.0),
    case('missing', 30, 5, [0, 2, 4], 2, 1.5),
    case('guessing', 40, 2, [0, 1], 3, 0.0),
], separators=(',', ':')))
