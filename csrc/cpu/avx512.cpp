#include "cpu/convolve.h"
#include "cpu/kernels.h"
#include "cpu/peak.h"
#include "cpu/simd_avx512.h"
#include "cpu/winograd_kernel.h"

namespace tilewright::cpu {

const Kernels& avx512_kernels() {
    static constexpr WinogradKernels kWinograd = winograd_kernels<Avx512>();
    static constexpr Kernels kKernels = {"avx512", Avx512::kLanes, Avx512::kWord,    Avx512::kMostVectors,
                                         1,        false,          convolve<Avx512>, measure_peak<Avx512>, &kWinograd};
    return kKernels;
}

}  // namespace tilewright::cpu
