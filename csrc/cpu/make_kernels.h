#pragma once

// All kernels of one instruction set, from its `Isa` (simd_*.h). Included like convolve.h.

#include "cpu/argmax_kernel.h"
#include "cpu/convolve.h"
#include "cpu/convolve_listed.h"
#include "cpu/kernels.h"
#include "cpu/peak.h"
#include "cpu/winograd_kernel.h"

namespace tilewright::cpu {
namespace {

template <typename Isa>
constexpr Kernels make_kernels(const char* name) {
    Kernels kernels{};
    kernels.name = name;
    kernels.lanes = Isa::kLanes;
    kernels.word = Isa::kWord;
    kernels.most_vectors = Isa::kMostVectors;
    for (int i = 0; i < Isa::kMostVectors; ++i) {
        kernels.most_rows[i] = Isa::kMostRows[i];
    }
    kernels.tap_words = 1;
    kernels.signed_inputs = Isa::kSignedInputs;
    kernels.chained_tables = Isa::kChainedTables;
    kernels.convolve = convolve<Isa>;
    kernels.convolve_listed = convolve_listed<Isa>;
    kernels.measure_peak = measure_peak<Isa>;
    if constexpr (Isa::kWord == 2) {
        kernels.winograd = {transform_windows<Isa>, multiply_windows<Isa>};
    }
    if constexpr (Isa::kWord == 4 && Isa::kLanes == kScoredPixels) {
        kernels.index_pixels = index_pixels<Isa>;
    }
    return kernels;
}

}  // namespace
}  // namespace tilewright::cpu
