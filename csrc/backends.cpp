#include "backends.h"

#include <cstdlib>
#include <stdexcept>

#include "cpu/backends.h"

namespace tilewright {

const std::vector<const Backend*>& backends() { return cpu_backends(); }

const Backend& choose_backend(const std::string& name) {
    const char* variable = std::getenv("TILEWRIGHT_BACKEND");
    const bool from_environment = name.empty() && variable && *variable;
    const std::string wanted = from_environment ? variable : name;
    std::string known;
    for (const Backend* backend : backends()) {
        if (wanted.empty() || wanted == backend->name()) {
            return *backend;
        }
        known += (known.empty() ? "" : ", ") + std::string(backend->name());
    }
    throw std::invalid_argument((from_environment ? "TILEWRIGHT_BACKEND: " : "Executor(): ") +
                                std::string("there is no backend '") + wanted + "' on this machine; use " +
                                known);
}

}  // namespace tilewright
