#include "cpu/backends.h"

#include <memory>

#include "cpu/kernels.h"
#include "cpu/program.h"

#if defined(TILEWRIGHT_X86_KERNELS)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif
#if defined(TILEWRIGHT_NEON_KERNELS) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace tilewright {
namespace {

class CpuBackend : public Backend {
  public:
    explicit CpuBackend(const cpu::Kernels& kernels) : kernels_(kernels) {}

    const char* name() const override { return kernels_.name; }

    std::unique_ptr<Program> prepare(const Plan& plan, bool keep_all) const override {
        return std::make_unique<cpu::CpuProgram>(plan, kernels_, keep_all);
    }

    double measure_peak() const override { return kernels_.measure_peak(); }

  private:
    const cpu::Kernels& kernels_;
};

#if defined(TILEWRIGHT_X86_KERNELS)
/// The VNNI of 256 bits, which needs no AVX-512.
bool has_avx_vnni() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    constexpr unsigned kAvxVnni = 1u << 4;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & kAvxVnni);
}

/// Whether the processor has AMX for bytes and Linux lets this process use its registers, which it wants to
/// be asked (Documentation/arch/x86/xstate.rst).
bool may_use_amx() {
#if defined(TILEWRIGHT_AMX_STAND_IN)
    return true;
#elif defined(__linux__)
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        return false;
    }
    constexpr unsigned kTile = 1u << 24;
    constexpr unsigned kInt8 = 1u << 25;
    constexpr long kRequestPermission = 0x1023;
    constexpr long kTileData = 18;
    return (d & kTile) && (d & kInt8) && syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
    return false;
#endif
}
#endif

#if defined(TILEWRIGHT_NEON_KERNELS)
/// The dot product of bytes, FEAT_DotProd. Every processor with which macOS runs on AArch64 has it.
bool has_dot_product() {
#if defined(__linux__)
    return getauxval(AT_HWCAP) & HWCAP_ASIMDDP;
#elif defined(__APPLE__)
    return true;
#else
    return false;
#endif
}
#endif

// __builtin_cpu_supports asks the operating system too whether it saves the wide registers.
std::vector<const Backend*> find_backends() {
    std::vector<const Backend*> found;
#if defined(TILEWRIGHT_X86_KERNELS)
    __builtin_cpu_init();
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    if (avx512) {
        if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vbmi") && may_use_amx()) {
            static const CpuBackend amx(cpu::amx_kernels());
            found.push_back(&amx);
        }
        if (__builtin_cpu_supports("avx512vnni")) {
            static const CpuBackend vnni(__builtin_cpu_supports("avx512vbmi") ? cpu::vnni_vbmi_kernels()
                                                                              : cpu::vnni_kernels());
            found.push_back(&vnni);
        }
    }
    const bool avx2 = __builtin_cpu_supports("avx2");
    if (avx2 && has_avx_vnni()) {
        static const CpuBackend avx_vnni(cpu::avx_vnni_kernels());
        found.push_back(&avx_vnni);
    }
    if (avx512) {
        static const CpuBackend backend(cpu::avx512_kernels());
        found.push_back(&backend);
    }
    if (avx2) {
        static const CpuBackend backend(cpu::avx2_kernels());
        found.push_back(&backend);
    }
#endif
#if defined(TILEWRIGHT_NEON_KERNELS)
    if (has_dot_product()) {
        static const CpuBackend neon(cpu::neon_kernels());
        found.push_back(&neon);
    }
#endif
    static const CpuBackend scalar(cpu::scalar_kernels());
    found.push_back(&scalar);
    return found;
}

}  // namespace

const std::vector<const Backend*>& cpu_backends() {
    static const std::vector<const Backend*> found = find_backends();
    return found;
}

}  // namespace tilewright
