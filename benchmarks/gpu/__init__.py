"""GPU benchmarks: verification and timing of the CUDA backend and of baselines. `benchmarks/gpu.sh` starts
them.
"""
