"""PyTorch on the CPU, training one work of src-main/bench/works.ts: pytorch.py WORK THREADS. Speaks src-main/bench/contestant.ts."""
import json
import resource
import sys
import time

import torch
from torch import nn


def lenet():
    return nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2),
                         nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2), nn.Flatten(),
                         nn.Linear(400, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10))


def vgg(size):
    layers, channels = [], 3
    for stage in [[32, 32], [64, 64], [128]]:
        for filters in stage:
            layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU()]
            channels = filters
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(128 * (size // 8) ** 2, 128), nn.ReLU(), nn.Linear(128, 10))


WORKS = {'lenet-b64': (lenet, 64, (1, 28, 28)), 'vgg32-b32': (lambda: vgg(32), 32, (3, 32, 32)),
         'vgg64-b32': (lambda: vgg(64), 32, (3, 64, 64))}


def resident():
    with open('/proc/self/statm') as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def main():
    make, batch, shape = WORKS[sys.argv[1]]
    torch.set_num_threads(int(sys.argv[2]))
    idle = resident()
    net, loss = make(), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    x, y = torch.rand(batch * 4, *shape), torch.randint(0, 10, (batch * 4,))
    print(json.dumps({'ready': True, 'name': f'PyTorch {torch.__version__}'}), flush=True)
    for line in sys.stdin:
        started, cpu = time.perf_counter(), time.process_time()
        for step in range(int(line)):
            part = slice(step % 4 * batch, (step % 4 + 1) * batch)
            optimizer.zero_grad()
            loss(net(x[part]), y[part]).backward()
            optimizer.step()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({'seconds': time.perf_counter() - started, 'cpuSeconds': time.process_time() - cpu,
                          'memory': peak - idle}), flush=True)


main()
