#pragma once

namespace tilewright::ops {

/// The values that a convolution reads outside the map.
enum class Padding {
    kZero,  ///< zero_in, the quantised zero
    kWrap,  ///< the opposite edge: circular padding
};

}  // namespace tilewright::ops
