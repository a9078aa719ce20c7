#include "core/plan.h"

#include <variant>

namespace tilewright {

std::size_t output_bytes(const Step& step) {
    std::size_t bytes = std::holds_alternative<ops::Scores>(step.op) ? sizeof(std::int32_t) : 1;
    for (const std::int64_t length : step.output.shape) {
        bytes *= static_cast<std::size_t>(length);
    }
    return bytes;
}

}  // namespace tilewright
