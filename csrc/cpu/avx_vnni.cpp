#include "cpu/make_kernels.h"
#include "cpu/simd_avx2.h"

namespace tilewright::cpu {

const Kernels& avx_vnni_kernels() {
    static constexpr Kernels kKernels = make_kernels<AvxVnni>("avx-vnni");
    return kKernels;
}

}  // namespace tilewright::cpu
