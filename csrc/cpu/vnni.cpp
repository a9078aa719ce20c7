#include "cpu/make_kernels.h"
#include "cpu/simd_avx512.h"

namespace tilewright::cpu {

const Kernels& vnni_kernels() {
    static constexpr Kernels kKernels = make_kernels<Vnni>("vnni");
    return kKernels;
}

}  // namespace tilewright::cpu
