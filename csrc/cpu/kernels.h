#pragma once

#include "cpu/convolution.h"

namespace tilewright::cpu {

/// The kernels of each instruction set. Call one on a processor that has it (cpu/backends.cpp).
const Kernels& scalar_kernels();
const Kernels& avx2_kernels();
const Kernels& avx512_kernels();
const Kernels& vnni_kernels();       ///< AVX-512 with VNNI
const Kernels& vnni_vbmi_kernels();  ///< the same, with table look-ups in registers

const Kernels& amx_kernels();  ///< AMX, with the former for what does not fit tiles

}  // namespace tilewright::cpu
