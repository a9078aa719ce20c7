#include "core/plan.h"

#include <algorithm>

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

const Input* Plan::find_input(Source source) const {
    const auto found = std::find_if(inputs.begin(), inputs.end(),
                                    [&](const Input& input) { return input.source == source; });
    return found == inputs.end() ? nullptr : &*found;
}

}  // namespace tilewright
