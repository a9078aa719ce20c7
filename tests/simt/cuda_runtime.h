#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "cuda_runtime_api.h"
#include "machine.h"

// The subset of CUDA C++ that csrc/cuda uses, for the C++ compiler.

#define __global__ static
#define __device__
#define __forceinline__ inline
#define __grid_constant__
#define __launch_bounds__(...)

#define threadIdx (simt::position().thread)
#define blockIdx (simt::position().block)
#define gridDim (simt::position().grid)

inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
using std::fmaxf;
using std::fminf;

template <typename T>
T __ldg(const T* from) {
    return *from;
}

inline float __int2float_rn(int value) { return static_cast<float>(value); }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }

inline unsigned __float_as_uint(float value) {
    unsigned bits;
    std::memcpy(&bits, &value, sizeof(bits));
    return bits;
}

/// Selects four of the eight bytes of b, a by the lowest three bits of the selector's nibbles.
inline unsigned __byte_perm(unsigned a, unsigned b, unsigned selector) {
    const std::uint64_t both = std::uint64_t{b} << 32 | a;
    unsigned result = 0;
    for (int i = 0; i < 4; ++i) {
        const unsigned from = selector >> (4 * i) & 7;
        result |= static_cast<unsigned>(both >> (8 * from) & 0xFF) << (8 * i);
    }
    return result;
}

inline void __syncthreads() { simt::barrier(); }

inline void __syncwarp() {
    simt::meet("__syncwarp", nullptr, [](void* const(&)[simt::kWarpThreads]) {});
}

namespace simt {

inline void want_all(unsigned mask, const char* instruction) {
    if (mask != 0xFFFFFFFF) {
        fail(std::string(instruction) + " is asked for some lanes only");
    }
}

struct Shuffled {
    std::uint32_t value;
    int source;
    std::uint32_t result;
};

inline std::uint32_t shuffle(const char* instruction, std::uint32_t value, int source) {
    Shuffled own{value, source, 0};
    meet(instruction, &own, [](void* const(&lanes)[kWarpThreads]) {
        for (void* lane : lanes) {
            Shuffled& to = *static_cast<Shuffled*>(lane);
            to.result = static_cast<const Shuffled*>(lanes[to.source])->value;
        }
    });
    return own.result;
}

inline int lane() { return static_cast<int>(position().thread.x % kWarpThreads); }

}  // namespace simt

template <typename T>
T __shfl_sync(unsigned mask, T value, int source) {
    simt::want_all(mask, "__shfl_sync");
    return static_cast<T>(simt::shuffle("__shfl_sync", static_cast<std::uint32_t>(value), source % 32));
}

template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int distance) {
    simt::want_all(mask, "__shfl_xor_sync");
    return static_cast<T>(
        simt::shuffle("__shfl_xor_sync", static_cast<std::uint32_t>(value), simt::lane() ^ distance));
}

inline bool __any_sync(unsigned mask, bool value) {
    simt::want_all(mask, "__any_sync");
    bool own = value;
    simt::meet("__any_sync", &own, [](void* const(&lanes)[simt::kWarpThreads]) {
        bool any = false;
        for (const void* lane : lanes) {
            any = any || *static_cast<const bool*>(lane);
        }
        for (void* lane : lanes) {
            *static_cast<bool*>(lane) = any;
        }
    });
    return own;
}

// --- Typed launches, which the real header adds to the API ---

template <typename T>
cudaError_t cudaLaunchKernel(void (*kernel)(T), dim3 grid, dim3 block, void** arguments,
                             std::size_t shared_bytes, cudaStream_t) {
    struct Both {
        void (*kernel)(T);
        const T* argument;
    };
    const Both both{kernel, static_cast<const T*>(arguments[0])};
    return simt::launched(simt::run_grid(
        grid.x, block.x, shared_bytes,
        [](const void* context) {
            const Both& call = *static_cast<const Both*>(context);
            call.kernel(*call.argument);
        },
        &both));
}

template <typename T>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, void (*)(T)) {
    attributes->maxDynamicSharedSizeBytes = 48 << 10;
    return cudaSuccess;
}

template <typename T>
cudaError_t cudaFuncSetAttribute(void (*)(T), cudaFuncAttribute, int bytes) {
    return static_cast<std::size_t>(bytes) <= simt::settings().shared_bytes ? cudaSuccess
                                                                            : cudaErrorInvalidValue;
}

template <typename T>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void (*)(T), int, std::size_t bytes) {
    *blocks = bytes <= simt::settings().shared_bytes ? 1 : 0;
    return cudaSuccess;
}
