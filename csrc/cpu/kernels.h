#pragma once

#include "cpu/argmax.h"
#include "cpu/convolution.h"
#include "cpu/listed_points.h"
#include "cpu/winograd.h"

namespace tilewright::cpu {

/// The kernels and properties of an instruction set.
struct Kernels {
    const char* name;
    int lanes;         ///< int32 in a register
    int word;          ///< input channels in a broadcast word of 4 bytes: 4 as bytes, or 2 as int16
    int most_vectors;  ///< registers of output channels in one group
    /// Maximum points per block; index v is for v + 1 registers of channels. Blocks are as large as the
    /// registers allow, because each broadcast serves all columns of a block, and each load of weights all
    /// rows.
    int most_rows[kMostVectors];
    int tap_words;        ///< a tap is padded to a multiple of this number of words
    bool signed_inputs;   ///< inputs are offset by -128; the bias includes 128 times the weights
    bool uses_amx_tiles;  ///< whether it has AMX tiles, which take blocks of 16 points
    /// Whether lookup tables are stored in sixteen parts of 16 bytes, each as xor with the previous part
    /// (chain_table).
    bool chained_tables;
    void (*convolve)(const Convolution& convolution);
    void (*convolve_listed)(const Convolution& convolution, const ListedPoints& points);
    /// Measures the multiply-adds per second of this thread, in some milliseconds.
    double (*measure_peak)();
    WinogradKernels winograd;                         ///< null if words hold bytes
    void (*index_pixels)(const PixelScores& scores);  ///< may be null
};

/// Kernels by instruction set. The processor must support them (cpu/backends.cpp).
const Kernels& scalar_kernels();
const Kernels& avx2_kernels();
const Kernels& avx512_kernels();
const Kernels& avx_vnni_kernels();   ///< AVX2 with 256-bit VNNI
const Kernels& vnni_kernels();       ///< AVX-512 with VNNI
const Kernels& vnni_vbmi_kernels();  ///< the same, with table lookups in registers
const Kernels& neon_kernels();       ///< AArch64 with the dot product instructions
const Kernels& amx_kernels();        ///< AMX; VNNI for blocks that do not fit tiles

}  // namespace tilewright::cpu
