"""PyTorch's side of bench/cpu.ts: the same requests on stdin as child.ts answers, one JSON object a line."""
import json
import os
import sys
import time

directory, threads = sys.argv[1], sys.argv[2]
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = threads

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(int(threads))
with open(os.path.join(directory, "problem.json")) as file:
    problem = json.load(file)
numbers = np.fromfile(os.path.join(directory, "problem.bin"), dtype=np.float32)
position = 0


def take(shape):
    global position
    count = int(np.prod(shape))
    position += count
    return torch.tensor(numbers[position - count : position].reshape(shape))


w = {p["name"]: take(p["shape"]).requires_grad_() for p in problem["parameters"]}
batch, dim = problem["batch"], problem["dim"]
x, y = take([batch, dim + 1]), take([batch, dim])


def linear(x, name):
    return F.linear(x, w[name + ".weight"], w[name + ".bias"])


def forward(x):
    h = linear(x, "input")
    for k in range(2):
        a = F.silu(linear(h, f"blocks.{k}.gate")) * linear(h, f"blocks.{k}.up")
        h = h + linear(a, f"blocks.{k}.down")
    return linear(h, "output")


optimizer = torch.optim.Adam(w.values(), lr=problem["learningRate"])
points = torch.zeros(max(1, problem["particles"]), dim + 1)
last = None

# OpenBLAS can be held to an older processor's kernels: a result has to say so.
core = os.environ.get("OPENBLAS_CORETYPE")
held = f", OpenBLAS held to {core}" if core else ""
print(json.dumps({"version": torch.__version__ + held}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    start = time.perf_counter()
    if request["op"] == "train":
        for _ in range(request["steps"]):
            optimizer.zero_grad()
            last = (forward(x) - y).square().sum() / (2 * batch)
            last.backward()
            optimizer.step()
        answer = {"ms": (time.perf_counter() - start) * 1e3}
    elif request["op"] == "loss":
        answer = {"loss": last.item()}
    else:
        # `rows` particles at a time: all at once as most would, or as many as a cache holds.
        with torch.no_grad():
            for part in points.split(request["rows"] or len(points)):
                forward(part)
        answer = {"ms": (time.perf_counter() - start) * 1e3}
    print(json.dumps(answer), flush=True)
