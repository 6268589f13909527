"""Writes scores.json: random predictions with what the definitions make of them, worked out the slow and obvious way.

    /usr/bin/python3 makeScores.py > scores.json && npx prettier --write scores.json      (numpy only)

AUC counts pairs, average precision walks every threshold, kappa multiplies the margins, calibration loops over the bins; none
of it shares a line of thought with src-shared/evaluation. Probabilities are multiples of 1/32, exact in float32, so that there
are many ties. Case "missing" has a class without images and one that is never predicted.
"""
import json
import numpy as np


def ratio(a, b):
    return float(a) / float(b) if b else 0.0


def auc(truth, score):
    own, others = score[truth], score[~truth]
    if len(own) == 0 or len(others) == 0:
        return None
    won = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a in own for b in others)
    return won / (len(own) * len(others))


def average_precision(truth, score):
    if not truth.any():
        return None
    total, recall_before = 0.0, 0.0
    for threshold in sorted(set(score.tolist()), reverse=True):
        taken = score >= threshold
        recall = (taken & truth).sum() / truth.sum()
        total += (recall - recall_before) * (taken & truth).sum() / taken.sum()
        recall_before = recall
    return float(total)


def calibration(labels, probabilities, bins):
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    ece, mce = 0.0, 0.0
    for m in range(1, bins + 1):
        inside = (confidence > (m - 1) / bins) & (confidence <= m / bins)
        if inside.any():
            gap = abs(right[inside].mean() - confidence[inside].mean())
            ece += inside.mean() * gap
            mce = max(mce, gap)
    return float(ece), float(mce)


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
    matrix = np.zeros((classes, classes), int)
    for t, p in zip(labels, predicted):
        matrix[t, p] += 1
    per_class = []
    for c in range(classes):
        hit, support, taken = matrix[c, c], matrix[c].sum(), matrix[:, c].sum()
        precision, recall = ratio(hit, taken), ratio(hit, support)
        per_class.append({
            'precision': precision, 'recall': recall, 'f1': ratio(2 * hit, support + taken), 'support': int(support),
            'auc': auc(labels == c, probabilities[:, c]),
            'averagePrecision': average_precision(labels == c, probabilities[:, c]),
        })
    keys = ['precision', 'recall', 'f1']
    seen = [c for c in range(classes) if matrix[c].sum() + matrix[:, c].sum() > 0]
    p_observed = np.trace(matrix) / count
    p_chance = (matrix.sum(axis=1) * matrix.sum(axis=0)).sum() / count ** 2
    ece15, mce15 = calibration(labels, probabilities, 15)
    ece10, mce10 = calibration(labels, probabilities, 10)
    confidence = probabilities.max(axis=1)
    wrong = [i for i in range(count) if predicted[i] != labels[i]]
    return {
        'name': name, 'classes': classes, 'labels': labels.tolist(), 'thirtySeconds': (probabilities * 32).astype(int).ravel().tolist(),
        'confusion': matrix.tolist(), 'perClass': per_class, 'accuracy': float(p_observed),
        'kappa': float((p_observed - p_chance) / (1 - p_chance)),
        'macro': {k: float(np.mean([per_class[c][k] for c in seen])) for k in keys},
        'weighted': {k: float(sum(per_class[c][k] * per_class[c]['support'] for c in range(classes)) / count) for k in keys},
        'calibration': {'15': [ece15, mce15], '10': [ece10, mce10]},
        'mistakes': sorted(wrong, key=lambda i: (-confidence[i], i)),
    }


print(json.dumps([
    case('usual', 60, 4, [0, 1, 2, 3], 1, 2.0),
    case('missing', 30, 5, [0, 2, 4], 2, 1.5),
    case('guessing', 40, 2, [0, 1], 3, 0.0),
], separators=(',', ':')))
