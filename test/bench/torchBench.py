"""Training speed of PyTorch on the CPU for the same networks as cpuBench.ts: python3 torchBench.py [threads] [names…]"""
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
    for block in [[32, 32], [64, 64], [128]]:
        for filters in block:
            layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU()]
            channels = filters
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(128 * (size // 8) ** 2, 128), nn.ReLU(), nn.Linear(128, 10))

WORKS = {'lenet-b64': (lenet, 64, (1, 28, 28)), 'vgg32-b32': (lambda: vgg(32), 32, (3, 32, 32)),
         'vgg64-b32': (lambda: vgg(64), 32, (3, 64, 64))}

def images_per_second(make, batch, shape, rounds=7, seconds=0.3):
    net, loss = make(), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    x, y = torch.rand(batch, *shape), torch.randint(0, 10, (batch,))
    def run(steps):
        start = time.perf_counter()
        for _ in range(steps):
            optimizer.zero_grad()
            loss(net(x), y).backward()
            optimizer.step()
        return steps * batch / (time.perf_counter() - start)
    steps = max(1, int(run(8) * seconds / batch))
    return sorted(run(steps) for _ in range(rounds))[rounds // 2]

threads = int(sys.argv[1]) if len(sys.argv) > 1 else 2
torch.set_num_threads(threads)
for name in sys.argv[2:] or WORKS:
    print(f'{name}: PyTorch {torch.__version__}, {threads} threads {images_per_second(*WORKS[name]):.0f} images/s')
