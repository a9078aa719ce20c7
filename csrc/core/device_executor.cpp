#include "core/device_executor.h"

namespace tilewright {

std::int64_t DeviceArray::size() const {
    std::int64_t count = 1;
    for (const std::int64_t length : shape) {
        count *= length;
    }
    return count;
}

}  // namespace tilewright
