// Small kernels: a correct one, and one for each kind of error that the stand-in must detect.

#include "samples.h"

#include <cuda_runtime.h>

#include <map>
#include <stdexcept>

#include "cuda/instructions.cuh"

namespace samples {
namespace {

namespace cuda = tilewright::cuda;

constexpr unsigned kThreads = 64;

struct Product {
    const std::uint8_t* a;
    const std::int8_t* b;
    std::int32_t* sums;
};

__global__ void product(const Product call) {
    std::uint8_t* const shared = cuda::shared_memory();
    const int lane = static_cast<int>(threadIdx.x);
    for (int i = lane; i < 16 * 32; i += 32) {
        cuda::note_write(shared + i, 1);
        shared[i] = call.a[i];
    }
    __syncthreads();
    std::uint32_t a[4];
    cuda::load_matrices(shared + lane % 16 * 32 + lane / 16 * 16, a);
    std::uint32_t b[2];
    std::memcpy(&b[0], call.b + lane / 4 * 32 + lane % 4 * 4, 4);
    std::memcpy(&b[1], call.b + lane / 4 * 32 + lane % 4 * 4 + 16, 4);
    std::int32_t sums[4] = {};
    cuda::multiply_add(sums, a, b[0], b[1]);
    for (int i = 0; i < 4; ++i) {
        call.sums[(lane / 4 + i / 2 * 8) * 8 + lane % 4 * 2 + i % 2] = sums[i];
    }
}

void write_byte(unsigned at) {
    cuda::note_write(cuda::shared_memory() + at, 1);
    cuda::shared_memory()[at] = 1;
}

void read_byte(unsigned at) { cuda::note_read(cuda::shared_memory() + at, 1); }

__global__ void sound(const int) {
    write_byte(threadIdx.x);
    __syncthreads();
    read_byte(kThreads - 1 - threadIdx.x);
}

__global__ void read_too_early(const int) {
    write_byte(threadIdx.x);
    read_byte(kThreads - 1 - threadIdx.x);
}

__global__ void write_too_early(const int) {
    read_byte(kThreads - 1 - threadIdx.x);
    write_byte(threadIdx.x);
}

__global__ void write_outside(const int) { write_byte(kThreads + threadIdx.x); }

__global__ void read_askew(const int) { cuda::note_read(cuda::shared_memory() + 4 * threadIdx.x / 8 + 1, 4); }

__global__ void leave_early(const int) {
    if (threadIdx.x < 32) {
        __syncthreads();
    }
}

__global__ void lose_a_lane(const int) {
    if (threadIdx.x != 5) {
        __syncwarp();
    }
}

__global__ void part_ways(const int) {
    if (threadIdx.x % 32 < 16) {
        __syncwarp();
    } else {
        __any_sync(0xFFFFFFFF, true);
    }
}

__global__ void ask_for_some(const int) {
    if (threadIdx.x % 32 < 16) {
        __shfl_sync(0xFFFF, 1, 0);
    }
}

}  // namespace

void multiply(const std::uint8_t* a, const std::int8_t* b, std::int32_t* sums) {
    Product call{a, b, sums};
    void* arguments[] = {&call};
    if (cudaLaunchKernel(product, dim3(1), dim3(32), arguments, 16 * 32, nullptr) != cudaSuccess) {
        throw std::runtime_error(cudaGetErrorString(cudaErrorLaunchFailure));
    }
}

std::string run(const std::string& name) {
    const std::map<std::string, void (*)(const int)> kernels = {
        {"sound", sound},
        {"read_too_early", read_too_early},
        {"write_too_early", write_too_early},
        {"write_outside", write_outside},
        {"read_askew", read_askew},
        {"leave_early", leave_early},
        {"lose_a_lane", lose_a_lane},
        {"part_ways", part_ways},
        {"ask_for_some", ask_for_some},
    };
    int nothing = 0;
    void* arguments[] = {&nothing};
    const cudaError_t error =
        cudaLaunchKernel(kernels.at(name), dim3(2), dim3(kThreads), arguments, kThreads, nullptr);
    return error == cudaSuccess ? "" : cudaGetErrorString(error);
}

}  // namespace samples
