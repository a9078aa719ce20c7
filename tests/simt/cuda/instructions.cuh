#pragma once

#include <cuda_runtime.h>

#include <cstdint>

// The stand-in's counterpart of csrc/cuda/instructions.cuh. The last lane that arrives executes an
// instruction for the whole warp. The layouts are written from the PTX manual, independently of the other
// file.

namespace tilewright::cuda {

inline std::uint8_t* shared_memory() { return simt::shared_memory(); }

/// PTX ISA, ldmatrix: with .x4 the rows of the first matrix are at the addresses of threads 0 to 7, of the
/// second at those of 8 to 15, and so on. A row has 8 elements of 16 bits; thread 4 r + c receives elements 2
/// c and 2 c + 1 of row r of each matrix.
inline void load_matrices(const std::uint8_t* row, std::uint32_t (&fragment)[4]) {
    struct Lane {
        const std::uint8_t* row;
        std::uint32_t* fragment;
    };
    simt::note_read(row, 16);
    Lane own{row, fragment};
    simt::meet("ldmatrix", &own, [](void* const(&lanes)[simt::kWarpThreads]) {
        for (int thread = 0; thread < 32; ++thread) {
            for (int matrix = 0; matrix < 4; ++matrix) {
                const std::uint8_t* from = static_cast<const Lane*>(lanes[8 * matrix + thread / 4])->row;
                std::memcpy(&static_cast<Lane*>(lanes[thread])->fragment[matrix],
                            from + 2 * (2 * (thread % 4)), 4);
            }
        }
    });
}

/// PTX ISA, "Matrix Fragments for mma.m16n8k32", with groupID = thread / 4 and threadID_in_group = thread %
/// 4:
///   A, 16 x 32, four registers of four bytes, a0 to a15: row = groupID for a0..a3 and a8..a11, groupID + 8
///   for the
///     others; column = threadID_in_group * 4 + (i & 3), and 16 more for a8..a15;
///   B, 32 x 8, two registers, b0 to b7: row = threadID_in_group * 4 + (i & 3), and 16 more for b4..b7;
///     column = groupID;
///   C and D, 16 x 8, four registers: row = groupID for c0 and c1, groupID + 8 for c2 and c3;
///     column = threadID_in_group * 2 + (i & 1).
inline void multiply_add(std::int32_t (&sums)[4], const std::uint32_t (&a)[4], std::uint32_t b0,
                         std::uint32_t b1) {
    struct Lane {
        std::int32_t* sums;
        const std::uint32_t* a;
        std::uint32_t b[2];
    };
    Lane own{sums, a, {b0, b1}};
    simt::meet("mma.sync", &own, [](void* const(&lanes)[simt::kWarpThreads]) {
        std::int32_t left[16][32];
        std::int32_t right[8][32];
        for (int thread = 0; thread < 32; ++thread) {
            const Lane& lane = *static_cast<const Lane*>(lanes[thread]);
            const int group = thread / 4;
            const int in_group = thread % 4;
            for (int i = 0; i < 16; ++i) {
                const int row = i < 4 || (i >= 8 && i < 12) ? group : group + 8;
                const int column = in_group * 4 + (i & 3) + (i < 8 ? 0 : 16);
                left[row][column] = static_cast<std::uint8_t>(lane.a[i / 4] >> (8 * (i % 4)));
            }
            for (int i = 0; i < 8; ++i) {
                const int row = in_group * 4 + (i & 3) + (i < 4 ? 0 : 16);
                right[group][row] = static_cast<std::int8_t>(lane.b[i / 4] >> (8 * (i % 4)));
            }
        }
        for (int thread = 0; thread < 32; ++thread) {
            const Lane& lane = *static_cast<const Lane*>(lanes[thread]);
            for (int i = 0; i < 4; ++i) {
                const std::int32_t* const x = left[i < 2 ? thread / 4 : thread / 4 + 8];
                const std::int32_t* const y = right[thread % 4 * 2 + (i & 1)];
                std::int32_t sum = 0;
                for (int k = 0; k < 32; ++k) {
                    sum += x[k] * y[k];
                }
                lane.sums[i] += sum;
            }
        }
    });
}

inline void enter_arena(const std::uint8_t* bytes, std::uint32_t size) { simt::enter_arena(bytes, size); }
inline void note_read(const void* from, std::size_t bytes) { simt::note_read(from, bytes); }
inline void note_write(const void* to, std::size_t bytes) { simt::note_write(to, bytes); }

}  // namespace tilewright::cuda
