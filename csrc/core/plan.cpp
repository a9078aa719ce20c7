#include "core/plan.h"

namespace tilewright {

std::size_t Value::elements() const {
    std::size_t count = 1;
    for (const std::int64_t length : shape) {
        count *= static_cast<std::size_t>(length);
    }
    return count;
}

std::size_t Plan::latent_size() const {
    std::size_t size = 0;
    for (const Input& input : inputs) {
        size += input.source == Source::kLatents ? values[input.value].elements() : 0;
    }
    return size;
}

}  // namespace tilewright
