#pragma once

namespace tilewright::cuda {

/// True when this build holds machine code or PTX that the current device can run.
bool current_device_has_code();

}  // namespace tilewright::cuda
