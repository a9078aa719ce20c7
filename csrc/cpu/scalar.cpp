#include "cpu/convolve.h"
#include "cpu/kernels.h"
#include "cpu/peak.h"
#include "cpu/simd_scalar.h"
#include "cpu/winograd_kernel.h"

namespace tilewright::cpu {

const Kernels& scalar_kernels() {
    static constexpr WinogradKernels kWinograd = winograd_kernels<Scalar>();
    static constexpr Kernels kKernels = {"scalar", Scalar::kLanes, Scalar::kWord,    Scalar::kMostVectors,
                                         1,        false,          convolve<Scalar>, measure_peak<Scalar>, &kWinograd};
    return kKernels;
}

}  // namespace tilewright::cpu
