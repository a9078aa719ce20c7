"""The benchmark on a GPU: the CUDA half's proof, its figures and its rivals'. `benchmarks/gpu.sh` starts it."""
