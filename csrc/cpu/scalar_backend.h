#pragma once

#include "core/backend.h"

namespace tilewright {

/// The backend that runs everywhere: plain C++, no intrinsics.
const Backend& scalar_backend();

}  // namespace tilewright
