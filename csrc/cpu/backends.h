#pragma once

#include <vector>

#include "core/backend.h"

namespace tilewright {

/// Returns the CPU backends that the processor and the operating system support, fastest first; the last is
/// "scalar".
const std::vector<const Backend*>& cpu_backends();

}  // namespace tilewright
