#include "cpu/backends.h"

#include <memory>

#include "cpu/kernels.h"
#include "cpu/processor.h"
#include "cpu/program.h"

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

std::vector<CpuBackend> find_backends() {
    std::vector<CpuBackend> found;
    [[maybe_unused]] const cpu::Processor processor = cpu::this_processor();
#if defined(TILEWRIGHT_X86_KERNELS)
    if (processor.amx) {
        found.emplace_back(cpu::amx_kernels());
    }
    if (processor.vnni) {
        found.emplace_back(processor.vnni_vbmi ? cpu::vnni_vbmi_kernels() : cpu::vnni_kernels());
    }
    if (processor.avx_vnni) {
        found.emplace_back(cpu::avx_vnni_kernels());
    }
    if (processor.avx512) {
        found.emplace_back(cpu::avx512_kernels());
    }
    if (processor.avx2) {
        found.emplace_back(cpu::avx2_kernels());
    }
#endif
#if defined(TILEWRIGHT_NEON_KERNELS)
    if (processor.dot_product) {
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

// Initialised at load time and never destroyed, like the thread pool (core/thread_pool.cpp).
const std::vector<const Backend*>& list = *new std::vector<const Backend*>(list_backends());

}  // namespace

const std::vector<const Backend*>& cpu_backends() { return list; }

}  // namespace tilewright
