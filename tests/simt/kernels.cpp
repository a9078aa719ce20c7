// The unmodified kernels, compiled by the C++ compiler with the replacement headers of this folder.
#include "cuda/colours.cu"
#include "cuda/run_plan.cu"
