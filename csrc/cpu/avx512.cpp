#include "cpu/make_kernels.h"
#include "cpu/simd_avx512.h"

namespace tilewright::cpu {

const Kernels& avx512_kernels() {
    static constexpr Kernels kKernels = make_kernels<Avx512>("avx512");
    return kKernels;
}

}  // namespace tilewright::cpu
