#pragma once

#include "cpu/argmax.h"
#include "cpu/convolution.h"
#include "cpu/listed_points.h"
#include "cpu/winograd.h"

namespace tilewright::cpu {

/// What an instruction set offers.
struct Kernels {
    const char* name;
    int lanes;         ///< int32 in a register
    int word;          ///< input channels in a broadcast word of 4 bytes: 4 as bytes, or 2 as int16
    int most_vectors;  ///< registers of output channels in one group
    /// The most points of a block, by registers of channels less 1: as many sums as there are registers for,
    /// since each broadcast serves as many products as the block has columns, and each load of weights as it
    /// has rows.
    int most_rows[kMostVectors];
    int tap_words;        ///< words of a tap are padded to a multiple of this
    bool signed_inputs;   ///< multiplies inputs 128 less than they are: 128 times the weights is in the bias
    bool uses_tiles;      ///< wants blocks of 16 points too
    bool chained_tables;  ///< of a table's sixteen parts of 16 bytes, it wants each xor the one before:
                          ///< chain_table
    void (*convolve)(const Convolution& convolution);
    void (*convolve_listed)(const Convolution& convolution, const ListedPoints& points);
    /// Multiply-adds a second that this thread reaches when it does nothing else; runs for some milliseconds.
    double (*measure_peak)();
    WinogradKernels winograd;                         ///< null where words are of 4 bytes
    void (*index_pixels)(const PixelScores& scores);  ///< or null
};

/// The kernels of each instruction set. Call one on a processor that has it (cpu/backends.cpp).
const Kernels& scalar_kernels();
const Kernels& avx2_kernels();
const Kernels& avx512_kernels();
const Kernels& avx_vnni_kernels();   ///< AVX2 with the VNNI of 256 bits
const Kernels& vnni_kernels();       ///< AVX-512 with VNNI
const Kernels& vnni_vbmi_kernels();  ///< the same, with table look-ups in registers
const Kernels& neon_kernels();       ///< AArch64 with the dot product of bytes
const Kernels& amx_kernels();        ///< AMX, with the former for what does not fit tiles

}  // namespace tilewright::cpu
