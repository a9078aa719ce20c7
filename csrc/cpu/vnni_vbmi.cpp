#include "cpu/convolve.h"
#include "cpu/kernels.h"
#include "cpu/peak.h"
#include "cpu/simd_avx512.h"

namespace tilewright::cpu {

const Kernels& vnni_vbmi_kernels() {
    static constexpr Kernels kKernels = {"vnni", Vnni::kLanes, Vnni::kWord,    Vnni::kMostVectors,
                                         1,      false,        convolve<Vnni>, measure_peak<Vnni>};
    return kKernels;
}

}  // namespace tilewright::cpu
