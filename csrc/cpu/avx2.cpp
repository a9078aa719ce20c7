#include "cpu/make_kernels.h"
#include "cpu/simd_avx2.h"

namespace tilewright::cpu {

const Kernels& avx2_kernels() {
    static constexpr Kernels kKernels = make_kernels<Avx2>("avx2");
    return kKernels;
}

}  // namespace tilewright::cpu
