// The kernels as they are, compiled by the C++ compiler: the headers of this folder stand in for CUDA's.
#include "cuda/colours.cu"
#include "cuda/run_plan.cu"
