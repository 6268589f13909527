"""Trains the network of an Interlock model with PyTorch, on the same images, and prints its validation accuracies.

    python3 test/conformance/pytorchTwin.py MODEL.json TRAIN_FOLDER VALIDATION_FOLDER SEED      (needs torch, numpy, PIL)

Built from the model file alone (src-shared/export/README.md), so that nothing of the engine is shared: images by PIL, the triangle filter
it calls BILINEAR, standardised with mean and deviation of the training images; Glorot uniform weights; Adam, its rate falling as a cosine after
every batch. One line of JSON:
{"valLoss": [...], "valAccuracy": [...]}, one entry an epoch.
"""
import json
import math
import sys
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps


def read_folder(folder, height, width, channels):
    """Images as float32 [n][channels][height][width] in 0 ... 1, and their classes: sub-folders in order of their names."""
    images, labels = [], []
    for label, name in enumerate(sorted(path.name for path in folder.iterdir())):
        for file in sorted(path for path in (folder / name).rglob("*") if path.is_file()):
            with Image.open(file) as image:
                fitted = ImageOps.exif_transpose(image).convert("L" if channels == 1 else "RGB").resize((width, height), Image.BILINEAR)
            images.append(numpy.asarray(fitted, dtype=numpy.float32).reshape(height, width, channels))
            labels.append(label)
    stacked = torch.from_numpy(numpy.stack(images)).permute(0, 3, 1, 2).contiguous() / 255
    return stacked, torch.tensor(labels)


def padding_of(padding, size, kernel, strides, dilation=(1, 1)):
    """Top, bottom, left, right; "same" is TensorFlow's rule, the smaller half first."""
    if padding == "valid":
        return [0, 0, 0, 0]
    if padding != "same":
        return padding
    sides = []
    for n, k, s, d in zip(size, kernel, strides, dilation):
        total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        sides += [total // 2, total - total // 2]
    return sides


def pair(value):
    return value if isinstance(value, list) else [value, value]


def activated(x, kind):
    return x if kind == "none" else {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}[kind](x)


class Twin(torch.nn.Module):
    def __init__(self, graph):
        super().__init__()
        self.blocks = {block["id"]: block for block in graph["blocks"]}
        self.sources = {}
        for wire in graph["connections"]:
            self.sources.setdefault(wire["to"], []).append((wire.get("input", 0), wire["from"]))
        self.layers = torch.nn.ModuleDict()
        for identifier, block in self.blocks.items():
            layer = self.layer(block)
            if layer is not None:
                self.layers[identifier] = layer

    def shape(self, block):
        (_, source), = self.sources[block["id"]]
        return self.blocks[source]["output"]

    def layer(self, block):
        params = block["params"]
        if block["type"] == "conv2d":
            options = dict(stride=pair(params["strides"]), dilation=pair(params["dilation"]), groups=params["groups"], bias=params["useBias"])
            layer = torch.nn.Conv2d(self.shape(block)[2], params["filters"], pair(params["kernelSize"]), **options)
        elif block["type"] == "dense":
            layer = torch.nn.Linear(self.shape(block)[0], params["units"], bias=params["useBias"])
        elif block["type"] == "batchNorm":
            *size, channels = self.shape(block)
            kind = torch.nn.BatchNorm2d if size else torch.nn.BatchNorm1d
            return kind(channels, eps=params["epsilon"], momentum=1 - params["momentum"])
        else:
            return None
        torch.nn.init.xavier_uniform_(layer.weight)
        if layer.bias is not None:
            torch.nn.init.zeros_(layer.bias)
        return layer

    def apply_block(self, block, inputs):
        params, kind = block["params"], block["type"]
        x = inputs[0]
        if kind == "conv2d":
            layer = self.layers[block["id"]]
            t, b, l, r = padding_of(params["padding"], x.shape[2:], layer.kernel_size, layer.stride, layer.dilation)
            return activated(layer(F.pad(x, (l, r, t, b))), params["activation"])
        if kind == "dense":
            return activated(self.layers[block["id"]](x), params["activation"])
        if kind == "batchNorm":
            return self.layers[block["id"]](x)
        if kind == "activation":
            return activated(x, params["kind"])
        if kind in ("maxPool2d", "avgPool2d"):
            assert params["padding"] == "valid", "pools of the twin have no padding"
            pool = F.max_pool2d if kind == "maxPool2d" else F.avg_pool2d
            return pool(x, pair(params["poolSize"]), pair(params["strides"] or params["poolSize"]))
        if kind == "globalAvgPool2d":
            return x.mean((2, 3))
        if kind == "flatten":
            return x.permute(0, 2, 3, 1).flatten(1)
        if kind == "dropout":
            return F.dropout(x, params["rate"], self.training)
        if kind == "add":
            return sum(inputs)
        if kind == "concat":
            return torch.cat(inputs, 1)
        if kind == "output":
            return x
        raise ValueError(f"the twin has no block {kind}")

    def value(self, identifier, known):
        if identifier not in known:
            inputs = [self.value(source, known) for _, source in sorted(self.sources[identifier])]
            known[identifier] = self.apply_block(self.blocks[identifier], inputs)
        return known[identifier]

    def forward(self, x):
        ends = {block["type"]: identifier for identifier, block in self.blocks.items() if block["type"] in ("input", "output")}
        return self.value(ends["output"], {ends["input"]: x})


def main(model_file, training_folder, validation_folder, seed):
    torch.manual_seed(int(seed))
    model = json.loads(Path(model_file).read_text())
    settings = model["training"]["settings"]
    optimizer = settings["optimizer"]
    assert optimizer["type"] == "adam" and settings["schedule"]["type"] == "cosine", "the twin knows Adam and the cosine"
    size = next(block["output"] for block in model["graph"]["blocks"] if block["type"] == "input")
    images, labels = read_folder(Path(training_folder), *size)
    held_out, answers = read_folder(Path(validation_folder), *size)
    mean, std = images.mean((0, 2, 3), keepdim=True), images.std((0, 2, 3), keepdim=True, unbiased=False)
    images, held_out = (images - mean) / std, (held_out - mean) / std
    network = Twin(model["graph"])
    betas = (optimizer["beta1"], optimizer["beta2"])
    adam = torch.optim.Adam(network.parameters(), optimizer["learningRate"], betas, optimizer["epsilon"], optimizer["weightDecay"])
    steps = settings["epochs"] * math.ceil(len(images) / settings["batchSize"])
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps, settings["schedule"]["minLearningRate"])
    result = {"valLoss": [], "valAccuracy": []}
    for _ in range(settings["epochs"]):
        network.train()
        for batch in torch.randperm(len(images)).split(settings["batchSize"]):
            adam.zero_grad()
            F.cross_entropy(network(images[batch]), labels[batch]).backward()
            adam.step()
            schedule.step()
        network.eval()
        with torch.no_grad():
            scores = torch.cat([network(part) for part in held_out.split(256)])
        result["valLoss"].append(F.cross_entropy(scores, answers).item())
        result["valAccuracy"].append((scores.argmax(1) == answers).float().mean().item())
    print(json.dumps(result))


main(*sys.argv[1:])
