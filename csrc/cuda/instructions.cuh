#pragma once

#include <cuda_runtime.h>

#include <cstdint>

// The instructions without a name in CUDA C++, and hooks for the GPU stand-in of the tests, which replaces
// this file (tests/simt). No other file in this folder contains assembly.

namespace tilewright::cuda {

/// The block's dynamic shared memory.
__device__ __forceinline__ std::uint8_t* shared_memory() {
    extern __shared__ __align__(128) std::uint8_t bytes[];
    return bytes;
}

/// ldmatrix.x4: four matrices of 8 rows of 16 bytes. Lane l provides row l % 8 of matrix l / 8, in shared
/// memory, and receives bytes 4 (l % 4) to 4 (l % 4) + 3 of row l / 4 of each matrix.
__device__ __forceinline__ void load_matrices(const std::uint8_t* row, std::uint32_t (&fragment)[4]) {
    const std::uint32_t address = static_cast<std::uint32_t>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3])
                 : "r"(address));
}

/// mma.m16n8k32: sums += a b, a of uint8 (16 rows, 32), b of int8 (32, 8 columns), sums of int32 (16, 8).
/// With g = lane / 4 and t = lane % 4, a lane holds
///   a[0] = (row g,     k 4t .. 4t + 3)    a[2] = (row g,     k 16 + 4t .. 16 + 4t + 3)
///   a[1] = (row g + 8, k 4t .. 4t + 3)    a[3] = (row g + 8, k 16 + 4t .. 16 + 4t + 3)
///   b0 = (k 4t .. 4t + 3, column g)       b1 = (k 16 + 4t .. 16 + 4t + 3, column g)
///   sums[0], sums[1] = (row g, columns 2t, 2t + 1)    sums[2], sums[3] = (row g + 8, the same)
/// (PTX ISA, "Matrix Fragments for mma.m16n8k32").
__device__ __forceinline__ void multiply_add(std::int32_t (&sums)[4], const std::uint32_t (&a)[4],
                                             std::uint32_t b0, std::uint32_t b1) {
    asm("mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+r"(sums[0]), "+r"(sums[1]), "+r"(sums[2]), "+r"(sums[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// The stand-in checks that a block stays within its arena and that warps do not access it concurrently
// without a barrier.
__device__ __forceinline__ void enter_arena(const std::uint8_t* /*bytes*/, std::uint32_t /*size*/) {}
__device__ __forceinline__ void note_read(const void* /*from*/, int /*bytes*/) {}
__device__ __forceinline__ void note_write(const void* /*to*/, int /*bytes*/) {}

}  // namespace tilewright::cuda
