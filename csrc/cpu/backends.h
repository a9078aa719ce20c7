#pragma once

#include <vector>

#include "core/backend.h"

namespace tilewright {

/// The CPU backends that this processor and its operating system can run, fastest first; the last is
/// "scalar".
const std::vector<const Backend*>& cpu_backends();

}  // namespace tilewright
