#include "backends.h"

#include <stdexcept>

#include "cpu/backends.h"

namespace tilewright {

const std::vector<const Backend*>& backends() { return cpu_backends(); }

const Backend& choose_backend(const std::string& name) {
    std::string known;
    for (const Backend* backend : backends()) {
        if (name.empty() || name == backend->name()) {
            return *backend;
        }
        known += (known.empty() ? "" : ", ") + std::string(backend->name());
    }
    throw std::invalid_argument("Executor(): there is no backend '" + name + "' on this machine; use " +
                                known);
}

}  // namespace tilewright
