#pragma once

namespace tilewright::ops {

/// What a convolution reads outside the map.
enum class Padding {
    kZero,  ///< zero_in, the quantised zero
    kWrap,  ///< the opposite edge: the map is a torus
};

}  // namespace tilewright::ops
