#include "cpu/convolve.h"
#include "cpu/kernels.h"
#include "cpu/peak.h"
#include "cpu/simd_avx2.h"
#include "cpu/winograd_kernel.h"

namespace tilewright::cpu {

const Kernels& avx2_kernels() {
    static constexpr WinogradKernels kWinograd = winograd_kernels<Avx2>();
    static constexpr Kernels kKernels = {"avx2", Avx2::kLanes, Avx2::kWord,    Avx2::kMostVectors,
                                         1,      false,        convolve<Avx2>, measure_peak<Avx2>, &kWinograd};
    return kKernels;
}

}  // namespace tilewright::cpu
