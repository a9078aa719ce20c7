#include "cpu/make_kernels.h"
#include "cpu/simd_neon.h"

namespace tilewright::cpu {

const Kernels& neon_kernels() {
    static constexpr Kernels kKernels = make_kernels<Neon>("neon");
    return kKernels;
}

}  // namespace tilewright::cpu
