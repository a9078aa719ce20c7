#pragma once

namespace tilewright::cpu {

/// The instruction sets that the processor and the operating system support.
struct Processor {
    bool avx2 = false;
    bool avx_vnni = false;  ///< VNNI of 256 bits, which needs no AVX-512
    bool avx512 = false;    ///< F, BW, VL and DQ
    bool vnni = false;      ///< VNNI of 512 bits
    bool vnni_vbmi = false;
    bool amx = false;          ///< tiles of bytes, beside all of AVX-512 above
    bool dot_product = false;  ///< AArch64's FEAT_DotProd
};

Processor this_processor();

}  // namespace tilewright::cpu
