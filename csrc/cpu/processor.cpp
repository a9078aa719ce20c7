#include "cpu/processor.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace tilewright::cpu {
namespace {

#if defined(__x86_64__)
struct Cpuid {
    unsigned a = 0, b = 0, c = 0, d = 0;
};

/// Zeros for a leaf that the processor does not have.
Cpuid cpuid(unsigned leaf, unsigned subleaf) {
    Cpuid found;
    return __get_cpuid_count(leaf, subleaf, &found.a, &found.b, &found.c, &found.d) ? found : Cpuid{};
}

bool has(unsigned word, unsigned bit) { return word >> bit & 1u; }

/// The registers that the operating system saves, XCR0. Not __builtin_cpu_supports, which is a function of a
/// library that clang-cl does not link.
unsigned saved_registers() {
    constexpr unsigned kOsxsave = 27;
    if (!has(cpuid(1, 0).c, kOsxsave)) {
        return 0;
    }
    unsigned low = 0, high = 0;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

/// Linux lets a process use the registers of AMX when it asks (Documentation/arch/x86/xstate.rst).
bool may_use_amx() {
#if defined(TILEWRIGHT_AMX_STAND_IN)
    return true;
#elif defined(__linux__)
    constexpr unsigned kTile = 24, kInt8 = 25;
    const unsigned features = cpuid(7, 0).d;
    constexpr long kRequestPermission = 0x1023;
    constexpr long kTileData = 18;
    return has(features, kTile) && has(features, kInt8) &&
           syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
    return false;
#endif
}
#endif

}  // namespace

Processor this_processor() {
    Processor found;
#if defined(__x86_64__)
    constexpr unsigned kYmm = 0x6, kZmm = 0xE6;
    const unsigned saved = saved_registers();
    const Cpuid features = cpuid(7, 0);
    found.avx2 = (saved & kYmm) == kYmm && has(features.b, 5);
    found.avx_vnni = found.avx2 && has(cpuid(7, 1).a, 4);
    found.avx512 = (saved & kZmm) == kZmm && has(features.b, 16) && has(features.b, 17) &&
                   has(features.b, 30) && has(features.b, 31);
    found.vnni = found.avx512 && has(features.c, 11);
    found.vnni_vbmi = found.vnni && has(features.c, 1);
    found.amx = found.vnni_vbmi && may_use_amx();
#elif defined(__aarch64__) && defined(__linux__)
    found.dot_product = getauxval(AT_HWCAP) & HWCAP_ASIMDDP;
#elif defined(__aarch64__) && defined(__APPLE__)
    found.dot_product = true;  // as every processor with which macOS runs on AArch64
#endif
    return found;
}

}  // namespace tilewright::cpu
