#include "core/plan.h"

namespace tilewright {

std::size_t Value::elements() const {
    std::size_t count = 1;
    for (const std::int64_t length : shape) {
        count *= static_cast<std::size_t>(length);
    }
    return count;
}

bool Plan::is_indices(ValueId id) const {
    for (const Step& step : steps) {
        if (step.output == id) {
            return std::holds_alternative<ops::Argmax>(step.op) ||
                   std::holds_alternative<ops::Nearest>(step.op);
        }
        if (std::holds_alternative<ops::EmbedCells>(step.op) && step.inputs[0] == id) {
            return true;
        }
    }
    return sampler && id < given;
}

std::size_t Plan::latent_size() const {
    std::size_t size = 0;
    for (std::size_t id = 0; id < given && !sampler; ++id) {
        size += values[id].elements();
    }
    return size;
}

}  // namespace tilewright
