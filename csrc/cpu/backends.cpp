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
std::vector<CpuBackend> find_backends() {
    std::vector<CpuBackend> found;
#if defined(TILEWRIGHT_X86_KERNELS)
    __builtin_cpu_init();
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    const bool vnni = avx512 && __builtin_cpu_supports("avx512vnni");
    const bool vbmi = vnni && __builtin_cpu_supports("avx512vbmi");
    const bool avx2 = __builtin_cpu_supports("avx2");
    if (vbmi && may_use_amx()) {
        found.emplace_back(cpu::amx_kernels());
    }
    if (vnni) {
        found.emplace_back(vbmi ? cpu::vnni_vbmi_kernels() : cpu::vnni_kernels());
    }
    if (avx2 && has_avx_vnni()) {
        found.emplace_back(cpu::avx_vnni_kernels());
    }
    if (avx512) {
        found.emplace_back(cpu::avx512_kernels());
    }
    if (avx2) {
        found.emplace_back(cpu::avx2_kernels());
    }
#endif
#if defined(TILEWRIGHT_NEON_KERNELS)
    if (has_dot_product()) {
        found.emplace_back(cpu::neon_kernels());
    }
#endif
    found.emplace_back(cpu::scalar_kernels());
    return found;
}

std::vector<const Backend*> list_backends() {
    std::vector<const Backend*> list;
    for (const CpuBackend& backend : *new std::vector<CpuBackend>(find_backends())) {
        list.push_back(&backend);
    }
    return list;
}

// Found when the library is loaded, and kept, as the thread pool is (core/thread_pool.cpp).
const std::vector<const Backend*>& list = *new std::vector<const Backend*>(list_backends());

}  // namespace

const std::vector<const Backend*>& cpu_backends() { return list; }

}  // namespace tilewright
