#include "cpu/make_kernels.h"
#include "cpu/simd_scalar.h"

namespace tilewright::cpu {

const Kernels& scalar_kernels() {
    static constexpr Kernels kKernels = make_kernels<Scalar>("scalar");
    return kKernels;
}

}  // namespace tilewright::cpu
