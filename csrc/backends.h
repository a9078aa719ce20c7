#pragma once

#include <string>
#include <vector>

#include "core/backend.h"

namespace tilewright {

/// The backends that run on this machine, fastest first.
const std::vector<const Backend*>& backends();

/// The backend called `name`; an empty name takes the first of backends(). Throws std::invalid_argument for
/// a name that is not in the list.
const Backend& choose_backend(const std::string& name);

}  // namespace tilewright
